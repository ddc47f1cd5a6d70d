#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/text.h"
#include "scaler/policy/importer/pieces.h"
#include "scaler/policy/schedule/cron.h"

namespace scaler::policy::importer {
namespace {

using common::yaml::Value;
using document::Node;

constexpr int kDefaultCooldownSeconds = 300;
constexpr int kDefaultMaxReplicas = 100;
constexpr std::size_t kMostTriggers = 100;

std::string Seconds(int seconds) {
  return common::FormatDuration(std::chrono::seconds(std::max(seconds, 0)));
}

/// The time of the day (and of the week) of a cron expression that says no more than that.
struct Moment {
  int minute_of_day = 0;
  std::string days;  ///< Day, month, weekday, as written.
};

std::optional<Moment> ParseMoment(const std::string& cron) {
  if (!schedule::ParseCron(cron)) {
    return std::nullopt;
  }
  std::string_view rest = cron;
  const auto minute = common::ParseUnsigned(common::TakeWord(rest));
  const auto hour = common::ParseUnsigned(common::TakeWord(rest));
  if (!minute || !hour) {
    return std::nullopt;
  }
  Moment moment;
  moment.minute_of_day = static_cast<int>(*hour * 60 + *minute);
  for (auto word = common::TakeWord(rest); !word.empty(); word = common::TakeWord(rest)) {
    moment.days += " " + std::string(word);
  }
  return moment;
}

/// From `start` to `end` each day, or over midnight; nothing where it cannot be told.
std::optional<int> MinutesBetween(const std::string& start, const std::string& end) {
  const auto from = ParseMoment(start);
  const auto to = ParseMoment(end);
  if (!from || !to) {
    return std::nullopt;
  }
  const int minutes = to->minute_of_day - from->minute_of_day;
  const bool daily = from->days == " * * *" && to->days == " * * *";
  if (minutes > 0 && from->days == to->days) {
    return minutes;
  }
  return daily ? std::optional(minutes <= 0 ? minutes + 24 * 60 : minutes) : std::nullopt;
}

void ImportCron(const Value& trigger, const Value& metadata, Job& job) {
  const auto start = FindText(metadata, "start");
  const auto minutes = MinutesBetween(start, FindText(metadata, "end"));
  const auto desired = FindInt(metadata, "desiredReplicas");
  if (!minutes || !desired) {
    job.LeaveOut(trigger, "start and end must be on the same days, each at one time of the day");
    return;
  }
  Node schedule;
  schedule.Set("cron", start);
  if (const auto zone = FindText(metadata, "timezone"); !zone.empty()) {
    schedule.Set("timeZone", zone);
  }
  schedule.Set("for", common::FormatDuration(std::chrono::minutes(*minutes))).Set("min", *desired);
  Node schedules = job.spec.Find("schedules") == nullptr ? Node() : *job.spec.Find("schedules");
  const auto count = schedules.As<Node::Map>() == nullptr ? 0 : schedules.As<Node::Map>()->size();
  auto name = FindText(trigger, "name");
  schedules.Set(name.empty() ? fmt::format("cron-{}", count + 1) : name, std::move(schedule));
  job.spec.Set("schedules", std::move(schedules));
}

/// A name for the signal that no other has.
std::string NameFor(const Value& trigger, const Job& job) {
  auto name = FindText(trigger, "name");
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '/' || c == ':'; }, '-');
  const bool taken = name.empty() || job.signals.Find(name) != nullptr;
  for (int i = 1; taken; ++i) {
    auto numbered = fmt::format("prometheus-{}", i);
    if (job.signals.Find(numbered) == nullptr) {
      return numbered;
    }
  }
  return name;
}

void ImportPrometheus(const Value& trigger, const Value& metadata, Job& job) {
  const auto query = FindText(metadata, "query");
  const auto threshold = FindText(metadata, "threshold");
  const auto amount = common::ParseQuantity(threshold);
  if (query.empty() || !amount || *amount <= 0) {
    job.LeaveOut(trigger, "it has no query, or no threshold above 0");
    return;
  }
  const bool value = FindText(trigger, "metricType") == "Value";
  Node signal;
  signal.Set("prometheus", query).Set(value ? "value" : "perReplica", threshold);
  job.signals.Set(NameFor(trigger, job), std::move(signal));
  for (const auto* const key : {"activationThreshold", "authModes", "namespace", "customHeaders",
                                "ignoreNullValues", "queryParameters", "unsafeSsl"}) {
    if (const auto given = Find(metadata, key)) {
      job.LeaveOut(*given, "there is nothing like it");
    }
  }
  if (const auto server = Find(metadata, "serverAddress")) {
    job.LeaveOut(*server, "the scaler asks the Prometheus that it is configured with");
  }
}

void ImportUse(const std::string& type, const Value& trigger, const Value& metadata, Job& job) {
  auto how = FindText(trigger, "metricType");
  how = how.empty() ? FindText(metadata, "type") : how;
  const auto value = Find(metadata, "value");
  if (how != "Utilization" || !value) {
    job.LeaveOut(trigger,
                 "only the utilization of a resource can be aimed at, not an amount of it");
    return;
  }
  ImportUtilization(type, *value, job);
}

void ImportTrigger(const Value& trigger, Job& job) {
  const auto type = FindText(trigger, "type");
  const auto metadata = Find(trigger, "metadata");
  if (const auto reference = Find(trigger, "authenticationRef")) {
    job.LeaveOut(*reference, "credentials are the scaler's, not the policy's");
  }
  if (metadata && type == "cron") {
    ImportCron(trigger, *metadata, job);
  } else if (metadata && type == "prometheus") {
    ImportPrometheus(trigger, *metadata, job);
  } else if (metadata && (type == "cpu" || type == "memory")) {
    ImportUse(type, trigger, *metadata, job);
  } else {
    job.LeaveOut(trigger, fmt::format("a trigger '{}' is not known; put it into Prometheus and say "
                                      "it as {{prometheus: '...', perReplica: ...}}",
                                      type));
  }
}

void ImportFallback(const Value& fallback, Job& job) {
  if (const auto replicas = FindInt(fallback, "replicas"); replicas && *replicas > 0) {
    Node on_missing;
    on_missing.Set("fallback", *replicas);
    Node guards;
    job.spec.Set("guards", guards.Set("onMissing", std::move(on_missing)));
  }
  if (const auto failures = Find(fallback, "failureThreshold")) {
    job.LeaveOut(*failures, "guards.staleAfter says after which time input is missing");
  }
  if (const auto behavior = Find(fallback, "behavior")) {
    job.LeaveOut(*behavior, "a fallback is at least so many replicas");
  }
}

void ImportAdvanced(const Value& advanced, Job& job) {
  if (const auto config = Find(advanced, "horizontalPodAutoscalerConfig")) {
    if (const auto behavior = Find(*config, "behavior")) {
      ImportBehavior(*behavior, job);
    }
    LeaveOutOthers(*config, {"behavior"}, job);
  }
  LeaveOutOthers(advanced, {"horizontalPodAutoscalerConfig"}, job);
}

void ImportReplicas(const Value& spec, Job& job) {
  const int min = FindInt(spec, "minReplicaCount").value_or(0);
  const auto idle_count = FindInt(spec, "idleReplicaCount");
  const bool to_zero = min == 0 || idle_count == 0;
  Node replicas;
  replicas.Set("min", to_zero ? 0 : min)
      .Set("max", FindInt(spec, "maxReplicaCount").value_or(kDefaultMaxReplicas));
  job.spec.Set("replicas", std::move(replicas)).Set("profile", "hpa");
  if (to_zero) {
    Node idle;
    const int after = FindInt(spec, "cooldownPeriod").value_or(kDefaultCooldownSeconds);
    job.spec.Set("idle", idle.Set("after", Seconds(std::max(after, 1))));
  } else if (const auto cooldown = Find(spec, "cooldownPeriod")) {
    job.LeaveOut(*cooldown, "it is about going to zero, which this never does");
  }
  if (min > 0 && idle_count) {
    if (*idle_count == 0 && min > 1) {
      Node placement;
      job.spec.Set("placement", placement.Set("minReplicas", min));
    } else if (*idle_count > 0) {
      job.LeaveOut(*Find(spec, "idleReplicaCount"), "idle is no replica, or as many as min");
    }
  }
}

void ImportPause(const Value& object, Job& job) {
  const auto metadata = Find(object, "metadata");
  const auto annotations = metadata ? Find(*metadata, "annotations") : std::nullopt;
  if (!annotations) {
    return;
  }
  for (const auto& [key, value] : annotations->Entries()) {
    const bool paused = key == "autoscaling.keda.sh/paused" && value.ScalarText() != "false";
    const bool at = key == "autoscaling.keda.sh/paused-replicas";
    if (paused || at) {
      job.spec.Set("mode", "paused");
    }
    if (at) {
      job.LeaveOut(value, "a paused policy keeps the number that there is");
    }
  }
}

}  // namespace

bool ImportScaledObject(const Value& object, Job& job) {
  const auto spec = Find(object, "spec");
  if (!spec) {
    job.left_out->Add(object.At(), "spec", "is required, but missing");
    return false;
  }
  if (!ImportTarget(*spec, job)) {
    return false;
  }
  ImportReplicas(*spec, job);
  if (const auto triggers = Find(*spec, "triggers")) {
    if (triggers->List().size() > kMostTriggers) {
      job.left_out->Add(triggers->At(), triggers->Path(),
                        fmt::format("has more than {} triggers", kMostTriggers));
      return false;
    }
    for (const auto& trigger : triggers->List()) {
      ImportTrigger(trigger, job);
    }
  }
  if (job.signals.IsNull()) {
    job.left_out->Add(spec->At(), spec->Path(),
                      "leaves no signal; cpu: {utilization: 80%} is in force, HPA v2's default");
  }
  if (const auto fallback = Find(*spec, "fallback")) {
    ImportFallback(*fallback, job);
  }
  if (const auto advanced = Find(*spec, "advanced")) {
    ImportAdvanced(*advanced, job);
  }
  if (const auto polling = Find(*spec, "pollingInterval")) {
    job.LeaveOut(*polling, "signals come by themselves");
  }
  LeaveOutOthers(*spec,
                 {"scaleTargetRef", "minReplicaCount", "maxReplicaCount", "idleReplicaCount",
                  "cooldownPeriod", "triggers", "fallback", "advanced", "pollingInterval"},
                 job);
  ImportPause(object, job);
  return true;
}

}  // namespace scaler::policy::importer
