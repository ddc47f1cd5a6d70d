#include "agent/kubernetes/pod.h"

#include <algorithm>
#include <map>
#include <set>

#include "agent/kubernetes/json_fields.h"

namespace agent::kubernetes {
namespace {

namespace ondemand = simdjson::ondemand;

using common::Result;

void ReadOwners(JsonValue value, Pod& pod) {
  EachElement(value, kMostContainers, [&](JsonValue each) {
    std::string kind;
    std::string name;
    bool controls = false;
    EachField(each.get_object(), [&](std::string_view key, JsonValue field) {
      if (key == "kind") {
        kind = Text(field);
      } else if (key == "name") {
        name = Text(field);
      } else if (key == "controller" && field.get_bool().get(controls) != simdjson::SUCCESS) {
        controls = false;
      }
    });
    if (controls) {
      pod.owner_kind = std::move(kind);
      pod.owner_name = std::move(name);
    }
  });
}

void ReadMetadata(JsonValue value, Pod& pod) {
  std::optional<common::WallTime> deletion;
  std::int64_t grace_seconds = 0;
  EachField(value.get_object(), [&](std::string_view key, JsonValue field) {
    if (key == "name") {
      pod.name = Text(field);
    } else if (key == "namespace") {
      pod.name_space = Text(field);
    } else if (key == "uid") {
      pod.uid = Text(field);
    } else if (key == "deletionTimestamp") {
      deletion = Time(field);
    } else if (key == "deletionGracePeriodSeconds") {
      grace_seconds = Number(field);
    } else if (key == "ownerReferences") {
      ReadOwners(field, pod);
    } else if (key == "labels") {
      EachField(field.get_object(), [&](std::string_view label, JsonValue text) {
        if (label == "pod-template-hash" || label == "rollouts-pod-template-hash") {
          pod.template_hash = Text(text);
        }
      });
    }
  });
  if (deletion) {
    // The timestamp is when it will have ended; the wish is older by the time that it was given.
    constexpr std::int64_t kLongestGrace = 366LL * 86400;
    pod.deleted_at =
        *deletion - std::chrono::seconds(std::clamp<std::int64_t>(grace_seconds, 0, kLongestGrace));
  }
}

void ReadContainers(JsonValue value, Container::Kind kind, Pod& pod) {
  EachElement(value, kMostContainers, [&](JsonValue each) {
    Container container;
    container.kind = kind;
    EachField(each.get_object(), [&](std::string_view key, JsonValue field) {
      if (key == "name") {
        container.name = Text(field);
      } else if (key == "livenessProbe" || key == "startupProbe") {
        container.has_probe = true;
      } else if (key == "restartPolicy" && kind == Container::Kind::kInit &&
                 Text(field) == "Always") {
        container.kind = Container::Kind::kSidecar;
      }
    });
    if (!container.name.empty() && pod.containers.size() < kMostContainers) {
      pod.containers.push_back(std::move(container));
    }
  });
}

void ReadSpec(JsonValue value, Pod& pod) {
  EachField(value.get_object(), [&](std::string_view key, JsonValue field) {
    if (key == "nodeName") {
      pod.node = Text(field);
    } else if (key == "priority") {
      pod.priority = Number(field);
    } else if (key == "containers") {
      ReadContainers(field, Container::Kind::kMain, pod);
    } else if (key == "initContainers") {
      ReadContainers(field, Container::Kind::kInit, pod);
    }
  });
}

Termination ReadTermination(JsonValue value) {
  Termination termination;
  EachField(value.get_object(), [&](std::string_view key, JsonValue field) {
    if (key == "containerID") {
      termination.container_id = Text(field);
    } else if (key == "reason") {
      termination.reason = Text(field);
    } else if (key == "exitCode") {
      termination.exit_code = Number(field);
    } else if (key == "startedAt") {
      termination.started_at = Time(field);
    } else if (key == "finishedAt") {
      termination.finished_at = Time(field);
    }
  });
  return termination;
}

void ReadState(JsonValue value, Container& container) {
  EachField(value.get_object(), [&](std::string_view key, JsonValue state) {
    if (key == "terminated") {
      container.terminated = ReadTermination(state);
    } else if (key == "waiting") {
      container.waiting = "ContainerCreating";
      EachField(state.get_object(), [&](std::string_view name, JsonValue field) {
        if (name == "reason") {
          container.waiting = Text(field);
        }
      });
    } else if (key == "running") {
      container.running_since = common::WallTime();
      EachField(state.get_object(), [&](std::string_view name, JsonValue field) {
        if (name == "startedAt") {
          container.running_since = Time(field).value_or(common::WallTime());
        }
      });
    }
  });
}

/// A status stands for the container of its name; of the container only name, kind and probe are
/// known before.
void ReadStatus(JsonValue value, std::map<std::string, Container>& statuses) {
  Container status;
  EachField(value.get_object(), [&](std::string_view key, JsonValue field) {
    if (key == "name") {
      status.name = Text(field);
    } else if (key == "containerID") {
      status.id = Text(field);
    } else if (key == "restartCount") {
      status.restart_count = Count(field);
    } else if (key == "state") {
      ReadState(field, status);
    } else if (key == "lastState") {
      EachField(field.get_object(), [&](std::string_view name, JsonValue state) {
        if (name == "terminated") {
          status.last_terminated = ReadTermination(state);
        }
      });
    }
  });
  status.has_status = true;
  statuses[status.name] = std::move(status);
}

void ReadConditions(JsonValue value, Pod& pod) {
  EachElement(value, kMostContainers, [&](JsonValue each) {
    std::string type;
    std::string status;
    std::string reason;
    EachField(each.get_object(), [&](std::string_view key, JsonValue field) {
      if (key == "type") {
        type = Text(field);
      } else if (key == "status") {
        status = Text(field);
      } else if (key == "reason") {
        reason = Text(field);
      }
    });
    if (type == "DisruptionTarget" && status == "True") {
      pod.disruption = reason;
    }
  });
}

std::map<std::string, Container> ReadPodStatus(JsonValue value, Pod& pod) {
  std::map<std::string, Container> statuses;
  EachField(value.get_object(), [&](std::string_view key, JsonValue field) {
    if (key == "reason") {
      pod.reason = Text(field);
    } else if (key == "conditions") {
      ReadConditions(field, pod);
    } else if (key == "containerStatuses" || key == "initContainerStatuses") {
      EachElement(field, kMostContainers, [&](JsonValue each) { ReadStatus(each, statuses); });
    }
  });
  return statuses;
}

/// "shop" of "shop-29384756": CronJobs name their Jobs by the minute for which they are.
std::string CronJobOf(const std::string& job) {
  constexpr std::size_t kFewestDigits = 8;
  const auto dash = job.rfind('-');
  if (dash == std::string::npos || dash == 0 || job.size() - dash - 1 < kFewestDigits) {
    return job;
  }
  const bool digits = std::all_of(job.begin() + static_cast<std::ptrdiff_t>(dash) + 1, job.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  return digits ? job.substr(0, dash) : job;
}

std::string Without(const std::string& name, const std::string& ending) {
  return !ending.empty() && name.size() > ending.size() && name.ends_with(ending)
             ? name.substr(0, name.size() - ending.size())
             : name;
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
  const bool whole = EachField(document.get_object(), [&](std::string_view key, JsonValue value) {
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

std::string WorkloadOf(const Pod& pod) {
  if (pod.owner_name.empty()) {
    return pod.name;
  }
  if (pod.owner_kind == "ReplicaSet") {
    return pod.template_hash.empty() ? pod.owner_name
                                     : Without(pod.owner_name, "-" + pod.template_hash);
  }
  if (pod.owner_kind == "Job") {
    return CronJobOf(pod.owner_name);
  }
  if (pod.owner_kind == "Node") {
    return Without(pod.name, "-" + pod.owner_name);  // A file of the kubelet makes it.
  }
  return pod.owner_name;
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
