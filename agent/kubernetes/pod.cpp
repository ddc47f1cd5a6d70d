#include "agent/kubernetes/pod.h"

#include <simdjson.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/kubernetes/json_fields.h"
#include "common/kubernetes/owner_fields.h"

namespace agent::kubernetes {
namespace {

namespace json = common::kubernetes::json;

namespace ondemand = simdjson::ondemand;

using common::Result;

void ReadMetadata(simdjson::ondemand::value value, Pod& pod) {
  std::optional<common::WallTime> deletion;
  std::int64_t grace_seconds = 0;
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "name") {
      pod.name = json::TextOf(field);
    } else if (key == "namespace") {
      pod.name_space = json::TextOf(field);
    } else if (key == "uid") {
      pod.uid = json::TextOf(field);
    } else if (key == "deletionTimestamp") {
      deletion = json::TimeOf(field);
    } else if (key == "deletionGracePeriodSeconds") {
      grace_seconds = json::NumberOf(field);
    } else {
      json::ReadPodOwner(key, field, pod.owner);
    }
  });
  if (deletion) {
    // The timestamp is when it will have ended; the wish is older by the time that it was given.
    constexpr std::int64_t kLongestGrace = 366LL * 86400;
    pod.deleted_at =
        *deletion - std::chrono::seconds(std::clamp<std::int64_t>(grace_seconds, 0, kLongestGrace));
  }
}

void ReadContainers(simdjson::ondemand::value value, Container::Kind kind, Pod& pod) {
  json::EachItem(value, kMostContainers, [&](simdjson::ondemand::value each) {
    Container container;
    container.kind = kind;
    json::EachField(each.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
      if (key == "name") {
        container.name = json::TextOf(field);
      } else if (key == "livenessProbe" || key == "startupProbe") {
        container.has_probe = true;
      } else if (key == "restartPolicy" && kind == Container::Kind::kInit &&
                 json::TextOf(field) == "Always") {
        container.kind = Container::Kind::kSidecar;
      }
    });
    if (!container.name.empty() && pod.containers.size() < kMostContainers) {
      pod.containers.push_back(std::move(container));
    }
  });
}

void ReadSpec(simdjson::ondemand::value value, Pod& pod) {
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "nodeName") {
      pod.node = json::TextOf(field);
    } else if (key == "priority") {
      pod.priority = json::NumberOf(field);
    } else if (key == "containers") {
      ReadContainers(field, Container::Kind::kMain, pod);
    } else if (key == "initContainers") {
      ReadContainers(field, Container::Kind::kInit, pod);
    }
  });
}

Termination ReadTermination(simdjson::ondemand::value value) {
  Termination termination;
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "containerID") {
      termination.container_id = json::TextOf(field);
    } else if (key == "reason") {
      termination.reason = json::TextOf(field);
    } else if (key == "exitCode") {
      termination.exit_code = json::NumberOf(field);
    } else if (key == "startedAt") {
      termination.started_at = json::TimeOf(field);
    } else if (key == "finishedAt") {
      termination.finished_at = json::TimeOf(field);
    }
  });
  return termination;
}

void ReadState(simdjson::ondemand::value value, Container& container) {
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value state) {
    if (key == "terminated") {
      container.terminated = ReadTermination(state);
    } else if (key == "waiting") {
      container.waiting = "ContainerCreating";
      json::EachField(state.get_object(),
                      [&](std::string_view name, simdjson::ondemand::value field) {
                        if (name == "reason") {
                          container.waiting = json::TextOf(field);
                        }
                      });
    } else if (key == "running") {
      container.running_since = common::WallTime();
      json::EachField(
          state.get_object(), [&](std::string_view name, simdjson::ondemand::value field) {
            if (name == "startedAt") {
              container.running_since = json::TimeOf(field).value_or(common::WallTime());
            }
          });
    }
  });
}

/// A status stands for the container of its name; of the container only name, kind and probe are
/// known before.
void ReadStatus(simdjson::ondemand::value value, std::map<std::string, Container>& statuses) {
  Container status;
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "name") {
      status.name = json::TextOf(field);
    } else if (key == "containerID") {
      status.id = json::TextOf(field);
    } else if (key == "restartCount") {
      status.restart_count = json::CountOf(field);
    } else if (key == "state") {
      ReadState(field, status);
    } else if (key == "lastState") {
      json::EachField(field.get_object(),
                      [&](std::string_view name, simdjson::ondemand::value state) {
                        if (name == "terminated") {
                          status.last_terminated = ReadTermination(state);
                        }
                      });
    }
  });
  status.has_status = true;
  statuses[status.name] = std::move(status);
}

void ReadConditions(simdjson::ondemand::value value, Pod& pod) {
  json::EachItem(value, kMostContainers, [&](simdjson::ondemand::value each) {
    std::string type;
    std::string status;
    std::string reason;
    json::EachField(each.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
      if (key == "type") {
        type = json::TextOf(field);
      } else if (key == "status") {
        status = json::TextOf(field);
      } else if (key == "reason") {
        reason = json::TextOf(field);
      }
    });
    if (type == "DisruptionTarget" && status == "True") {
      pod.disruption = reason;
    }
  });
}

std::map<std::string, Container> ReadPodStatus(simdjson::ondemand::value value, Pod& pod) {
  std::map<std::string, Container> statuses;
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "reason") {
      pod.reason = json::TextOf(field);
    } else if (key == "conditions") {
      ReadConditions(field, pod);
    } else if (key == "containerStatuses" || key == "initContainerStatuses") {
      json::EachItem(field, kMostContainers,
                     [&](simdjson::ondemand::value each) { ReadStatus(each, statuses); });
    }
  });
  return statuses;
}

}  // namespace

Result<Pod> ParsePod(std::string_view json) {
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message, "a pod that is no JSON");
  }
  Pod pod;
  std::map<std::string, Container> statuses;
  const bool whole = json::EachField(document.get_object(),
                                     [&](std::string_view key, simdjson::ondemand::value value) {
                                       if (key == "metadata") {
                                         ReadMetadata(value, pod);
                                       } else if (key == "spec") {
                                         ReadSpec(value, pod);
                                       } else if (key == "status") {
                                         statuses = ReadPodStatus(value, pod);
                                       }
                                     });
  if (!whole || pod.name.empty()) {
    return common::Fail(std::errc::bad_message, "a pod that is damaged or has no name");
  }
  std::set<std::string> seen;
  std::erase_if(pod.containers, [&](const auto& each) { return !seen.insert(each.name).second; });
  for (auto& container : pod.containers) {
    if (const auto found = statuses.find(container.name); found != statuses.end()) {
      found->second.kind = container.kind;
      found->second.has_probe = container.has_probe;
      container = std::move(found->second);
    }
  }
  return pod;
}

bool IsEvicted(const Pod& pod) {
  if (pod.priority < 0) {
    return false;
  }
  const auto& why = pod.disruption;
  return pod.reason == "Evicted" || pod.reason == "Preempting" || pod.reason == "NodeShutdown" ||
         pod.reason == "Terminated" || why == "TerminationByKubelet" ||
         why == "PreemptionByScheduler" || why == "DeletionByTaintManager";
}

}  // namespace agent::kubernetes
