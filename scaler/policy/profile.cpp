#include "scaler/policy/profile.h"

namespace scaler::policy {
namespace {

using engine::RateLimit;
using engine::SelectPolicy;
using namespace std::chrono_literals;

/// What autoscaling/v1 takes where nothing is given.
constexpr double kHpaCpuUtilization = 0.8;

RateLimit PercentEach15s(int percent) {
  return {.kind = RateLimit::Kind::kPercent, .value = percent, .period = 15s};
}

}  // namespace

engine::Behavior FastBehavior() {
  return {
      .scale_up = {.stabilization_window = 0s, .select = SelectPolicy::kMax, .limits = {}},
      .scale_down = {.stabilization_window = 30s,
                     .select = SelectPolicy::kMax,
                     .limits = {PercentEach15s(100)}},
  };
}

engine::Behavior SteadyBehavior() {
  const RateLimit four_pods{.kind = RateLimit::Kind::kPods, .value = 4, .period = 15s};
  return {
      .scale_up = {.stabilization_window = 0s,
                   .select = SelectPolicy::kMax,
                   .limits = {PercentEach15s(100), four_pods}},
      .scale_down = {.stabilization_window = 300s,
                     .select = SelectPolicy::kMax,
                     .limits = {PercentEach15s(100)}},
  };
}

engine::Behavior BehaviorOf(Profile profile) {
  return profile == Profile::kFast ? FastBehavior() : SteadyBehavior();
}

engine::Algorithm AlgorithmOf(Profile profile) {
  return profile == Profile::kHpa ? engine::Algorithm::kHpa : engine::Algorithm::kObjective;
}

bool GuardsByDefault(Profile profile) { return profile != Profile::kHpa; }

void AddDefaultSignal(Profile profile, engine::Signals& signals) {
  if (signals.requests || signals.in_flight || signals.queued || signals.cpu || signals.memory ||
      !signals.external.empty()) {
    return;
  }
  if (profile == Profile::kHpa) {
    signals.cpu = engine::UtilizationSignal{kHpaCpuUtilization};
  } else {
    signals.requests = engine::RequestsSignal{};
  }
}

}  // namespace scaler::policy
