#pragma once

#include <string>
#include <string_view>

#include "common/kubernetes/json_fields.h"
#include "common/kubernetes/workload_name.h"

namespace common::kubernetes::json {

/// More owners than that an object does not have.
inline constexpr std::size_t kMostOwners = 200;

/// Who controls an object; all empty: nobody does. Good until the parser's next document.
struct Controller {
  std::string_view kind;
  std::string_view name;
  std::string_view uid;
};

/// Of the value of `metadata.ownerReferences`.
template <typename Value>
Controller ControllerOf(Value references) {
  Controller found;
  EachItem(references, kMostOwners, [&](auto reference) {
    Controller one;
    bool controls = false;
    EachField(reference, [&](std::string_view key, auto value) {
      if (key == "kind") {
        one.kind = ViewOf(value);
      } else if (key == "name") {
        one.name = ViewOf(value);
      } else if (key == "uid") {
        one.uid = ViewOf(value);
      } else if (key == "controller") {
        controls = IsTrue(value);
      }
    });
    if (controls) {
      found = one;
    }
  });
  return found;
}

/// The label of a pod with which the name of its ReplicaSet ends: a Deployment's, or that of a
/// Rollout of Argo.
inline bool IsTemplateHash(std::string_view label) {
  return label == "pod-template-hash" || label == "rollouts-pod-template-hash";
}

/// Takes what WorkloadName goes by from a field of a pod's metadata, where it is of that.
template <typename Value>
void ReadPodOwner(std::string_view key, Value field, PodOwner& owner) {
  if (key == "ownerReferences") {
    const auto controller = ControllerOf(field);
    owner.kind = controller.kind;
    owner.name = controller.name;
  } else if (key == "labels") {
    EachField(field, [&](std::string_view label, auto text) {
      if (IsTemplateHash(label)) {
        owner.template_hash = TextOf(text);
      }
    });
  }
}

}  // namespace common::kubernetes::json
