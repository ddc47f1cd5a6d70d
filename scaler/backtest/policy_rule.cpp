#include "scaler/backtest/policy_rule.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "scaler/backtest/pods.h"
#include "scaler/engine/seasons.h"
#include "scaler/policy/scheduled.h"

namespace scaler::backtest {
namespace {

using common::Fail;

constexpr Duration kScheduleAhead = std::chrono::hours(24);

/// A replica that is used to the full uses what it requests.
constexpr double kCoresOfPod = 1;

/// Whatever the engine remembers of time has passed by then, if nothing of it has changed for so
/// long beyond the windows of the policy; see MayRest.
constexpr Duration kRestsAfter = std::chrono::minutes(15);

/// How far it is looked ahead at a time for demand that the seasons announce.
constexpr Duration kLookAhead = std::chrono::minutes(30);

/// The longest of the windows and of the periods of rate limits.
Duration LongestWindow(const engine::Behavior& behavior) {
  Duration longest{};
  for (const auto* rules : {&behavior.scale_up, &behavior.scale_down}) {
    longest = std::max(longest, rules->stabilization_window);
    for (const auto& limit : rules->limits) {
      longest = std::max(longest, limit.period);
    }
  }
  return longest;
}

/// Once: the overrides of a policy repeat what it says.
void LeaveOut(std::vector<std::string>& notes, const std::string& policy, const std::string& what) {
  auto note = policy + ": " + what;
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) {
    notes.push_back(std::move(note));
  }
}

}  // namespace

common::Result<engine::Policy> Playable(engine::Policy policy, std::vector<std::string>& notes) {
  auto& signals = policy.signals;
  const auto drop = [&](auto& signal, const char* name) {
    if (signal) {
      signal.reset();
      LeaveOut(notes, policy.name,
               std::string("the history says nothing of ") + name + "; the signal is left out");
    }
  };
  drop(signals.in_flight, "requests in flight");
  drop(signals.queued, "queued requests");
  drop(signals.memory, "memory");
  drop(signals.latency, "latency");
  for (const auto& external : signals.external) {
    LeaveOut(notes, policy.name,
             "the history says nothing of " + external.name + "; the signal is left out");
  }
  signals.external.clear();
  if (policy.guards.blue_green) {
    policy.guards.blue_green.reset();
    LeaveOut(notes, policy.name, "blue-green switches are not played");
  }
  if (policy.mode != engine::Mode::kActive) {
    policy.mode = engine::Mode::kActive;
    LeaveOut(notes, policy.name, "is paused or a dry run; it is played as if it were active");
  }
  if (!signals.requests && !signals.cpu) {
    return Fail(std::errc::invalid_argument,
                policy.name +
                    ": no signal is left that a history of requests can play; it needs "
                    "requests or cpu");
  }
  return policy;
}

common::Result<policy::ScalingPolicy> PlayableDocument(policy::ScalingPolicy document,
                                                       std::vector<std::string>& notes) {
  auto terms = Playable(std::move(document.terms.policy), notes);
  if (!terms) {
    return tl::make_unexpected(terms.error());
  }
  document.terms.policy = std::move(*terms);
  for (auto& one : document.overrides) {
    auto made = Playable(std::move(one.terms.policy), notes);
    if (!made) {
      return tl::make_unexpected(made.error());
    }
    one.terms.policy = std::move(*made);
  }
  return document;
}

const policy::Terms& TermsFor(const policy::ScalingPolicy& document, const policy::Labels& labels) {
  const auto found = std::find_if(document.overrides.begin(), document.overrides.end(),
                                  [&](const auto& one) { return one.selector.Matches(labels); });
  return found == document.overrides.end() ? document.terms : found->terms;
}

PolicyRule::PolicyRule(const World& world, engine::Policy playable,
                       std::vector<policy::BoundsSchedule> schedules)
    : world_(world),
      policy_(std::move(playable)),
      schedules_(std::move(schedules)),
      describes_pods_(policy_.signals.cpu || !policy_.signals.requests ||
                      !policy_.signals.requests->per_replica_per_second) {
  longest_window_ = LongestWindow(policy_.behavior);
  observation_.lead.replica = world.pod_start;
  if (world.nodes) {
    observation_.lead.node = world.node_start + world.pod_start;
  }
}

int PolicyRule::Begin(double rate) {
  const auto& requests = policy_.signals.requests;
  const double carries = requests && requests->per_replica_per_second
                             ? *requests->per_replica_per_second
                             : world_.capacity_per_replica;
  const double need = std::ceil(rate / carries - 1e-9);
  const int least = policy_.idle ? policy_.replicas.min : std::max(policy_.replicas.min, 1);
  return static_cast<int>(std::clamp<double>(need, least, std::max(least, policy_.replicas.max)));
}

Answer PolicyRule::Decide(const Look& look) {
  Observe(look);
  observation_.group.reset();
  if (keeps_before_) {
    before_ = state_;
  }
  auto answer = Ask(std::move(state_));
  answer.steady_until = SteadyUntil(look);
  return answer;
}

/// Nobody asks, nothing runs, and nothing but time and demand could change that.
bool PolicyRule::MayRest(const Look& look) const {
  const bool empty = look.rate == 0 && look.rate_now == 0 && look.desired == 0 && look.ready == 0 &&
                     look.unready == 0 && last_.desired == 0;
  return empty && schedules_.empty() && policy_.schedule.empty() && !describes_pods_ &&
         !keeps_before_ && !(policy_.idle && policy_.idle->keep_warm);
}

/// A step, while anything moves. Once nothing of what the engine remembers has changed for longer
/// than it looks back, only demand changes what it says, and what the seasons announce of that.
Time PolicyRule::SteadyUntil(const Look& look) {
  const auto next = look.now + world_.step;
  if (!MayRest(look)) {
    rests_at_.reset();
    return next;
  }
  if (!rests_at_ || state_ != rested_) {
    rested_ = state_;
    rests_at_ = look.now;
    return next;
  }
  if (look.now - *rests_at_ < kRestsAfter + longest_window_) {
    return next;
  }
  if (!state_.demand || state_.demand->seasons.empty()) {
    return Time::max();
  }
  const auto lead = last_.headroom ? last_.headroom->lead : Duration{};
  auto until = next;
  for (; until < look.now + kLookAhead; until += world_.step) {
    const auto forecasts =
        engine::ForecastSeasons(state_.demand->seasons, until - world_.metric_delay, 0, lead);
    if (std::any_of(forecasts.begin(), forecasts.end(),
                    [](double forecast) { return forecast > 0; })) {
      break;
    }
  }
  return until;
}

Answer PolicyRule::DecideWithin(const Look& look, const engine::GroupShare& share) {
  Observe(look);
  observation_.group = share;
  return Ask(before_);  // Another group may leave even less.
}

Answer PolicyRule::Ask(engine::State state) {
  auto step = engine::Decide(policy_, std::move(state), observation_);
  state_ = std::move(step.state);
  last_ = std::move(step.decision);
  return {last_.desired, observation_.now + world_.step};
}

void PolicyRule::Observe(const Look& look) {
  TakeSchedule(look.now);
  observation_.now = look.now;
  observation_.desired_replicas = look.desired;
  observation_.ready_replicas = look.ready;
  observation_.demand = engine::Sampled<engine::Demand>{{look.rate, 0, 0}, look.seen};
  observation_.lead.room = look.room;
  if (describes_pods_) {
    const double carried = look.ready_then * world_.capacity_per_replica;
    const double use = carried > 0 ? std::min(1.0, look.rate / carried) * kCoresOfPod : 0;
    DescribePods(look.ready, look.unready, use, kCoresOfPod, look.now, observation_.pods);
  }
}

/// The intervals of a day at a time: a policy with those of a year would be slow to decide by.
void PolicyRule::TakeSchedule(Time now) {
  if (schedules_.empty() || now < scheduled_until_) {
    return;
  }
  scheduled_until_ = now + kScheduleAhead;
  policy_.schedule = policy::Intervals(schedules_, now, scheduled_until_ + kScheduleAhead);
}

}  // namespace scaler::backtest
