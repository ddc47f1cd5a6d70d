#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "scaler/local/host.h"
#include "scaler/local/replica_files.h"
#include "scaler/local/spec.h"

namespace scaler::local {

/// Which run of which replica.
struct AttemptId {
  std::string replica;
  std::uint32_t attempt = 0;
};

/// What the shim has to know to run it: command and environment with PORT, REPLICA, WORKLOAD and
/// the workload's own variables filled in.
[[nodiscard]] Launch MakeLaunch(const Host& host, const WorkloadSpec& spec, const AttemptId& id,
                                const std::string& node, int port,
                                std::chrono::milliseconds back_off);

/// Writes the launch down and starts its shim, which holds the replica's lock from before it
/// lives until it ends. The shim is our child, to be watched.
[[nodiscard]] common::Result<pid_t> StartShim(const Host& host, const Launch& launch);

/// Whether a shim lives that runs this replica.
[[nodiscard]] bool ShimLives(const Host& host, const std::string& replica);

/// The pid that the replica's present shim wrote down as its first act, if it has come that far.
[[nodiscard]] std::optional<pid_t> ShimPid(const Host& host, const std::string& replica);

/// What a shim last said of that attempt.
[[nodiscard]] std::optional<ReplicaState> ReadState(const Host& host, const AttemptId& id);

/// How an attempt ended whose shim has ended. Where the shim could not say (it was killed), ends
/// what is left of the replica and records that nobody knows. Nothing where the attempt never
/// began.
[[nodiscard]] std::optional<ReplicaEnd> CollectEnd(const Host& host, const WorkloadSpec& spec,
                                                   const AttemptId& id);

/// Removes everything that was kept about the replica, but for its log.
void RemoveFiles(const Host& host, const std::string& replica);

}  // namespace scaler::local
