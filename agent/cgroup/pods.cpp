#include "agent/cgroup/pods.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace agent::cgroup {
namespace {

using std::filesystem::path;

/// A node has some hundred pods; a tree that is larger than this is none of a kubelet's.
constexpr std::size_t kMostDirectories = 20'000;

constexpr std::array<std::string_view, 4> kTops = {
    "kubepods.slice", "kubepods", "kubelet.slice/kubelet-kubepods.slice", "kubelet/kubepods"};

bool IsHex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

bool IsUid(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

/// The names of the directories in `directory`, in order.
std::vector<std::string> Directories(const path& directory, std::size_t& left) {
  std::vector<std::string> names;
  std::error_code problem;
  std::filesystem::directory_iterator entry(directory, problem);
  for (; !problem && entry != std::filesystem::directory_iterator() && left > 0;
       entry.increment(problem)) {
    std::error_code no_status;
    if (entry->is_directory(no_status) && !entry->is_symlink(no_status)) {
      names.push_back(entry->path().filename());
      --left;
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool IsQuality(std::string_view name) {
  return name == "burstable" || name == "besteffort" || name == "guaranteed" ||
         name.ends_with("-burstable.slice") || name.ends_with("-besteffort.slice");
}

/// A walk of one tree.
class Walk {
 public:
  explicit Walk(path base) : base_(std::move(base)) {}

  void Top(const path& top) {
    for (const auto& name : Directories(base_ / top, left_)) {
      if (const auto uid = PodUidOf(name)) {
        Pod(top / name, *uid);
      } else if (IsQuality(name)) {
        for (const auto& pod : Directories(base_ / top / name, left_)) {
          if (const auto uid_below = PodUidOf(pod)) {
            Pod(top / name / pod, *uid_below);
          }
        }
      }
    }
  }

  [[nodiscard]] std::vector<PodCgroup> Take() { return std::move(found_); }

 private:
  void Pod(const path& pod, const std::string& uid) {
    for (const auto& name : Directories(base_ / pod, left_)) {
      if (auto id = ContainerIdOf(name)) {
        found_.push_back({uid, std::move(*id), pod / name});
      }
    }
  }

  path base_;
  std::size_t left_ = kMostDirectories;
  std::vector<PodCgroup> found_;
};

}  // namespace

std::optional<std::string> PodUidOf(std::string_view directory) {
  constexpr std::string_view kSlice = ".slice";
  const bool systemd = directory.ends_with(kSlice);
  if (systemd) {
    const auto mark = directory.rfind("-pod");
    if (mark == std::string_view::npos ||
        directory.substr(0, mark).find("kubepods") == std::string_view::npos) {
      return std::nullopt;
    }
    directory = directory.substr(mark + 4, directory.size() - mark - 4 - kSlice.size());
  } else if (directory.starts_with("pod")) {
    directory.remove_prefix(3);
  } else {
    return std::nullopt;
  }
  std::string uid(directory);
  if (systemd) {
    // A dash in the name of a slice parts it from the slice that it is in.
    std::replace(uid.begin(), uid.end(), '_', '-');
  }
  return IsUid(uid) ? std::optional(uid) : std::nullopt;
}

std::optional<std::string> ContainerIdOf(std::string_view directory) {
  constexpr std::string_view kScope = ".scope";
  if (directory.ends_with(kScope)) {
    directory.remove_suffix(kScope.size());
  }
  const auto dash = directory.rfind('-');
  if (dash != std::string_view::npos) {
    const auto runtime = directory.substr(0, dash);
    constexpr std::array<std::string_view, 4> kRuntimes = {"cri-containerd", "crio", "docker",
                                                           "libpod"};
    if (std::find(kRuntimes.begin(), kRuntimes.end(), runtime) == kRuntimes.end()) {
      return std::nullopt;
    }
    directory.remove_prefix(dash + 1);
  }
  // 64 digits; shorter ones are of nobody known.
  constexpr std::size_t kFewestDigits = 32;
  return directory.size() >= kFewestDigits && IsHex(directory)
             ? std::optional(std::string(directory))
             : std::nullopt;
}

std::vector<PodCgroup> FindPodCgroups(const path& root, const path& mount, const path& slice) {
  Walk walk(root / mount.relative_path());
  for (const auto top : kTops) {
    walk.Top(slice / top);
  }
  return walk.Take();
}

}  // namespace agent::cgroup
