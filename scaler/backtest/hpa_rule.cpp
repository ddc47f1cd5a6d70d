#include "scaler/backtest/hpa_rule.h"

#include <algorithm>
#include <utility>

#include "scaler/backtest/pods.h"
#include "scaler/policy/profile.h"

namespace scaler::backtest {
namespace {

constexpr Duration kSyncPeriod = std::chrono::seconds(15);
constexpr Duration kKedaPollingInterval = std::chrono::seconds(30);

/// A pod's requests as if it asked for a tenth of what it carries: then the whole per cent to which
/// the HPA cuts CPU use, and nothing else, are a tenth of one.
constexpr double kCoresOfPod = 0.1;

}  // namespace

HpaRule::HpaRule(const World& world, const HpaOptions& options) : world_(world), options_(options) {
  policy_.name = "hpa";
  policy_.algorithm = policy::AlgorithmOf(policy::Profile::kHpa);
  policy_.behavior = policy::BehaviorOf(policy::Profile::kHpa);
  // Its looks are exactly 15 s apart here. One that is just as old as the window still counts, as
  // with a real one that comes a little late.
  policy_.behavior.scale_down.stabilization_window += Duration(1);
  policy_.replicas = {.min = options.min, .max = options.max};
  const double request = options.saturates ? 1 : kCoresOfPod;
  policy_.signals.cpu = engine::UtilizationSignal{options.utilization / request};
  policy_.guards = {.hold_in_crash_loop = false,
                    .ignore_unready_rollout = false,
                    .damp_flapping = false,
                    .blue_green = {}};
}

int HpaRule::Begin(double /*rate*/) { return options_.min; }

Answer HpaRule::Decide(const Look& look) {
  int replicas = look.desired;  // Also before anything was measured.
  // What it saw and decided at the end of the last step is acted on in this one.
  const auto decided_at = look.elapsed - world_.step;
  if (decided_at >= Duration{}) {
    if (const auto sleeping = Sleep(rate_before_, decided_at)) {
      replicas = *sleeping;
    } else if (decided_at % kSyncPeriod == Duration{} && look.elapsed >= world_.hpa_delay) {
      replicas = Sync(look);
    }
  }
  rate_before_ = look.rate_now;
  return {replicas, look.now + world_.step};
}

/// What KEDA makes of the requests at the door; empty: the HPA decides.
std::optional<int> HpaRule::Sleep(double rate, Duration now) {
  if (!options_.zero_after) {
    return std::nullopt;
  }
  if (rate > 0) {
    last_request_ = now;
  }
  if (!asleep_ && now - last_request_ >= *options_.zero_after) {
    asleep_ = true;
    return 0;
  }
  if (asleep_ && rate > 0 && now % kKedaPollingInterval == Duration{}) {
    asleep_ = false;
    return options_.min;
  }
  return asleep_ ? std::optional(0) : std::nullopt;
}

int HpaRule::Sync(const Look& look) {
  const double carried = look.ready_then * world_.capacity_per_replica;
  const double load = carried > 0 ? look.rate / carried : 0;
  const double request = options_.saturates ? 1 : kCoresOfPod;
  observation_.now = look.now;
  observation_.desired_replicas = look.desired;
  observation_.ready_replicas = look.ready;
  DescribePods(look.ready, look.unready, options_.saturates ? std::min(load, 1.0) : load, request,
               look.now, observation_.pods);
  auto step = engine::Decide(policy_, std::move(state_), observation_);
  state_ = std::move(step.state);
  return step.decision.desired;
}

}  // namespace scaler::backtest
