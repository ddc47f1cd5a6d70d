#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/lifecycle/record.h"

namespace agent::runtime {

/// What restarts and OOM kills are counted by. Not by replica: replicas come and go, and a
/// counter must not.
struct WorkloadKey {
  std::string name_space;
  std::string workload;
  std::string container;

  friend auto operator<=>(const WorkloadKey&, const WorkloadKey&) = default;
};

/// One life of one replica.
struct ContainerId {
  std::string replica;
  std::uint32_t attempt = 0;

  friend auto operator<=>(const ContainerId&, const ContainerId&) = default;
};

/// A container that has started and, as far as the records tell, not ended.
struct RunningContainer {
  ContainerId id;
  WorkloadKey workload;
  std::string cgroup;  ///< Path below each controller's mount; empty without a cgroup.
  std::int32_t pid = 0;
  common::WallTime started_at;

  friend bool operator==(const RunningContainer&, const RunningContainer&) = default;
};

struct EndedContainer {
  ContainerId id;
  WorkloadKey workload;
  common::lifecycle::EndReason reason = common::lifecycle::EndReason::kUnknown;
  std::uint64_t count = 1;  ///< More where a file only tells how often, and then without `id`.

  friend bool operator==(const EndedContainer&, const EndedContainer&) = default;
};

/// The ends that count as restarts: all but kScaledDown, which somebody asked for.
inline constexpr std::array kRestartReasons = {
    common::lifecycle::EndReason::kOomKilled,   common::lifecycle::EndReason::kAppError,
    common::lifecycle::EndReason::kHealthCheck, common::lifecycle::EndReason::kEvicted,
    common::lifecycle::EndReason::kCompleted,   common::lifecycle::EndReason::kUnknown};

/// Restarts of one workload, in the order of kRestartReasons.
using RestartCounts = std::array<std::uint64_t, kRestartReasons.size()>;

/// What the lifecycle records add up to. Pure: no files, no clock.
class ContainerBook {
 public:
  /// Takes the next record. Returns the ends that it tells, unless they were told before: one at
  /// most, but for a declaration with earlier ends.
  std::vector<EndedContainer> Apply(const common::lifecycle::Record& record);

  [[nodiscard]] std::vector<RunningContainer> Running() const;

  /// Every workload that was ever declared, started or ended, from 0.
  [[nodiscard]] const std::map<WorkloadKey, RestartCounts>& Restarts() const { return restarts_; }

 private:
  std::vector<EndedContainer> Declare(const common::lifecycle::Record& record,
                                      const WorkloadKey& workload);
  void CountRestarts(const WorkloadKey& workload, common::lifecycle::EndReason reason,
                     std::uint64_t count);
  void Start(const common::lifecycle::Record& record, const WorkloadKey& workload);
  std::vector<EndedContainer> End(const common::lifecycle::Record& record,
                                  const WorkloadKey& workload);
  bool RememberEnd(const ContainerId& id);

  std::map<std::string, RunningContainer> running_;  ///< By replica.
  std::map<WorkloadKey, RestartCounts> restarts_;
  /// The last ends, so that one that is told twice counts once. Bounded.
  std::deque<ContainerId> last_ends_;
  std::set<ContainerId> last_ends_index_;
};

}  // namespace agent::runtime
