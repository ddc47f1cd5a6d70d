#include "scaler/kubernetes/workloads/decode_pod.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "common/kubernetes/json_fields.h"
#include "common/kubernetes/owner_fields.h"
#include "common/rfc3339.h"

namespace scaler::kubernetes::workloads {
namespace {

namespace json = common::kubernetes::json;
namespace ondemand = simdjson::ondemand;

using engine::Pod;

/// 128 + SIGTERM. A container that is told to end while its pod stays was told so by the kubelet,
/// which does that for a liveness or startup probe that failed.
constexpr std::int64_t kEndedBySigterm = 143;

/// The kubelet's words for the wait before the next start of something that ended.
constexpr std::string_view kCrashLoop = "CrashLoopBackOff";

/// What every container goes through on its way up.
bool IsOrdinary(std::string_view reason) {
  return reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing";
}

struct Terminated {
  bool is = false;
  std::string_view reason;
  std::int64_t exit_code = 0;
  std::optional<common::WallTime> at;
};

Terminated ReadTerminated(ondemand::value value) {
  Terminated ended{.is = true, .reason = {}, .exit_code = 0, .at = {}};
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "reason") {
      ended.reason = json::ViewOf(field);
    } else if (key == "exitCode") {
      ended.exit_code = json::NumberOf(field, 0);
    } else if (key == "finishedAt") {
      ended.at = common::ParseRfc3339(json::ViewOf(field));
    }
  });
  return ended;
}

Pod::End HowOf(const Terminated& ended) {
  if (ended.reason == "OOMKilled") {
    return Pod::End::kOutOfMemory;
  }
  if (ended.exit_code == 0) {
    return Pod::End::kCompleted;
  }
  return ended.exit_code == kEndedBySigterm ? Pod::End::kHealthCheck : Pod::End::kError;
}

void TakeEnd(const Terminated& ended, PodFields& fields) {
  if (ended.is && ended.at &&
      (fields.last_end == Pod::End::kNone || *ended.at > fields.last_end_at)) {
    fields.last_end = HowOf(ended);
    fields.last_end_at = *ended.at;
  }
}

void ReadWaiting(ondemand::value value, PodFields& fields) {
  std::string_view reason;
  std::string_view message;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "reason") {
      reason = json::ViewOf(field);
    } else if (key == "message") {
      message = json::ViewOf(field);
    }
  });
  if (reason == kCrashLoop) {
    fields.back_off = true;
  } else if (!IsOrdinary(reason)) {
    fields.waits = std::string(reason) + (message.empty() ? "" : ": " + std::string(message));
  }
}

void ReadState(ondemand::value value, PodFields& fields) {
  json::EachField(value, [&](std::string_view key, ondemand::value state) {
    if (key == "waiting") {
      ReadWaiting(state, fields);
    } else if (key == "terminated") {
      TakeEnd(ReadTerminated(state), fields);
    }
  });
}

void ReadContainer(ondemand::value value, PodFields& fields) {
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "restartCount") {
      const auto restarts = std::clamp<std::int64_t>(json::NumberOf(field, 0), 0,
                                                     std::numeric_limits<std::int32_t>::max());
      fields.restarts += static_cast<std::uint32_t>(restarts);
    } else if (key == "state" || key == "lastState") {
      ReadState(field, fields);
    }
  });
}

void TakeCondition(const Condition& condition, PodFields& fields) {
  if (condition.type == "Ready") {
    fields.ready = condition.holds;
    fields.ready_changed = condition.changed;
  } else if (condition.type == "PodScheduled" && !condition.holds) {
    fields.waits = condition.message;
  }
}

}  // namespace

void ReadPodMetadata(ondemand::value value, PodFields& fields) {
  std::chrono::seconds grace{0};
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "labels") {
      json::EachField(field, [&](std::string_view name, ondemand::value label) {
        if (name == "pod-template-hash" || name == "controller-revision-hash") {
          fields.revision = json::TextOf(label);
        }
      });
    } else if (key == "ownerReferences") {
      fields.owner = json::ControllerOf(field).uid;
    } else if (key == "creationTimestamp") {
      fields.created = common::ParseRfc3339(json::ViewOf(field)).value_or(common::WallTime{});
    } else if (key == "deletionTimestamp") {
      fields.leaving = common::ParseRfc3339(json::ViewOf(field)).value_or(common::WallTime{});
    } else if (key == "deletionGracePeriodSeconds") {
      grace = std::chrono::seconds(std::clamp<std::int64_t>(json::NumberOf(field, 0), 0, 1 << 30));
    }
  });
  if (fields.leaving) {
    // The server writes when the pod is to be gone.
    *fields.leaving -= grace;
  }
}

void ReadPodStatus(ondemand::value value, PodFields& fields) {
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "phase") {
      const auto phase = json::ViewOf(field);
      fields.pending = phase == "Pending";
      fields.over = phase == "Failed" || phase == "Succeeded";
    } else if (key == "podIP") {
      fields.address = json::TextOf(field);
    } else if (key == "conditions") {
      json::EachItem(field, [&](ondemand::value condition) {
        TakeCondition(ReadCondition(condition), fields);
      });
    } else if (key == "containerStatuses") {
      json::EachItem(field, [&](ondemand::value container) { ReadContainer(container, fields); });
    }
  });
}

}  // namespace scaler::kubernetes::workloads
