#include "scaler/kubernetes/nodes/cluster_node.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/rfc3339.h"
#include "scaler/kubernetes/nodes/drain_mark.h"
#include "scaler/kubernetes/nodes/json.h"

namespace scaler::kubernetes::nodes {
namespace {

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
  EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "name") {
      node.name = TextOf(field);
    } else if (key == "uid") {
      node.uid = TextOf(field);
    } else if (key == "resourceVersion") {
      node.resource_version = TextOf(field);
    } else if (key == "creationTimestamp") {
      node.created = common::ParseRfc3339(ViewOf(field)).value_or(common::WallTime{});
    } else if (key == "deletionTimestamp") {
      node.leaving = true;
    } else if (key == "labels") {
      EachField(field, [&](std::string_view name, ondemand::value label) {
        ReadLabel(name, ViewOf(label), node);
      });
    } else if (key == "annotations") {
      EachField(field, [&](std::string_view name, ondemand::value annotation) {
        ReadAnnotation(name, ViewOf(annotation), node);
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
  EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "unschedulable") {
      node.unschedulable = IsTrue(field);
    } else if (key == "taints") {
      EachItem(field, [&](ondemand::value item) {
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
  EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "type") {
      is_ready = ViewOf(field) == "Ready";
    } else if (key == "status") {
      holds = ViewOf(field) == "True";
    }
  });
  node.ready = node.ready || (is_ready && holds);
}

void ReadStatus(ondemand::value value, ClusterNode& node) {
  EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "allocatable") {
      EachField(field, [&](std::string_view name, ondemand::value amount) {
        if (name == "cpu") {
          node.cpu_cores = QuantityOf(amount);
        } else if (name == "memory") {
          node.memory_bytes = QuantityOf(amount);
        } else if (name == "pods") {
          node.pods = static_cast<int>(std::clamp(QuantityOf(amount), 0.0, 1e6));
        }
      });
    } else if (key == "conditions") {
      EachItem(field, [&](ondemand::value condition) { ReadCondition(condition, node); });
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
  EachField(top, [&](std::string_view key, ondemand::value field) {
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
