#include <fmt/format.h>

#include <utility>

#include "scaler/policy/importer/pieces.h"

namespace scaler::policy::importer {
namespace {

using common::yaml::Value;
using document::Node;

void ImportResource(const Value& metric, const Value& resource, Job& job) {
  const auto target = Find(resource, "target");
  const auto percent = target ? Find(*target, "averageUtilization") : std::nullopt;
  if (!percent) {
    job.LeaveOut(metric, "only the utilization of a resource can be aimed at, not an amount of it");
    return;
  }
  ImportUtilization(FindText(resource, "name"), *percent, job);
}

/// Why a metric of this type has no place here; the query that it means is not written anywhere.
std::string WhyNot(const std::string& type) {
  if (type == "ContainerResource") {
    return "the use of one container by itself is not observed; cpu and memory are the replica's";
  }
  if (type == "Pods" || type == "Object" || type == "External") {
    return "it is known to an adapter only; say it as {prometheus: '...', perReplica: ...}";
  }
  return fmt::format("the type '{}' is not known", type);
}

void ImportMetrics(const Value& metrics, Job& job) {
  for (const auto& metric : metrics.List()) {
    const auto type = FindText(metric, "type");
    const auto resource = Find(metric, "resource");
    if (type == "Resource" && resource) {
      ImportResource(metric, *resource, job);
    } else {
      job.LeaveOut(metric, WhyNot(type));
    }
  }
}

}  // namespace

bool ImportHpa(const Value& object, bool v1, Job& job) {
  const auto spec = Find(object, "spec");
  if (!spec) {
    job.left_out->Add(object.At(), "spec", "is required, but missing");
    return false;
  }
  if (!ImportTarget(*spec, job)) {
    return false;
  }
  const int min = FindInt(*spec, "minReplicas").value_or(1);
  Node replicas;
  replicas.Set("min", min).Set("max", FindInt(*spec, "maxReplicas").value_or(0));
  job.spec.Set("replicas", std::move(replicas)).Set("profile", "hpa");
  if (min == 0) {
    // The HPA goes to zero when its external metric is; ours when nothing was asked.
    Node idle;
    job.spec.Set("idle", idle.Set("after", "5m"));
    job.LeaveOut(*Find(*spec, "minReplicas"),
                 "0 replicas follow when nothing has come for 5m, not a metric");
  }
  if (v1) {
    if (const auto percent = Find(*spec, "targetCPUUtilizationPercentage")) {
      ImportUtilization("cpu", *percent, job);
    }
    LeaveOutOthers(
        *spec, {"scaleTargetRef", "minReplicas", "maxReplicas", "targetCPUUtilizationPercentage"},
        job);
    return true;
  }
  if (const auto metrics = Find(*spec, "metrics")) {
    ImportMetrics(*metrics, job);
    if (job.signals.IsNull()) {
      job.left_out->Add(metrics->At(), metrics->Path(),
                        "leaves no signal; cpu: {utilization: 80%} is in force, HPA v2's default");
    }
  }
  if (const auto behavior = Find(*spec, "behavior")) {
    ImportBehavior(*behavior, job);
  }
  LeaveOutOthers(*spec, {"scaleTargetRef", "minReplicas", "maxReplicas", "metrics", "behavior"},
                 job);
  return true;
}

}  // namespace scaler::policy::importer
