#include "bench/lines.h"

#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace bench {

using namespace scaler;
using std::chrono::seconds;

engine::Policy ShopPolicy() {
  engine::Policy policy;
  policy.name = "local/shops";
  policy.replicas = {.min = 0, .max = 20};
  policy.signals.requests = engine::RequestsSignal{20};
  policy.signals.cpu = engine::UtilizationSignal{0.7};
  policy.idle = engine::Idle{seconds(60)};
  policy.behavior.scale_down.stabilization_window = seconds(60);
  policy.behavior.scale_up.limits = {
      {engine::RateLimit::Kind::kPods, 4, seconds(15)},
      {engine::RateLimit::Kind::kPercent, 100, seconds(15)},
  };
  return policy;
}

engine::Observation Observe(engine::Time now, int replicas, bool pods) {
  const double minutes = std::chrono::duration<double, std::ratio<60>>(now - kStart).count();
  const double load = 1 + std::sin(minutes / 10 * 2 * std::numbers::pi);
  engine::Observation observation;
  observation.now = now;
  observation.desired_replicas = replicas;
  observation.ready_replicas = replicas;
  observation.demand = engine::Sampled<engine::Demand>{{150 * load, 3 * load, load}, now};
  const int listed = pods ? replicas : 0;
  observation.pods.reserve(static_cast<std::size_t>(listed));
  for (int number = 1; number <= listed; ++number) {
    engine::Pod pod;
    pod.name = "shop-01-" + std::to_string(number);
    pod.ready = true;
    pod.cpu_request_cores = 0.1;
    pod.cpu_cores = engine::Sampled<double>{load / replicas, now};
    observation.pods.push_back(std::move(pod));
  }
  return observation;
}

codec::Line ExampleLine() {
  const auto policy = ShopPolicy();
  engine::State state;
  int replicas = 1;
  for (auto now = kStart; now < kStart + seconds(90); now += seconds(1)) {
    auto step = engine::Decide(policy, state, Observe(now, replicas));
    state = std::move(step.state);
    replicas = step.decision.desired;
  }
  const auto observation = Observe(kStart + seconds(90), replicas);
  auto decision = engine::Decide(policy, state, observation).decision;
  return {"local/shop-01", policy, std::move(state), observation, std::move(decision)};
}

}  // namespace bench
