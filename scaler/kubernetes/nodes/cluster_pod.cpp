#include "scaler/kubernetes/nodes/cluster_pod.h"

#include <simdjson.h>

#include <algorithm>
#include <limits>

#include "common/kubernetes/json_fields.h"
#include "common/kubernetes/owner_fields.h"
#include "common/rfc3339.h"

namespace scaler::kubernetes::nodes {
namespace {

namespace json = common::kubernetes::json;
namespace ondemand = simdjson::ondemand;

struct Amounts {
  double cpu_cores = 0;
  double memory_bytes = 0;
};

/// What the texts below are put together from, when all has been read.
struct Draft {
  ClusterPod pod;
  std::string owner_kind;
  std::string owner;
  std::string template_hash;
  Amounts containers;
  Amounts largest_init;
  Amounts overhead;
  Amounts whole;  ///< spec.resources, of the pod as such.
  std::optional<common::WallTime> scheduled;
  std::optional<common::WallTime> ready;
};

void ReadMetadata(ondemand::value value, Draft& draft) {
  auto& pod = draft.pod;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "name") {
      pod.name = json::TextOf(field);
    } else if (key == "namespace") {
      pod.workload.name_space = json::TextOf(field);
    } else if (key == "uid") {
      pod.uid = json::TextOf(field);
    } else if (key == "deletionTimestamp") {
      pod.leaving = true;
    } else if (key == "labels") {
      json::EachField(field, [&](std::string_view name, ondemand::value label) {
        if (json::IsTemplateHash(name)) {
          draft.template_hash = json::TextOf(label);
        } else if (name == "app.kubernetes.io/name") {
          pod.placeholder = json::ViewOf(label) == kPlaceholderName;
        }
      });
    } else if (key == "annotations") {
      json::EachField(field, [&](std::string_view name, ondemand::value) {
        pod.mirror = pod.mirror || name == "kubernetes.io/config.mirror";
      });
    } else if (key == "ownerReferences") {
      const auto controller = json::ControllerOf(field);
      draft.owner_kind = controller.kind;
      draft.owner = controller.name;
    }
  });
}

Amounts ReadRequests(ondemand::value resources) {
  Amounts amounts;
  json::EachField(resources, [&](std::string_view key, ondemand::value field) {
    if (key == "requests") {
      json::EachField(field, [&](std::string_view name, ondemand::value amount) {
        if (name == "cpu") {
          amounts.cpu_cores = json::QuantityOf(amount);
        } else if (name == "memory") {
          amounts.memory_bytes = json::QuantityOf(amount);
        }
      });
    }
  });
  return amounts;
}

/// One that is restarted for ever runs beside the others: a side car.
void ReadContainer(ondemand::value value, bool init, Draft& draft) {
  Amounts amounts;
  bool side_car = false;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "resources") {
      amounts = ReadRequests(field);
    } else if (key == "restartPolicy") {
      side_car = json::ViewOf(field) == "Always";
    }
  });
  if (!init || side_car) {
    draft.containers.cpu_cores += amounts.cpu_cores;
    draft.containers.memory_bytes += amounts.memory_bytes;
  } else {
    auto& largest = draft.largest_init;
    largest.cpu_cores = std::max(largest.cpu_cores, amounts.cpu_cores);
    largest.memory_bytes = std::max(largest.memory_bytes, amounts.memory_bytes);
  }
}

std::string ReadToleration(ondemand::value value) {
  std::string name;
  std::string wanted;
  bool any_value = false;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "key") {
      name = json::TextOf(field);
    } else if (key == "value") {
      wanted = json::TextOf(field);
    } else if (key == "operator") {
      any_value = json::ViewOf(field) == "Exists";
    }
  });
  if (any_value) {
    return name.empty() ? "*" : name;
  }
  return name + "=" + wanted;
}

void ReadSpec(ondemand::value value, Draft& draft) {
  auto& pod = draft.pod;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "nodeName") {
      pod.node = json::TextOf(field);
    } else if (key == "priority") {
      pod.priority = static_cast<std::int32_t>(std::clamp<std::int64_t>(
          json::NumberOf(field, 0), std::numeric_limits<std::int32_t>::min(),
          std::numeric_limits<std::int32_t>::max()));
    } else if (key == "terminationGracePeriodSeconds") {
      pod.grace =
          std::chrono::seconds(std::clamp<std::int64_t>(json::NumberOf(field, 30), 0, 1 << 30));
    } else if (key == "containers") {
      json::EachItem(field, [&](ondemand::value each) { ReadContainer(each, false, draft); });
    } else if (key == "initContainers") {
      json::EachItem(field, [&](ondemand::value each) { ReadContainer(each, true, draft); });
    } else if (key == "resources") {
      draft.whole = ReadRequests(field);
    } else if (key == "overhead") {
      json::EachField(field, [&](std::string_view name, ondemand::value amount) {
        if (name == "cpu") {
          draft.overhead.cpu_cores = json::QuantityOf(amount);
        } else if (name == "memory") {
          draft.overhead.memory_bytes = json::QuantityOf(amount);
        }
      });
    } else if (key == "tolerations") {
      json::EachItem(field, [&](ondemand::value each) {
        auto toleration = ReadToleration(each);
        // Every pod gets these two for five minutes; they say nothing of where it may run.
        if (!toleration.starts_with("node.kubernetes.io/")) {
          pod.tolerations.push_back(std::move(toleration));
        }
      });
    }
  });
}

void ReadCondition(ondemand::value value, Draft& draft) {
  std::string_view type;
  std::string_view message;
  bool holds = false;
  std::optional<common::WallTime> changed;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "type") {
      type = json::ViewOf(field);
    } else if (key == "status") {
      holds = json::ViewOf(field) == "True";
    } else if (key == "message") {
      message = json::ViewOf(field);
    } else if (key == "lastTransitionTime") {
      changed = common::ParseRfc3339(json::ViewOf(field));
    }
  });
  if (type == "PodScheduled") {
    draft.pod.pending = holds ? std::string() : std::string(message);
    draft.scheduled = holds ? changed : std::nullopt;
  } else if (type == "Ready" && holds) {
    draft.ready = changed;
  }
}

void ReadStatus(ondemand::value value, Draft& draft) {
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "phase") {
      const auto phase = json::ViewOf(field);
      draft.pod.over = phase == "Succeeded" || phase == "Failed";
    } else if (key == "conditions") {
      json::EachItem(field, [&](ondemand::value condition) { ReadCondition(condition, draft); });
    }
  });
}

std::string WorkloadOf(const Draft& draft) {
  return common::kubernetes::WorkloadName(draft.pod.name,
                                          {draft.owner_kind, draft.owner, draft.template_hash});
}

double Whole(double of_pod, double containers, double init, double overhead) {
  return std::max(of_pod, std::max(containers, init)) + overhead;
}

ClusterPod Finish(Draft draft) {
  auto& pod = draft.pod;
  pod.daemon = draft.owner_kind == "DaemonSet";
  pod.mirror = pod.mirror || draft.owner_kind == "Node";
  pod.controlled = !draft.owner.empty();
  pod.workload.name = WorkloadOf(draft);
  if (!pod.node.empty()) {
    pod.pending.clear();
  }
  pod.cpu_cores = Whole(draft.whole.cpu_cores, draft.containers.cpu_cores,
                        draft.largest_init.cpu_cores, draft.overhead.cpu_cores);
  pod.memory_bytes = Whole(draft.whole.memory_bytes, draft.containers.memory_bytes,
                           draft.largest_init.memory_bytes, draft.overhead.memory_bytes);
  if (draft.scheduled && draft.ready && *draft.ready >= *draft.scheduled) {
    pod.started_in =
        std::chrono::duration_cast<std::chrono::seconds>(*draft.ready - *draft.scheduled);
  }
  std::sort(pod.tolerations.begin(), pod.tolerations.end());
  return std::move(pod);
}

}  // namespace

ClusterPod ReadPod(std::string_view json) {
  Draft draft;
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value top;
  if (parser.iterate(padded).get(document) == simdjson::SUCCESS &&
      document.get_value().get(top) == simdjson::SUCCESS) {
    json::EachField(top, [&](std::string_view key, ondemand::value field) {
      if (key == "metadata") {
        ReadMetadata(field, draft);
      } else if (key == "spec") {
        ReadSpec(field, draft);
      } else if (key == "status") {
        ReadStatus(field, draft);
      }
    });
  }
  return Finish(std::move(draft));
}

}  // namespace scaler::kubernetes::nodes
