#include "tests/bench/cluster_latency/writes.h"

#include <chrono>
#include <utility>

namespace cluster::latency {

Writes::Writes(const ControlPlane& plane, std::string name_space)
    : audit_(plane), name_space_(std::move(name_space)) {}

void Writes::Poll() {
  const auto requests = audit_.Next();
  const auto wall = std::chrono::system_clock::now();
  const auto monotonic = std::chrono::steady_clock::now();
  const auto at = [&](Request::Time time) {
    return std::chrono::time_point_cast<common::MonotonicTime::duration>(monotonic - (wall - time));
  };
  for (const auto& request : requests) {
    if (request.name_space == name_space_ && request.replicas && request.code == 200) {
      writes_[request.name].push_back({.ours = request.account.starts_with("trimtab-"),
                                       .to = *request.replicas,
                                       .received = at(request.received),
                                       .accepted = at(request.answered)});
    }
  }
}

const std::vector<Write>& Writes::Of(const std::string& workload) const {
  static const std::vector<Write> kNone;
  const auto found = writes_.find(workload);
  return found == writes_.end() ? kNone : found->second;
}

}  // namespace cluster::latency
