#include "agent/kubernetes/pod_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace agent::kubernetes {
namespace {

/// What a kubelet calls the states in which a container waits for something to be mended.
constexpr std::array<std::string_view, 11> kTroubles = {
    "CrashLoopBackOff",    "ImagePullBackOff",           "ErrImagePull",
    "ErrImageNeverPull",   "InvalidImageName",           "ImageInspectError",
    "RegistryUnavailable", "CreateContainerConfigError", "CreateContainerError",
    "RunContainerError",   "PostStartHookError"};

}  // namespace

std::string WaitingReason(const std::string& told) {
  if (told.empty() || told == "ContainerCreating" || told == "PodInitializing") {
    return {};
  }
  const bool known = std::find(kTroubles.begin(), kTroubles.end(), told) != kTroubles.end();
  return known ? told : "other";
}

common::Result<void> PodTable::Put(std::string_view json, const RestartBook::Now& now) {
  const auto pod = ParsePod(json);
  if (!pod) {
    return tl::make_unexpected(pod.error());
  }
  book_.Put(*pod, now);
  Entry entry;
  entry.pod = {pod->name_space, pod->name, WorkloadOf(*pod), pod->uid, {}};
  for (const auto& container : pod->containers) {
    if (container.running_since && !container.id.empty()) {
      const auto attempt = std::min<std::uint64_t>(container.restart_count,
                                                   std::numeric_limits<std::uint32_t>::max());
      entry.pod.containers.push_back({WithoutScheme(container.id), container.name,
                                      static_cast<std::uint32_t>(attempt),
                                      *container.running_since});
    }
    if (auto reason = WaitingReason(container.waiting); !reason.empty()) {
      entry.waiting[container.name] = std::move(reason);
    }
  }
  pods_[{pod->name_space, pod->name}] = std::move(entry);
  return {};
}

void PodTable::Remove(const common::kubernetes::ObjectKey& key, const RestartBook::Now& now) {
  if (const auto found = pods_.find(key); found != pods_.end()) {
    book_.Remove(found->second.pod.uid, now);
    pods_.erase(found);
  }
}

PodsView PodTable::View() const {
  PodsView view;
  view.workloads = book_.Workloads();
  for (const auto& [key, entry] : pods_) {
    for (const auto& [container, reason] : entry.waiting) {
      const runtime::WorkloadKey workload{key.name_space, entry.pod.workload, container};
      if (view.workloads.contains(workload)) {  // Of those that are counted at all.
        ++view.waiting[{workload, reason}];
      }
    }
    if (!entry.pod.containers.empty()) {
      view.pods.push_back(entry.pod);
    }
  }
  return view;
}

}  // namespace agent::kubernetes
