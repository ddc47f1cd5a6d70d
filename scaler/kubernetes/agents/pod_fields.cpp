#include "scaler/kubernetes/agents/pod_fields.h"

#include <simdjson.h>

#include <limits>

#include "common/kubernetes/json_fields.h"
#include "common/kubernetes/owner_fields.h"

namespace scaler::kubernetes::agents {
namespace {

namespace json = common::kubernetes::json;

constexpr std::size_t kMostEntries = 200;

void ReadMetadata(simdjson::ondemand::value value, PodFields& pod) {
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "name") {
      pod.name = json::TextOf(field);
    } else if (key == "namespace") {
      pod.name_space = json::TextOf(field);
    } else if (key == "uid") {
      pod.uid = json::TextOf(field);
    } else if (key == "creationTimestamp") {
      pod.created = json::TimeOf(field).value_or(common::WallTime());
    } else {
      json::ReadPodOwner(key, field, pod.owner);
    }
  });
}

void ReadPort(simdjson::ondemand::value value, PodFields& pod) {
  std::string name;
  std::int64_t number = 0;
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "name") {
      name = json::TextOf(field);
    } else if (key == "containerPort") {
      number = json::NumberOf(field);
    }
  });
  if (!name.empty() && number > 0 && number <= std::numeric_limits<std::uint16_t>::max()) {
    pod.ports.emplace(std::move(name), static_cast<std::uint16_t>(number));
  }
}

void ReadSpec(simdjson::ondemand::value value, PodFields& pod) {
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "nodeName") {
      pod.node = json::TextOf(field);
    } else if (key == "containers") {
      json::EachItem(field, kMostEntries, [&](simdjson::ondemand::value container) {
        json::EachField(
            container.get_object(), [&](std::string_view name, simdjson::ondemand::value ports) {
              if (name == "ports") {
                json::EachItem(ports, kMostEntries,
                               [&](simdjson::ondemand::value port) { ReadPort(port, pod); });
              }
            });
      });
    }
  });
}

void ReadCondition(simdjson::ondemand::value value, PodFields& pod) {
  std::string type;
  std::string status;
  std::string reason;
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "type") {
      type = json::TextOf(field);
    } else if (key == "status") {
      status = json::TextOf(field);
    } else if (key == "reason") {
      reason = json::TextOf(field);
    }
  });
  if (status == "True" && type == "Ready") {
    pod.ready = true;
  } else if (status == "True" && type == "DisruptionTarget") {
    pod.disruption = std::move(reason);
  }
}

void ReadStatus(simdjson::ondemand::value value, PodFields& pod) {
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "phase") {
      const auto phase = json::TextOf(field);
      pod.over = phase == "Succeeded" || phase == "Failed";
    } else if (key == "reason") {
      pod.reason = json::TextOf(field);
    } else if (key == "podIP") {
      pod.address = json::TextOf(field);
    } else if (key == "conditions") {
      json::EachItem(field, kMostEntries,
                     [&](simdjson::ondemand::value each) { ReadCondition(each, pod); });
    }
  });
}

}  // namespace

common::Result<PodFields> ParsePodFields(std::string_view text) {
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  PodFields pod;
  const bool whole = parser.iterate(padded).get(document) == simdjson::SUCCESS &&
                     json::EachField(document.get_object(),
                                     [&](std::string_view key, simdjson::ondemand::value value) {
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
