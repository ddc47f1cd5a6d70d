#include <fmt/format.h>

#include <optional>
#include <vector>

#include "differential/hpa_cases.h"
#include "scaler/engine/hpa_calculator.h"

namespace differential {
namespace {

using namespace scaler::engine;
namespace json = boost::json;

/// As in the Go program.
enum PodColumn { kPhase, kReady, kTerminating, kStarted, kChanged, kRequest, kUse, kSampled };

const Time kNow{std::chrono::hours(24 * 365 * 30)};

std::optional<std::int64_t> Cell(const json::array& row, PodColumn column) {
  const auto& cell = row.at(column);
  return cell.is_null() ? std::nullopt : std::optional(cell.to_number<std::int64_t>());
}

std::optional<Time> Ago(const json::array& row, PodColumn column) {
  const auto cell = Cell(row, column);
  return cell ? std::optional(kNow - Duration(*cell)) : std::nullopt;
}

Pod PodFrom(const json::array& row, bool is_cpu) {
  Pod pod;
  pod.phase = static_cast<Pod::Phase>(*Cell(row, kPhase));
  pod.terminating = Cell(row, kTerminating) == 1;
  pod.started = Ago(row, kStarted);
  pod.ready_changed = Ago(row, kChanged);
  pod.ready = Cell(row, kReady) == 1 && pod.ready_changed;  // It is that condition.
  const double request = static_cast<double>(Cell(row, kRequest).value_or(0)) / 1000;
  (is_cpu ? pod.cpu_request_cores : pod.memory_request_bytes) = request;
  if (const auto use = Cell(row, kUse)) {
    (is_cpu ? pod.cpu_cores : pod.memory_bytes) =
        Sampled<double>{static_cast<double>(*use) / 1000, *Ago(row, kSampled)};
  }
  return pod;
}

HpaSettings SettingsFrom(const json::object& json) {
  if (!json.contains("settings")) {
    return {};
  }
  const auto& settings = json.at("settings").as_array();
  const auto number = [&](std::size_t i) { return settings.at(i).to_number<double>(); };
  const auto duration = [&](std::size_t i) {
    return Duration(static_cast<Duration::rep>(number(i)));
  };
  return {.cpu_initialization = duration(0),
          .initial_readiness_delay = duration(1),
          .metric_window = duration(2),
          .tolerance_up = number(3),
          .tolerance_down = number(4)};
}

HpaAnswer Ask(const json::object& json, const HpaSettings& settings, const HpaPods& pods) {
  const std::string_view kind = json.at("kind").as_string();
  const int current = json.at("current").to_number<int>();
  const int existing = json.at("existing").to_number<int>();
  const auto target = json.at("target").to_number<std::int64_t>();
  const auto value = json.at("value").to_number<std::int64_t>();
  if (kind == "cpu") {
    return HpaUtilization(settings, pods, HpaResource::kCpu, current, static_cast<int>(target));
  }
  if (kind == "memory") {
    return HpaUtilization(settings, pods, HpaResource::kMemory, current, static_cast<int>(target));
  }
  if (kind == "cpu_average") {
    return HpaAverageUsage(settings, pods, HpaResource::kCpu, current, target);
  }
  if (kind == "pods") {
    return HpaAverageUsage(settings, pods, HpaResource::kMemory, current, target);
  }
  if (kind == "external_value" || kind == "object_value") {
    return HpaValue(settings, current, HpaReadyPods(pods), value, target);
  }
  return HpaAverageValue(settings, existing, value, target);
}

}  // namespace

std::string CompareCalculation(const json::object& json) {
  const std::string_view kind = json.at("kind").as_string();
  std::vector<Pod> pods;
  if (const auto* rows = json.if_contains("pods")) {
    for (const auto& row : rows->as_array()) {
      pods.push_back(PodFrom(row.as_array(), kind == "cpu" || kind == "cpu_average"));
    }
  }
  const auto settings = SettingsFrom(json);
  const auto answer = Ask(json, settings, {.pods = pods, .now = kNow});
  if (json.at("replicas").is_null()) {
    return answer.replicas ? fmt::format("{} replicas instead of an error", *answer.replicas) : "";
  }
  const int replicas = json.at("replicas").to_number<int>();
  const auto usage = json.at("usage").to_number<std::int64_t>();
  if (!answer.replicas) {
    return fmt::format("an error ({}) instead of {} replicas", answer.error, replicas);
  }
  if (answer.replicas != replicas) {
    return fmt::format("{} replicas instead of {}", *answer.replicas, replicas);
  }
  // From no replicas, there is no average.
  const bool has_usage = json.at("existing").to_number<int>() > 0 || !kind.ends_with("_average");
  return has_usage && answer.usage != usage
             ? fmt::format("a use of {} instead of {}", answer.usage, usage)
             : "";
}

}  // namespace differential
