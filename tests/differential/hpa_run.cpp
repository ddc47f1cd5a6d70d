#include <fmt/format.h>

#include <optional>
#include <utility>

#include "differential/hpa_cases.h"
#include "scaler/engine/decide.h"
#include "scaler/engine/hpa.h"

namespace differential {
namespace {

using namespace scaler::engine;
namespace json = boost::json;

/// As in the Go program: the columns of a step, before those of the metrics.
enum StepColumn { kAfter, kSet, kReadyReplicas, kReplicas, kValues };

constexpr double kCpuRequest = 0.2;

ScalingRules RulesFrom(const json::object& json) {
  ScalingRules rules;
  rules.stabilization_window = std::chrono::seconds(json.at("window").to_number<int>());
  const std::string_view select = json.at("select").as_string();
  rules.select = select == "Max"   ? SelectPolicy::kMax
                 : select == "Min" ? SelectPolicy::kMin
                                   : SelectPolicy::kDisabled;
  for (const auto& limit : json.at("limits").as_array()) {
    const auto number = [&](std::size_t i) { return limit.at(i).to_number<int>(); };
    rules.limits.push_back({.kind = static_cast<RateLimit::Kind>(number(0)),
                            .value = number(1),
                            .period = std::chrono::seconds(number(2))});
  }
  return rules;
}

Policy PolicyFrom(const json::object& json) {
  Policy policy;
  policy.algorithm = Algorithm::kHpa;
  policy.replicas = {.min = json.at("min").to_number<int>(),
                     .max = json.at("max").to_number<int>()};
  policy.tolerance = json.at("tolerance").to_number<double>();
  // What the HPA does not have.
  policy.guards = {.hold_in_crash_loop = false,
                   .ignore_unready_rollout = false,
                   .damp_flapping = false,
                   .blue_green = {}};
  if (const auto* behavior = json.at("behavior").if_object()) {
    policy.behavior = {.scale_up = RulesFrom(behavior->at("up").as_object()),
                       .scale_down = RulesFrom(behavior->at("down").as_object())};
  }
  for (const auto& metric : json.at("metrics").as_array()) {
    const auto target = metric.at("target").to_number<double>();
    const std::string_view kind = metric.at("kind").as_string();
    if (kind == "cpu") {
      policy.signals.cpu = UtilizationSignal{target / 100};
      continue;
    }
    policy.signals.external.push_back(
        {.name = fmt::format("{}", policy.signals.external.size()),
         .kind = kind == "value" ? ExternalSignal::Kind::kValue : ExternalSignal::Kind::kPerReplica,
         .target = target / 1000,
         .query = {}});
  }
  return policy;
}

std::vector<Pod> Pods(int replicas, int ready, std::optional<double> cores, Time now) {
  std::vector<Pod> pods(static_cast<std::size_t>(replicas));
  for (auto& pod : pods) {
    pod.started = now - std::chrono::hours(1);
    pod.ready_changed = now - std::chrono::minutes(30);
    pod.cpu_request_cores = kCpuRequest;
    pod.ready = &pod - pods.data() < ready;
    pod.phase = pod.ready ? Pod::Phase::kRunning : Pod::Phase::kPending;
    if (pod.ready && cores) {
      pod.cpu_cores = Sampled<double>{*cores, now};
    }
  }
  return pods;
}

/// The world at one step: the replicas follow what was asked for at once.
void Observe(const json::object& run, const json::array& step, Observation& observation) {
  observation.now += Duration(step.at(kAfter).to_number<Duration::rep>());
  if (!step.at(kSet).is_null()) {
    observation.desired_replicas = step.at(kSet).to_number<int>();
  }
  observation.ready_replicas = step.at(kReadyReplicas).to_number<int>();
  observation.external.clear();
  std::optional<double> cores;
  const auto& metrics = run.at("metrics").as_array();
  int external = 0;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto& value = step.at(kValues + i);
    const bool is_cpu = metrics[i].at("kind").as_string() == "cpu";
    const auto name = fmt::format("{}", is_cpu ? 0 : external++);
    if (value.is_null()) {
      continue;
    }
    const double amount = value.to_number<double>() / 1000;
    if (is_cpu) {
      cores = amount;
    } else {
      observation.external.push_back({name, {amount, observation.now}});
    }
  }
  observation.pods =
      Pods(observation.desired_replicas, observation.ready_replicas, cores, observation.now);
}

int NextReplicas(const json::object& run, const Policy& policy, const Observation& observation,
                 State& state) {
  if (run.at("behavior").is_null()) {
    return HpaShadow(policy, observation, state).value_or(observation.desired_replicas);
  }
  auto step = Decide(policy, std::move(state), observation);
  state = std::move(step.state);
  return step.decision.desired;
}

}  // namespace

std::string CompareRun(const json::object& json) {
  const auto policy = PolicyFrom(json);
  State state;
  Observation observation;
  observation.now = Time(std::chrono::hours(24 * 365 * 30));
  observation.desired_replicas = json.at("replicas").to_number<int>();
  int number = 0;
  for (const auto& step : json.at("steps").as_array()) {
    Observe(json, step.as_array(), observation);
    const int replicas = NextReplicas(json, policy, observation, state);
    const int expected = step.at(kReplicas).to_number<int>();
    if (replicas != expected) {
      return fmt::format("{} replicas instead of {} in step {}", replicas, expected, number);
    }
    observation.desired_replicas = replicas;
    ++number;
  }
  return {};
}

}  // namespace differential
