#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/lifecycle/record.h"
#include "common/result.h"
#include "scaler/local/end_reason.h"
#include "scaler/local/spec.h"

namespace scaler::local {

/// Everything that a shim needs to know; written by the platform, read once by the shim.
struct Launch {
  std::string name_space;
  std::string workload;
  std::string replica;
  std::uint32_t attempt = 0;
  int port = 0;
  std::vector<std::string> command;  ///< Expanded.
  std::map<std::string, std::string> env;
  std::string node;    ///< Empty: there are none.
  std::string cgroup;  ///< Empty: run without one.
  Resources resources;
  std::filesystem::path root;  ///< Where the machine's /proc and /sys are; "/" but in tests.
  std::filesystem::path lifecycle;
  std::filesystem::path state;  ///< The ReplicaState that the shim keeps.
  std::filesystem::path log;    ///< What the replica prints.
  std::chrono::milliseconds grace_period{};
  std::chrono::milliseconds back_off{};  ///< Waited before this start; carried into the state.

  friend bool operator==(const Launch&, const Launch&) = default;
};

struct ReplicaEnd {
  common::lifecycle::EndReason reason = common::lifecycle::EndReason::kUnknown;
  ExitStatus status;
  common::WallTime time;

  friend bool operator==(const ReplicaEnd&, const ReplicaEnd&) = default;
};

/// What a shim says of its replica, for the platform that started it and for its successors.
struct ReplicaState {
  std::string workload;
  std::string replica;
  std::uint32_t attempt = 0;
  int port = 0;
  std::string cgroup;
  pid_t shim_pid = 0;
  pid_t pid = 0;
  /// With the boot they tell the process from a later one with its pid.
  std::uint64_t pid_start_ticks = 0;
  std::string boot_id;
  common::WallTime started;
  std::chrono::milliseconds back_off{};
  bool stopping = false;  ///< It was told to end.
  std::optional<ReplicaEnd> end;

  friend bool operator==(const ReplicaState&, const ReplicaState&) = default;
};

/// What outlives the scaler of one workload.
struct WorkloadState {
  int desired = 0;
  std::uint64_t next = 1;  ///< The number of the next new replica; never used twice.

  friend bool operator==(const WorkloadState&, const WorkloadState&) = default;
};

[[nodiscard]] std::string Encode(const Launch& launch);
[[nodiscard]] std::string Encode(const ReplicaState& state);
[[nodiscard]] std::string Encode(const WorkloadState& state);

/// bad_message where the text is damaged or of a version that we do not know.
[[nodiscard]] common::Result<Launch> DecodeLaunch(std::string_view text);
[[nodiscard]] common::Result<ReplicaState> DecodeReplicaState(std::string_view text);
[[nodiscard]] common::Result<WorkloadState> DecodeWorkloadState(std::string_view text);

}  // namespace scaler::local
