// What holds for every policy, state and observation.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "scaler/engine/decide.h"

namespace scaler::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Sums of a few of these are exact in any order.
double Sixteenths(int most) { return *rc::gen::inRange(0, most * 16) / 16.0; }

ScalingRules AnyRules() {
  ScalingRules rules;
  rules.stabilization_window = seconds(*rc::gen::inRange(0, 120));
  rules.select = *rc::gen::element(SelectPolicy::kMax, SelectPolicy::kMin, SelectPolicy::kDisabled);
  const int limits = *rc::gen::inRange(0, 3);
  for (int i = 0; i < limits; ++i) {
    rules.limits.push_back({*rc::gen::element(RateLimit::Kind::kPods, RateLimit::Kind::kPercent),
                            *rc::gen::inRange(1, 200), seconds(*rc::gen::inRange(1, 60))});
  }
  return rules;
}

Policy AnyPolicy() {
  Policy policy;
  policy.name = "local/shops";
  const bool to_zero = *rc::gen::arbitrary<bool>();
  policy.replicas.min = to_zero ? 0 : *rc::gen::inRange(1, 5);
  policy.replicas.max = policy.replicas.min + *rc::gen::inRange(1, 50);
  policy.algorithm = *rc::gen::element(Algorithm::kObjective, Algorithm::kHpa);
  policy.objective.overload = *rc::gen::element(0.0001, 0.001, 0.05, 1.0);
  policy.signals.requests = RequestsSignal{Sixteenths(40) + 1};
  if (*rc::gen::arbitrary<bool>()) {
    policy.signals.cpu = UtilizationSignal{0.5};
  }
  if (*rc::gen::arbitrary<bool>()) {
    policy.signals.queued = CountSignal{4};
  }
  if (to_zero && policy.algorithm == Algorithm::kObjective) {
    policy.idle = Idle{seconds(*rc::gen::inRange(1, 100)), *rc::gen::arbitrary<bool>()};
  }
  policy.behavior = {AnyRules(), AnyRules()};
  if (*rc::gen::arbitrary<bool>()) {
    policy.guards.on_missing = Guards::OnMissing::kFallback;
    policy.guards.fallback_replicas = *rc::gen::inRange(0, 100);
  }
  policy.placement.min_nodes = *rc::gen::inRange(1, 4);
  return policy;
}

Pod AnyPod(Time now, int number) {
  Pod pod;
  pod.name = "shop-" + std::to_string(number);
  pod.phase = *rc::gen::element(Pod::Phase::kPending, Pod::Phase::kRunning, Pod::Phase::kFailed);
  pod.ready = pod.phase == Pod::Phase::kRunning && *rc::gen::arbitrary<bool>();
  pod.terminating = *rc::gen::inRange(0, 8) == 0;
  pod.owned = *rc::gen::inRange(0, 8) != 0;
  pod.waits_for_restart = !pod.ready && *rc::gen::arbitrary<bool>();
  pod.started = now - seconds(*rc::gen::inRange(0, 1000));
  pod.ready_changed = *pod.started + seconds(*rc::gen::inRange(0, 20));
  pod.revision = *rc::gen::element<std::string>("1", "2");
  pod.cpu_request_cores = 0.5;
  if (*rc::gen::inRange(0, 4) != 0) {
    pod.cpu_cores = Sampled<double>{Sixteenths(2), now - seconds(*rc::gen::inRange(0, 40))};
  }
  return pod;
}

Observation AnyObservation(Time now, int desired) {
  Observation observation;
  observation.now = now;
  observation.desired_replicas = desired;
  const int pods = *rc::gen::inRange(0, 6);
  for (int i = 0; i < pods; ++i) {
    observation.pods.push_back(AnyPod(now, i));
    observation.ready_replicas += observation.pods.back().ready ? 1 : 0;
  }
  if (*rc::gen::inRange(0, 8) != 0) {
    observation.demand =
        Sampled<Demand>{{Sixteenths(500) * *rc::gen::inRange(0, 2), Sixteenths(10), Sixteenths(4)},
                        now - milliseconds(*rc::gen::inRange(0, 40'000))};
  }
  observation.lead.replica = seconds(*rc::gen::inRange(0, 60));
  return observation;
}

/// A policy, and where some steps of its life have led.
struct Life {
  Policy policy;
  State state;
  Observation next;
};

Life AnyLife() {
  Life life{.policy = AnyPolicy(), .state = {}, .next = {}};
  Time now(seconds(1'700'000'000));
  int desired = *rc::gen::inRange(0, 10);
  const int steps = *rc::gen::inRange(0, 12);
  for (int i = 0; i < steps; ++i) {
    now += milliseconds(*rc::gen::inRange(1, 30'000));
    auto step = Decide(life.policy, std::move(life.state), AnyObservation(now, desired));
    life.state = std::move(step.state);
    desired = step.decision.desired;
  }
  life.next = AnyObservation(now + milliseconds(*rc::gen::inRange(1, 30'000)), desired);
  return life;
}

RC_GTEST_PROP(Engine, StaysWithinTheBounds, ()) {
  const auto life = AnyLife();
  const auto decision = Decide(life.policy, life.state, life.next).decision;
  if (decision.outcome != Outcome::kHeld) {
    RC_ASSERT(decision.desired <= life.policy.replicas.max);
    RC_ASSERT(decision.desired >= life.policy.replicas.min);
  }
  RC_ASSERT(decision.desired >= 0);
}

RC_GTEST_PROP(Engine, MoreDemandNeverMeansFewerReplicas, ()) {
  auto life = AnyLife();
  RC_PRE(life.next.demand.has_value());
  const auto less = Decide(life.policy, life.state, life.next).decision;
  life.next.demand->value.arrivals_per_second += Sixteenths(100);
  const auto more = Decide(life.policy, life.state, life.next).decision;
  RC_ASSERT(more.desired >= less.desired);
}

RC_GTEST_PROP(Engine, TheOrderOfPodsDoesNotMatter, ()) {
  auto life = AnyLife();
  const auto one = Decide(life.policy, life.state, life.next);
  std::reverse(life.next.pods.begin(), life.next.pods.end());
  const auto other = Decide(life.policy, life.state, life.next);
  RC_ASSERT(one.decision == other.decision);
  RC_ASSERT(one.state == other.state);
}

/// The same life, lived `later`.
Decision Decades(Life life, Duration later) {
  for (auto& pod : life.next.pods) {
    for (auto* time : {&pod.started, &pod.ready_changed}) {
      *time = **time + later;
    }
    if (pod.cpu_cores) {
      pod.cpu_cores->at += later;
    }
  }
  if (life.next.demand) {
    life.next.demand->at += later;
  }
  life.next.now += later;
  auto decision = Decide(life.policy, {}, life.next).decision;
  decision.at -= later;
  return decision;
}

RC_GTEST_PROP(Engine, DoesNotDependOnTheDate, ()) {
  const auto life = AnyLife();
  const auto later = std::chrono::hours(24 * 365 * *rc::gen::inRange(-40, 200)) +
                     milliseconds(*rc::gen::inRange(0, 86'400'000));
  RC_ASSERT(Decades(life, Duration(0)) == Decades(life, later));
}

RC_GTEST_PROP(Engine, TheSameArgumentsGiveTheSameStep, ()) {
  const auto life = AnyLife();
  const auto one = Decide(life.policy, life.state, life.next);
  const auto other = Decide(life.policy, life.state, life.next);
  RC_ASSERT(one.decision == other.decision);
  RC_ASSERT(one.state == other.state);
}

}  // namespace
}  // namespace scaler::engine
