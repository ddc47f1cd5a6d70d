#pragma once

#include <fmt/format.h>

#include <string>

#include "agent/kubernetes/pod.h"
#include "common/clock.h"

namespace tests {

inline const common::WallTime kStory(std::chrono::seconds(1'790'000'000));

inline common::WallTime At(int second) { return kStory + std::chrono::seconds(second); }

/// The end of one life of a container; ids are "containerd://c0", c1, ...
inline agent::kubernetes::Termination Ended(int life, int from, int to, std::int64_t exit_code,
                                            std::string reason = "Error") {
  return {.container_id = fmt::format("containerd://c{}", life),
          .reason = exit_code == 0 ? "Completed" : std::move(reason),
          .exit_code = exit_code,
          .started_at = At(from),
          .finished_at = At(to)};
}

/// A replica of the Deployment "shop" with one container that has not begun.
inline agent::kubernetes::Pod ShopPod(const std::string& name = "shop-5d9f-abcde") {
  agent::kubernetes::Pod pod;
  pod.name_space = "shops";
  pod.name = name;
  pod.uid = "uid-" + name;
  pod.node = "node-1";
  pod.owner.kind = "ReplicaSet";
  pod.owner.name = "shop-5d9f";
  pod.owner.template_hash = "5d9f";
  pod.containers.push_back({.name = "web", .has_probe = true});
  return pod;
}

/// It runs its life number `life`, since `second`.
inline void Begin(agent::kubernetes::Container& container, int life, int second) {
  if (container.terminated) {
    container.last_terminated = container.terminated;
  }
  container.terminated.reset();
  container.waiting.clear();
  container.has_status = true;
  container.id = fmt::format("containerd://c{}", life);
  container.restart_count = static_cast<std::uint64_t>(life);
  container.running_since = At(second);
}

inline void End(agent::kubernetes::Container& container, agent::kubernetes::Termination end) {
  container.has_status = true;
  container.running_since.reset();
  container.id = end.container_id;
  container.terminated = std::move(end);
}

/// It waits to be started again.
inline void BackOff(agent::kubernetes::Container& container) {
  container.last_terminated = container.terminated;
  container.terminated.reset();
  container.waiting = "CrashLoopBackOff";
}

}  // namespace tests
