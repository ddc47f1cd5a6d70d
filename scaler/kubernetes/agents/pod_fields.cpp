#include "scaler/kubernetes/agents/pod_fields.h"

#include <limits>

#include "scaler/kubernetes/agents/json_fields.h"

namespace scaler::kubernetes::agents {
namespace {

constexpr std::size_t kMostEntries = 200;

void ReadOwner(json::Value value, PodFields& pod) {
  std::string kind;
  std::string name;
  bool controls = false;
  json::EachField(value.get_object(), [&](std::string_view key, json::Value field) {
    if (key == "kind") {
      kind = json::Text(field);
    } else if (key == "name") {
      name = json::Text(field);
    } else if (key == "controller" && field.get_bool().get(controls) != simdjson::SUCCESS) {
      controls = false;
    }
  });
  if (controls) {
    pod.owner.kind = std::move(kind);
    pod.owner.name = std::move(name);
  }
}

void ReadMetadata(json::Value value, PodFields& pod) {
  json::EachField(value.get_object(), [&](std::string_view key, json::Value field) {
    if (key == "name") {
      pod.name = json::Text(field);
    } else if (key == "namespace") {
      pod.name_space = json::Text(field);
    } else if (key == "uid") {
      pod.uid = json::Text(field);
    } else if (key == "creationTimestamp") {
      pod.created = json::Time(field).value_or(common::WallTime());
    } else if (key == "ownerReferences") {
      json::EachElement(field, kMostEntries, [&](json::Value each) { ReadOwner(each, pod); });
    } else if (key == "labels") {
      json::EachField(field.get_object(), [&](std::string_view label, json::Value text) {
        if (label == "pod-template-hash" || label == "rollouts-pod-template-hash") {
          pod.owner.template_hash = json::Text(text);
        }
      });
    }
  });
}

void ReadPort(json::Value value, PodFields& pod) {
  std::string name;
  std::int64_t number = 0;
  json::EachField(value.get_object(), [&](std::string_view key, json::Value field) {
    if (key == "name") {
      name = json::Text(field);
    } else if (key == "containerPort") {
      number = json::Number(field);
    }
  });
  if (!name.empty() && number > 0 && number <= std::numeric_limits<std::uint16_t>::max()) {
    pod.ports.emplace(std::move(name), static_cast<std::uint16_t>(number));
  }
}

void ReadSpec(json::Value value, PodFields& pod) {
  json::EachField(value.get_object(), [&](std::string_view key, json::Value field) {
    if (key == "nodeName") {
      pod.node = json::Text(field);
    } else if (key == "containers") {
      json::EachElement(field, kMostEntries, [&](json::Value container) {
        json::EachField(container.get_object(), [&](std::string_view name, json::Value ports) {
          if (name == "ports") {
            json::EachElement(ports, kMostEntries, [&](json::Value port) { ReadPort(port, pod); });
          }
        });
      });
    }
  });
}

void ReadCondition(json::Value value, PodFields& pod) {
  std::string type;
  std::string status;
  std::string reason;
  json::EachField(value.get_object(), [&](std::string_view key, json::Value field) {
    if (key == "type") {
      type = json::Text(field);
    } else if (key == "status") {
      status = json::Text(field);
    } else if (key == "reason") {
      reason = json::Text(field);
    }
  });
  if (status == "True" && type == "Ready") {
    pod.ready = true;
  } else if (status == "True" && type == "DisruptionTarget") {
    pod.disruption = std::move(reason);
  }
}

void ReadStatus(json::Value value, PodFields& pod) {
  json::EachField(value.get_object(), [&](std::string_view key, json::Value field) {
    if (key == "phase") {
      const auto phase = json::Text(field);
      pod.over = phase == "Succeeded" || phase == "Failed";
    } else if (key == "reason") {
      pod.reason = json::Text(field);
    } else if (key == "podIP") {
      pod.address = json::Text(field);
    } else if (key == "conditions") {
      json::EachElement(field, kMostEntries, [&](json::Value each) { ReadCondition(each, pod); });
    }
  });
}

}  // namespace

common::Result<PodFields> ParsePodFields(std::string_view text) {
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  PodFields pod;
  const bool whole =
      parser.iterate(padded).get(document) == simdjson::SUCCESS &&
      json::EachField(document.get_object(), [&](std::string_view key, json::Value value) {
        if (key == "metadata") {
          ReadMetadata(value, pod);
        } else if (key == "spec") {
          ReadSpec(value, pod);
        } else if (key == "status") {
          ReadStatus(value, pod);
        }
      });
  if (!whole || pod.name.empty()) {
    return common::Fail(std::errc::bad_message, "a pod that is damaged or has no name");
  }
  return pod;
}

bool LostItsNode(const PodFields& pod) {
  return pod.disruption == "DeletionByPodGC" || pod.reason == "NodeLost";
}

}  // namespace scaler::kubernetes::agents
