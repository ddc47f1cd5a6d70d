#include "tests/demo/stage/leftovers.h"

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "common/text.h"

namespace demo {
namespace {

namespace fs = std::filesystem;

/// The mount points of cgroup v1 controllers and of cgroup v2, each tree once.
std::vector<fs::path> MountPoints() {
  std::vector<fs::path> mounts;
  std::set<std::pair<dev_t, ino_t>> roots;
  std::ifstream file("/proc/self/mounts");
  for (std::string line; std::getline(file, line);) {
    std::string_view rest = line;
    common::TakeWord(rest);
    const auto path = common::TakeWord(rest);
    const auto type = common::TakeWord(rest);
    struct stat root {};
    if ((type == "cgroup" || type == "cgroup2") && ::stat(std::string(path).c_str(), &root) == 0 &&
        roots.emplace(root.st_dev, root.st_ino).second) {
      mounts.emplace_back(path);
    }
  }
  return mounts;
}

void KillMembers(const fs::path& cgroup) {
  std::ifstream file(cgroup / "cgroup.procs");
  for (pid_t pid = 0; file >> pid;) {
    if (pid > 1 && pid != ::getpid()) {
      ::kill(pid, SIGKILL);
    }
  }
}

/// Children before their parents, as rmdir wants it.
void RemoveTree(const fs::path& cgroup) {
  std::error_code error;
  for (fs::directory_iterator entry(cgroup, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
      RemoveTree(entry->path());
    }
  }
  KillMembers(cgroup);
  // A killed process leaves its cgroup a moment later.
  for (int attempt = 0; attempt < 100 && ::rmdir(cgroup.c_str()) != 0 && errno == EBUSY;
       ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

std::vector<fs::path> FindCgroups(const std::string& name) {
  std::vector<fs::path> found;
  for (const auto& mount : MountPoints()) {
    std::error_code error;
    if (fs::is_directory(mount / name, error)) {
      found.push_back(mount / name);
    }
  }
  return found;
}

void RemoveCgroups(const std::vector<fs::path>& cgroups) {
  for (const auto& cgroup : cgroups) {
    RemoveTree(cgroup);
  }
}

int RemoveStaleCgroups(const std::string& prefix) {
  std::vector<fs::path> stale;
  for (const auto& mount : MountPoints()) {
    std::error_code error;
    for (fs::directory_iterator entry(mount, error), end; !error && entry != end;
         entry.increment(error)) {
      const auto name = entry->path().filename().string();
      if (!name.starts_with(prefix)) {
        continue;
      }
      const auto pid = common::ParseUnsigned(std::string_view(name).substr(prefix.size()));
      if (pid && *pid > 1 && ::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH) {
        stale.push_back(entry->path());
      }
    }
  }
  RemoveCgroups(stale);
  return static_cast<int>(stale.size());
}

}  // namespace demo
