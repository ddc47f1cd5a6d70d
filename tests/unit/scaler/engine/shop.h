#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>

#include "scaler/engine/decide.h"

namespace scaler::engine {

/// A shop that carries 20 requests/s a replica, and time that a test moves on by hand.
class Shop {
 public:
  Policy policy;
  State state;
  Observation observation;
  Decision last;

  Shop() {
    policy.name = "local/shops";
    policy.replicas = {.min = 0, .max = 12};
    policy.signals.requests = RequestsSignal{20};
    policy.objective.overload = 1;  // No headroom: the numbers of the tests are the need itself.
    policy.idle = Idle{std::chrono::seconds(10)};
    policy.behavior.scale_down.stabilization_window = std::chrono::seconds(30);
    observation.now = Time(std::chrono::seconds(1'000'000));
  }

  /// Lets `time` pass, sees `rate` requests/s, decides, and applies what was decided.
  int See(double rate, std::chrono::seconds time = std::chrono::seconds(1)) {
    observation.now += time;
    observation.demand = Sampled<Demand>{{rate, 0, 0}, observation.now};
    return Decide();
  }

  int SeeNothing(std::chrono::seconds time = std::chrono::seconds(1)) {
    observation.now += time;
    return Decide();
  }

  int Decide() {
    auto step = engine::Decide(policy, state, observation);
    state = std::move(step.state);
    last = std::move(step.decision);
    if (last.outcome == Outcome::kScaled) {
      observation.desired_replicas = last.desired;
      observation.ready_replicas = last.desired;
    }
    return last.desired;
  }

  void UseCpu(double cores_used, int replicas) {
    observation.pods.clear();
    for (int i = 0; i < replicas; ++i) {
      AddPod(cores_used / replicas);
    }
    observation.ready_replicas = replicas;
  }

  /// A ready pod that requests 0.1 cores and has a limit of 500 MiB.
  Pod& AddPod(double cores_used) {
    Pod pod;
    pod.name = "shop-" + std::to_string(observation.pods.size());
    pod.ready = true;
    pod.started = observation.now - std::chrono::hours(1);
    pod.ready_changed = pod.started;
    pod.revision = "1";
    pod.cpu_request_cores = 0.1;
    pod.memory_limit_bytes = 500.0 * (1 << 20);
    pod.cpu_cores = Sampled<double>{cores_used, observation.now};
    observation.pods.push_back(std::move(pod));
    return observation.pods.back();
  }
};

auto Rules(auto... rules) {
  return ::testing::ElementsAre(::testing::Field(&Clamp::rule, rules)...);
}

}  // namespace scaler::engine
