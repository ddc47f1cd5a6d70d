#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/cgroup/hierarchies.h"

namespace tests {

/// A real cgroup in every hierarchy of this machine, for as long as this object lives.
class ScratchCgroup {
 public:
  explicit ScratchCgroup(std::string name) : name_(std::move(name)) {
    const auto found = agent::cgroup::FindHierarchies(common::FileSystem("/"));
    if (!found || !found->memory || !found->cpu_usage) {
      return;
    }
    memory_ = *found->memory;
    std::set<std::filesystem::path> mounts = {memory_.mount, found->cpu_usage->mount};
    if (memory_.unified) {
      Write(memory_.mount / "cgroup.subtree_control", "+memory");
    }
    made_ = true;
    for (const auto& mount : mounts) {
      std::error_code problem;
      std::filesystem::create_directory(mount / name_, problem);
      made_ = made_ && !problem;
      directories_.push_back(mount / name_);
    }
  }
  ScratchCgroup(const ScratchCgroup&) = delete;
  ScratchCgroup& operator=(const ScratchCgroup&) = delete;
  ~ScratchCgroup() { Remove(); }

  /// False where this machine or user may not make cgroups.
  [[nodiscard]] bool Made() const { return made_; }
  [[nodiscard]] const std::string& Name() const { return name_; }

  void LimitMemory(std::uint64_t bytes) const {
    Write(memory_.mount / name_ / (memory_.unified ? "memory.max" : "memory.limit_in_bytes"),
          std::to_string(bytes));
  }

  /// Runs `work` in a process in the cgroup until its end. The signal that ended it, or 0.
  template <typename Work>
  int Run(Work work) const {
    const pid_t pid = ::fork();
    if (pid == 0) {
      for (const auto& directory : directories_) {
        Write(directory / "cgroup.procs", std::to_string(::getpid()));
      }
      work();
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  /// The kernel lets go of a dead process a little after its parent has heard of its end.
  void Remove() {
    for (const auto& directory : directories_) {
      for (int attempt = 0; attempt < 100 && ::rmdir(directory.c_str()) != 0; ++attempt) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
    directories_.clear();
  }

 private:
  static void Write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
  }

  std::string name_;
  agent::cgroup::Controller memory_;
  std::vector<std::filesystem::path> directories_;
  bool made_ = false;
};

}  // namespace tests
