#include "scaler/kubernetes/workloads/decode.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "common/kubernetes/json_fields.h"
#include "common/kubernetes/owner_fields.h"
#include "common/rfc3339.h"
#include "common/text.h"
#include "scaler/kubernetes/workloads/decode_pod.h"

namespace scaler::kubernetes::workloads {
namespace {

namespace json = common::kubernetes::json;
namespace ondemand = simdjson::ondemand;

/// The sum over containers of one resource.
struct Sum {
  double total = 0;
  bool some = false;
  bool missing = false;  ///< A container has none.

  void Add(const std::optional<double>& amount) {
    total += amount.value_or(0);
    some = some || amount;
    missing = missing || !amount;
  }
};

struct Resources {
  std::optional<double> cpu;
  std::optional<double> memory;
};

Resources AmountsOf(ondemand::value value) {
  Resources amounts;
  json::EachField(value, [&](std::string_view key, ondemand::value amount) {
    const auto parsed = common::ParseQuantity(json::ViewOf(amount));
    if (parsed && key == "cpu") {
      amounts.cpu = *parsed;
    } else if (parsed && key == "memory") {
      amounts.memory = *parsed;
    }
  });
  return amounts;
}

/// What the containers of a template ask for and may have.
struct Asked {
  Sum cpu_request;
  Sum memory_request;
  Sum memory_limit;

  void AddContainer(ondemand::value container, bool only_if_it_stays) {
    Resources requests;
    Resources limits;
    bool stays = false;
    json::EachField(container, [&](std::string_view key, ondemand::value value) {
      if (key == "resources") {
        json::EachField(value, [&](std::string_view which, ondemand::value amounts) {
          if (which == "requests") {
            requests = AmountsOf(amounts);
          } else if (which == "limits") {
            limits = AmountsOf(amounts);
          }
        });
      } else if (key == "restartPolicy") {
        stays = json::ViewOf(value) == "Always";
      }
    });
    if (only_if_it_stays && !stays) {
      return;  // It is gone before the others run.
    }
    // Where only a limit is given the server takes it for the request.
    cpu_request.Add(requests.cpu ? requests.cpu : limits.cpu);
    memory_request.Add(requests.memory ? requests.memory : limits.memory);
    memory_limit.Add(limits.memory);
  }
};

void ReadTemplate(ondemand::value value, ScalableFields& fields) {
  Asked asked;
  json::EachField(value, [&](std::string_view key, ondemand::value spec) {
    if (key != "spec") {
      return;
    }
    json::EachField(spec, [&](std::string_view which, ondemand::value containers) {
      if (which == "containers" || which == "initContainers") {
        json::EachItem(containers, [&](ondemand::value container) {
          asked.AddContainer(container, which == "initContainers");
        });
      }
    });
  });
  if (asked.cpu_request.some) {
    fields.cpu_request_cores = asked.cpu_request.total;
  }
  if (asked.memory_request.some) {
    fields.memory_request_bytes = asked.memory_request.total;
  }
  if (asked.memory_limit.some && !asked.memory_limit.missing) {
    fields.memory_limit_bytes = asked.memory_limit.total;
  }
}

/// ReplicaFailure says why no pods are made: a quota, an admission that refuses.
void ReadScalableStatus(ondemand::value value, ScalableFields& fields) {
  json::EachField(value, [&](std::string_view key, ondemand::value conditions) {
    if (key != "conditions") {
      return;
    }
    json::EachItem(conditions, [&](ondemand::value condition) {
      const auto read = ReadCondition(condition);
      if (read.type == "ReplicaFailure" && read.holds) {
        fields.problem = read.message;
      }
    });
  });
}

int ReplicasOf(ondemand::value value) {
  return static_cast<int>(
      std::clamp<std::int64_t>(json::NumberOf(value, 1), 0, std::numeric_limits<int>::max()));
}

}  // namespace

struct Decoder::Buffer {
  ondemand::parser parser;
  std::vector<char> bytes;

  template <typename Field>
  void Read(std::string_view json, Field&& field) {
    bytes.resize(std::max(bytes.size(), json.size() + simdjson::SIMDJSON_PADDING));
    std::memcpy(bytes.data(), json.data(), json.size());
    ondemand::document document;
    ondemand::value top;
    if (parser.iterate(bytes.data(), json.size(), bytes.size()).get(document) ==
            simdjson::SUCCESS &&
        document.get_value().get(top) == simdjson::SUCCESS) {
      json::EachField(top, field);
    }
  }
};

Decoder::Decoder() : buffer_(std::make_unique<Buffer>()) {}
Decoder::~Decoder() = default;

Condition ReadCondition(ondemand::value value) {
  Condition condition;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "type") {
      condition.type = json::ViewOf(field);
    } else if (key == "status") {
      condition.holds = json::ViewOf(field) == "True";
    } else if (key == "message") {
      condition.message = json::ViewOf(field);
    } else if (key == "lastTransitionTime") {
      condition.changed = common::ParseRfc3339(json::ViewOf(field));
    }
  });
  return condition;
}

ScalableFields Decoder::Scalable(std::string_view json) {
  ScalableFields fields;
  buffer_->Read(json, [&](std::string_view key, ondemand::value value) {
    if (key == "metadata") {
      json::EachField(value, [&](std::string_view which, ondemand::value field) {
        if (which == "labels") {
          json::EachField(field, [&](std::string_view name, ondemand::value label) {
            fields.labels.emplace(name, json::TextOf(label));
          });
        } else if (which == "ownerReferences") {
          fields.owner = json::ControllerOf(field).uid;
        } else if (which == "deletionTimestamp") {
          fields.deleted = true;
        }
      });
    } else if (key == "spec") {
      json::EachField(value, [&](std::string_view which, ondemand::value field) {
        if (which == "replicas") {
          fields.replicas = ReplicasOf(field);
        } else if (which == "template") {
          ReadTemplate(field, fields);
        }
      });
    } else if (key == "status") {
      ReadScalableStatus(value, fields);
    }
  });
  return fields;
}

PodFields Decoder::Pod(std::string_view json) {
  PodFields fields;
  buffer_->Read(json, [&](std::string_view key, ondemand::value value) {
    if (key == "metadata") {
      ReadPodMetadata(value, fields);
    } else if (key == "status") {
      ReadPodStatus(value, fields);
    }
  });
  return fields;
}

std::string Decoder::Owner(std::string_view json) {
  std::string owner;
  buffer_->Read(json, [&](std::string_view key, ondemand::value value) {
    if (key == "metadata") {
      json::EachField(value, [&](std::string_view which, ondemand::value field) {
        if (which == "ownerReferences") {
          owner = json::ControllerOf(field).uid;
        }
      });
    }
  });
  return owner;
}

ScaleTarget Decoder::Target(std::string_view json) {
  ScaleTarget target{.group = "apps", .kind = "Deployment", .name = {}};
  buffer_->Read(json, [&](std::string_view key, ondemand::value value) {
    if (key != "spec") {
      return;
    }
    json::EachField(value, [&](std::string_view which, ondemand::value reference) {
      if (which != "scaleTargetRef") {
        return;
      }
      json::EachField(reference, [&](std::string_view name, ondemand::value field) {
        const auto text = json::TextOf(field);
        if (name == "kind" && !text.empty()) {
          target.kind = text;
        } else if (name == "name") {
          target.name = text;
        } else if (name == "apiVersion" && !text.empty()) {
          target.group = text.substr(0, text.find('/') == std::string::npos ? 0 : text.find('/'));
        }
      });
    });
  });
  return target;
}

}  // namespace scaler::kubernetes::workloads
