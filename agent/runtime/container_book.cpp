#include "agent/runtime/container_book.h"

#include <algorithm>

namespace agent::runtime {
namespace {

using common::lifecycle::EndReason;
using common::lifecycle::Event;
using common::lifecycle::Record;

// A repeat follows its original closely: a shim and its platform each tell the end they saw.
constexpr std::size_t kMostRememberedEnds = 4096;

}  // namespace

std::vector<EndedContainer> ContainerBook::Apply(const Record& record) {
  const WorkloadKey workload{record.name_space, record.workload, record.container};
  restarts_.try_emplace(workload);
  switch (record.event) {
    case Event::kDeclared:
      return Declare(record, workload);
    case Event::kStart:
      Start(record, workload);
      return {};
    case Event::kEnd:
      return End(record, workload);
  }
  return {};
}

std::vector<EndedContainer> ContainerBook::Declare(const Record& record,
                                                   const WorkloadKey& workload) {
  std::vector<EndedContainer> ended;
  for (const auto& [reason, count] : record.earlier_ends) {
    CountRestarts(workload, reason, count);
    ended.push_back({.id = {}, .workload = workload, .reason = reason, .count = count});
  }
  return ended;
}

void ContainerBook::CountRestarts(const WorkloadKey& workload, EndReason reason,
                                  std::uint64_t count) {
  const auto* const counted = std::find(kRestartReasons.begin(), kRestartReasons.end(), reason);
  if (counted != kRestartReasons.end()) {
    restarts_[workload].at(static_cast<std::size_t>(counted - kRestartReasons.begin())) += count;
  }
}

void ContainerBook::Start(const Record& record, const WorkloadKey& workload) {
  const ContainerId id{record.replica, record.attempt};
  if (last_ends_index_.contains(id)) {
    // A name that is used again from attempt 0; without this its next end would be a repeat.
    last_ends_index_.erase(id);
    std::erase(last_ends_, id);
  }
  // An older attempt whose end nobody has told yet makes room: a replica has one container.
  running_.insert_or_assign(record.replica, RunningContainer{.id = id,
                                                             .workload = workload,
                                                             .cgroup = record.cgroup,
                                                             .pid = record.pid,
                                                             .started_at = record.time});
}

std::vector<EndedContainer> ContainerBook::End(const Record& record, const WorkloadKey& workload) {
  const ContainerId id{record.replica, record.attempt};
  if (!RememberEnd(id)) {
    return {};
  }
  if (const auto found = running_.find(record.replica);
      found != running_.end() && found->second.id == id) {
    running_.erase(found);
  }
  const auto reason = record.reason.value_or(EndReason::kUnknown);
  CountRestarts(workload, reason, 1);
  return {EndedContainer{.id = id, .workload = workload, .reason = reason}};
}

bool ContainerBook::RememberEnd(const ContainerId& id) {
  if (!last_ends_index_.insert(id).second) {
    return false;
  }
  last_ends_.push_back(id);
  if (last_ends_.size() > kMostRememberedEnds) {
    last_ends_index_.erase(last_ends_.front());
    last_ends_.pop_front();
  }
  return true;
}

std::vector<RunningContainer> ContainerBook::Running() const {
  std::vector<RunningContainer> containers;
  containers.reserve(running_.size());
  for (const auto& [replica, container] : running_) {
    containers.push_back(container);
  }
  return containers;
}

}  // namespace agent::runtime
