#include "scaler/kubernetes/nodes/cluster_node.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/kubernetes/json_fields.h"
#include "common/rfc3339.h"
#include "scaler/kubernetes/nodes/drain_mark.h"

namespace scaler::kubernetes::nodes {
namespace {

namespace json = common::kubernetes::json;
namespace ondemand = simdjson::ondemand;

/// Who makes nodes says by a label whether they are spot.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSpotLabels = {{
    {"karpenter.sh/capacity-type", "spot"},
    {"eks.amazonaws.com/capacityType", "SPOT"},
    {"cloud.google.com/gke-spot", "true"},
    {"cloud.google.com/gke-preemptible", "true"},
    {"kubernetes.azure.com/scalesetpriority", "spot"},
}};

constexpr std::array<std::string_view, 3> kRemovalTaints = {
    "ToBeDeletedByClusterAutoscaler",
    "karpenter.sh/disrupted",
    "karpenter.sh/disruption",
};

void ReadLabel(std::string_view name, std::string_view value, ClusterNode& node) {
  if (name == "topology.kubernetes.io/zone") {
    node.zone = value;
  } else if (name == "node.kubernetes.io/instance-type") {
    node.instance_type = value;
  }
  const bool spot = std::any_of(kSpotLabels.begin(), kSpotLabels.end(), [&](const auto& label) {
    return label.first == name && label.second == value;
  });
  if (spot) {
    node.type = engine::capacity::CapacityType::kSpot;
  }
}

void ReadAnnotation(std::string_view name, std::string_view value, ClusterNode& node) {
  if (name == kSinceAnnotation) {
    node.drain_since = value;
  } else if (name == kDeadlineAnnotation) {
    node.drain_deadline = value;
  } else if (name == kCordonedAnnotation) {
    node.cordoned_by_us = value == "true";
  }
}

void ReadMetadata(ondemand::value value, ClusterNode& node) {
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "name") {
      node.name = json::TextOf(field);
    } else if (key == "uid") {
      node.uid = json::TextOf(field);
    } else if (key == "resourceVersion") {
      node.resource_version = json::TextOf(field);
    } else if (key == "creationTimestamp") {
      node.created = common::ParseRfc3339(json::ViewOf(field)).value_or(common::WallTime{});
    } else if (key == "deletionTimestamp") {
      node.leaving = true;
    } else if (key == "labels") {
      json::EachField(field, [&](std::string_view name, ondemand::value label) {
        ReadLabel(name, json::ViewOf(label), node);
      });
    } else if (key == "annotations") {
      json::EachField(field, [&](std::string_view name, ondemand::value annotation) {
        ReadAnnotation(name, json::ViewOf(annotation), node);
      });
    }
  });
}

Taint ReadTaint(ondemand::value value) {
  Taint taint;
  std::string_view raw;
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS ||
      object.raw_json().get(raw) != simdjson::SUCCESS || object.reset().error()) {
    return taint;
  }
  for (auto each : object) {
    std::string_view key;
    std::string_view text;
    if (each.unescaped_key().get(key) != simdjson::SUCCESS) {
      return {};
    }
    if (each.value().get_string().get(text) != simdjson::SUCCESS) {
      continue;
    }
    auto* const to = key == "key"      ? &taint.key
                     : key == "value"  ? &taint.value
                     : key == "effect" ? &taint.effect
                                       : nullptr;
    if (to != nullptr) {
      *to = text;
    }
  }
  taint.json = raw;
  return taint;
}

void ReadSpec(ondemand::value value, ClusterNode& node) {
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "unschedulable") {
      node.unschedulable = json::IsTrue(field);
    } else if (key == "taints") {
      json::EachItem(field, [&](ondemand::value item) {
        if (auto taint = ReadTaint(item); !taint.key.empty()) {
          node.taints.push_back(std::move(taint));
        }
      });
    }
  });
}

void ReadCondition(ondemand::value value, ClusterNode& node) {
  bool is_ready = false;
  bool holds = false;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "type") {
      is_ready = json::ViewOf(field) == "Ready";
    } else if (key == "status") {
      holds = json::ViewOf(field) == "True";
    }
  });
  node.ready = node.ready || (is_ready && holds);
}

void ReadStatus(ondemand::value value, ClusterNode& node) {
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "allocatable") {
      json::EachField(field, [&](std::string_view name, ondemand::value amount) {
        if (name == "cpu") {
          node.cpu_cores = json::QuantityOf(amount);
        } else if (name == "memory") {
          node.memory_bytes = json::QuantityOf(amount);
        } else if (name == "pods") {
          node.pods = static_cast<int>(std::clamp(json::QuantityOf(amount), 0.0, 1e6));
        }
      });
    } else if (key == "conditions") {
      json::EachItem(field, [&](ondemand::value condition) { ReadCondition(condition, node); });
    }
  });
}

}  // namespace

ClusterNode ReadNode(std::string_view json) {
  ClusterNode node;
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value top;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_value().get(top) != simdjson::SUCCESS) {
    return node;
  }
  json::EachField(top, [&](std::string_view key, ondemand::value field) {
    if (key == "metadata") {
      ReadMetadata(field, node);
    } else if (key == "spec") {
      ReadSpec(field, node);
    } else if (key == "status") {
      ReadStatus(field, node);
    }
  });
  return node;
}

bool IsOfItsKind(const Taint& taint) {
  return taint.effect != "PreferNoSchedule" && taint.key != kDrainTaint &&
         !taint.key.starts_with("node.kubernetes.io/") &&
         !taint.key.starts_with("node.cloudprovider.kubernetes.io/") &&
         taint.key != "DeletionCandidateOfClusterAutoscaler" &&
         std::find(kRemovalTaints.begin(), kRemovalTaints.end(), taint.key) == kRemovalTaints.end();
}

bool IsBeingRemoved(const ClusterNode& node) {
  return node.leaving ||
         std::any_of(node.taints.begin(), node.taints.end(), [](const Taint& taint) {
           return std::find(kRemovalTaints.begin(), kRemovalTaints.end(), taint.key) !=
                  kRemovalTaints.end();
         });
}

}  // namespace scaler::kubernetes::nodes
