#include "common/kubernetes/workload_name.h"

#include <algorithm>

namespace common::kubernetes {
namespace {

/// "shop" of "shop-29384756": CronJobs name their Jobs by the minute for which they are.
std::string CronJobOf(const std::string& job) {
  constexpr std::size_t kFewestDigits = 8;
  const auto dash = job.rfind('-');
  if (dash == std::string::npos || dash == 0 || job.size() - dash - 1 < kFewestDigits) {
    return job;
  }
  const bool digits = std::all_of(job.begin() + static_cast<std::ptrdiff_t>(dash) + 1, job.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  return digits ? job.substr(0, dash) : job;
}

std::string Without(const std::string& name, const std::string& ending) {
  return !ending.empty() && name.size() > ending.size() && name.ends_with(ending)
             ? name.substr(0, name.size() - ending.size())
             : name;
}

}  // namespace

std::string WorkloadName(const std::string& pod, const PodOwner& owner) {
  if (owner.name.empty()) {
    return pod;
  }
  if (owner.kind == "ReplicaSet") {
    return owner.template_hash.empty() ? owner.name
                                       : Without(owner.name, "-" + owner.template_hash);
  }
  if (owner.kind == "Job") {
    return CronJobOf(owner.name);
  }
  if (owner.kind == "Node") {
    return Without(pod, "-" + owner.name);  // A file of the kubelet makes it.
  }
  return owner.name;
}

}  // namespace common::kubernetes
