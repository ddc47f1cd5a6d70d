#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace demo {

/// One process, for as long as it lives: a pid may come back, together with its start it does not.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;

  friend auto operator<=>(const ProcessId&, const ProcessId&) = default;
};

/// By the replica's name; more than one process where a second copy was started.
using Replicas = std::map<std::string, std::vector<ProcessId>>;

/// The shops among these processes, as the kernel has them: nothing here asks our own programs.
[[nodiscard]] Replicas FindReplicas(const std::vector<pid_t>& processes);

/// What became of the replicas while the scaler was away.
struct ReplicaChanges {
  std::size_t before = 0;
  std::size_t same = 0;              ///< Same process after as before.
  std::vector<std::string> ended{};  ///< Names whose process is another one, or gone.
  std::vector<std::string> twice{};  ///< Names that two processes have.
};

[[nodiscard]] ReplicaChanges Compare(const Replicas& before, const Replicas& after);

}  // namespace demo
