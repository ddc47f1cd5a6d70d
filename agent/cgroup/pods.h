#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent::cgroup {

/// The cgroup of a container of a pod, as its kubelet and runtime name it.
struct PodCgroup {
  std::string pod_uid;
  std::string container_id;
  std::filesystem::path cgroup;  ///< Path below each controller's mount; its parent is the pod's.

  friend bool operator==(const PodCgroup&, const PodCgroup&) = default;
};

/// The uid in the name of a pod's cgroup: "kubepods-burstable-pod3a_1f.slice" (systemd) or
/// "pod3a-1f" (cgroupfs); nothing where the name is of something else.
[[nodiscard]] std::optional<std::string> PodUidOf(std::string_view directory);

/// The id in the name of a container's cgroup: "cri-containerd-4f5e.scope", "crio-4f5e.scope"
/// (systemd), "4f5e", "crio-4f5e" (cgroupfs), and what other runtimes write; nothing where the name
/// is of something else, such as CRI-O's watchers (conmon).
[[nodiscard]] std::optional<std::string> ContainerIdOf(std::string_view directory);

/// Looks for the containers of pods below `mount` of the machine beneath `root`, in the part
/// `slice` of it (empty: all). Knows the layouts of the kubelet: kubepods.slice or kubepods, at the
/// top or below kubelet.slice or kubelet (clusters in containers), pods of guaranteed quality
/// directly and others below burstable and besteffort. What cannot be read is left out.
[[nodiscard]] std::vector<PodCgroup> FindPodCgroups(const std::filesystem::path& root,
                                                    const std::filesystem::path& mount,
                                                    const std::filesystem::path& slice);

}  // namespace agent::cgroup
