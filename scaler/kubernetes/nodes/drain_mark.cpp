#include "scaler/kubernetes/nodes/drain_mark.h"

#include <algorithm>

#include "common/json_writer.h"
#include "common/rfc3339.h"

namespace scaler::kubernetes::nodes {
namespace {

using common::JsonWriter;

/// Taints that are not ours, as they are.
void WriteOthers(const ClusterNode& node, JsonWriter& json) {
  for (const auto& taint : node.taints) {
    if (taint.key != kDrainTaint) {
      json.Raw(taint.json);
    }
  }
}

void WriteVersion(const ClusterNode& node, JsonWriter& json) {
  json.Key("resourceVersion").String(node.resource_version);
  if (!node.uid.empty()) {
    json.Key("uid").String(node.uid);  // Another of the same name is not meant.
  }
}

}  // namespace

std::optional<DrainMark> MarkOf(const ClusterNode& node, common::WallTime now) {
  const auto taint = std::find_if(node.taints.begin(), node.taints.end(),
                                  [](const Taint& each) { return each.key == kDrainTaint; });
  if (taint == node.taints.end()) {
    return std::nullopt;
  }
  DrainMark mark;
  mark.reason = taint->value;
  mark.since = common::ParseRfc3339(node.drain_since).value_or(now);
  mark.deadline = common::ParseRfc3339(node.drain_deadline);
  return mark;
}

std::string MarkPatch(const ClusterNode& node, const DrainMark& mark) {
  JsonWriter json;
  json.BeginObject().Key("metadata").BeginObject();
  WriteVersion(node, json);
  json.Key("annotations").BeginObject();
  json.Key(kSinceAnnotation).String(common::FormatRfc3339(mark.since));
  json.Key(kDeadlineAnnotation);
  mark.deadline ? json.String(common::FormatRfc3339(*mark.deadline)) : json.Null();
  if (!node.unschedulable) {
    json.Key(kCordonedAnnotation).String("true");
  }
  json.EndObject().EndObject();
  json.Key("spec").BeginObject().Key("unschedulable").Bool(true).Key("taints").BeginArray();
  WriteOthers(node, json);
  json.BeginObject().Key("key").String(kDrainTaint).Key("value").String(mark.reason);
  json.Key("effect").String("NoSchedule").EndObject();
  json.EndArray().EndObject().EndObject();
  return json.Take();
}

std::string UnmarkPatch(const ClusterNode& node) {
  JsonWriter json;
  json.BeginObject().Key("metadata").BeginObject();
  WriteVersion(node, json);
  json.Key("annotations").BeginObject();
  for (const auto key : {kSinceAnnotation, kDeadlineAnnotation, kCordonedAnnotation}) {
    json.Key(key).Null();
  }
  json.EndObject().EndObject();
  json.Key("spec").BeginObject();
  if (node.cordoned_by_us) {
    json.Key("unschedulable").Null();
  }
  json.Key("taints").BeginArray();
  WriteOthers(node, json);
  json.EndArray().EndObject().EndObject();
  return json.Take();
}

}  // namespace scaler::kubernetes::nodes
