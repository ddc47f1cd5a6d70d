#include "agent/collect/pod_reader.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "agent/cgroup/pods.h"
#include "agent/cgroup/sample.h"

namespace agent::collect {
namespace {

using common::Result;

/// Between two walks that found nothing new; doubled up to the longest.
constexpr auto kFirstPause = std::chrono::milliseconds(500);
constexpr auto kLongestPause = std::chrono::milliseconds(30'000);

/// Pods of one name follow each other (StatefulSets); what they use does not go on.
std::uint32_t LifeOf(const std::string& uid) {
  return static_cast<std::uint32_t>(std::hash<std::string>{}(uid)&0x7fffffffU);
}

void KeepFirst(const Result<void>& result, Result<void>& outcome) {
  if (outcome && !result) {
    outcome = result;
  }
}

}  // namespace

Result<void> PodReader::Read(const kubernetes::PodsView& view,
                             const cgroup::Hierarchies& hierarchies, common::MonotonicTime now) {
  containers_.clear();
  pods_.clear();
  kills_ = {};
  Locate(view, hierarchies, now);
  Result<void> outcome;
  for (const auto& pod : view.pods) {
    std::filesystem::path cgroup;
    for (const auto& container : pod.containers) {
      const auto found = cgroups_.find(container.id);
      if (found != cgroups_.end()) {
        cgroup = found->second.parent_path();
        KeepFirst(ReadContainer(pod, container, found->second, hierarchies), outcome);
      }
    }
    if (!cgroup.empty()) {
      KeepFirst(ReadPod(pod, cgroup, hierarchies), outcome);
    }
  }
  return outcome;
}

void PodReader::Locate(const kubernetes::PodsView& view, const cgroup::Hierarchies& hierarchies,
                       common::MonotonicTime now) {
  std::set<std::string> missing;
  std::set<std::string> wanted;
  for (const auto& pod : view.pods) {
    for (const auto& container : pod.containers) {
      wanted.insert(container.id);
      if (!cgroups_.contains(container.id)) {
        missing.insert(container.id);
      }
    }
  }
  std::erase_if(cgroups_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  const auto& controller = hierarchies.memory ? hierarchies.memory : hierarchies.cpu_usage;
  if (missing.empty() || !controller || now < walk_after_) {
    return;
  }
  bool found = false;
  for (auto& each : cgroup::FindPodCgroups(root_, controller->mount, slice_)) {
    if (missing.contains(each.container_id)) {
      found = true;
      cgroups_[std::move(each.container_id)] = std::move(each.cgroup);
    }
  }
  pause_ = found ? kFirstPause : std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  walk_after_ = now + pause_;
}

Result<void> PodReader::ReadContainer(const kubernetes::RunningPod& pod,
                                      const kubernetes::RunningContainer& container,
                                      const std::filesystem::path& cgroup,
                                      const cgroup::Hierarchies& hierarchies) {
  const auto sample = cgroup::ReadSample(fs_, hierarchies, cgroup);
  if (!sample) {
    return tl::make_unexpected(sample.error());
  }
  if (!*sample) {
    return {};  // It has ended, and the API server has not told so yet.
  }
  if ((*sample)->memory) {
    kills_.containers[container.id] = (*sample)->memory->oom_kills;
  }
  runtime::RunningContainer running;
  running.id = {pod.name, container.attempt};
  running.workload = {pod.name_space, pod.workload, container.name};
  running.cgroup = cgroup;
  running.started_at = container.started_at;
  containers_.push_back({std::move(running), **sample});
  return {};
}

Result<void> PodReader::ReadPod(const kubernetes::RunningPod& pod,
                                const std::filesystem::path& cgroup,
                                const cgroup::Hierarchies& hierarchies) {
  const auto sample = cgroup::ReadSample(fs_, hierarchies, cgroup);
  if (!sample) {
    return tl::make_unexpected(sample.error());
  }
  if (!*sample) {
    return {};
  }
  // Only v2 adds up what the cgroups below count, and keeps it when they go.
  if ((*sample)->memory && hierarchies.memory->unified) {
    kills_.pods[pod.uid] = (*sample)->memory->oom_kills;
  }
  runtime::RunningContainer running;
  running.id = {pod.name, LifeOf(pod.uid)};
  running.workload = {pod.name_space, pod.workload, {}};
  running.cgroup = cgroup;
  pods_.push_back({std::move(running), **sample});
  return {};
}

}  // namespace agent::collect
