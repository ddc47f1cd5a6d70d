#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "agent/runtime/container_book.h"

namespace agent::collect {

using OomKills = std::map<runtime::WorkloadKey, std::uint64_t>;

/// Adds up OOM kills by workload so that the count outlives the cgroups that made it.
///
/// A cgroup counts its own kills and takes the count with it when it is removed, often before
/// anybody could read it; the reason in the lifecycle record then still tells of one. Pure.
class OomLedger {
 public:
  /// `earlier`: the totals when the program last ran. No total falls below them.
  explicit OomLedger(OomKills earlier = {}) : floor_(std::move(earlier)) {}

  /// The records are told again from the beginning; totals stay at least what they are.
  void BeginAnew();

  /// A running container's cgroup says that so many were killed in it.
  void Observe(const runtime::RunningContainer& container, std::uint64_t kills);

  void End(const runtime::EndedContainer& container);

  /// The totals of every workload that had a kill. Call it when all that is known was told.
  [[nodiscard]] OomKills Totals();

 private:
  struct Seen {
    runtime::WorkloadKey workload;
    std::uint64_t kills = 0;
  };

  [[nodiscard]] OomKills Counted() const;

  std::map<runtime::ContainerId, Seen> running_;
  OomKills ended_;
  OomKills floor_;  ///< Until the next Totals.
  OomKills extra_;  ///< Kills that were counted once and that nothing tells of any more.
};

}  // namespace agent::collect
