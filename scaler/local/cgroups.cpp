#include "scaler/local/cgroups.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <fstream>

#include "common/file_system.h"
#include "common/text.h"

namespace scaler::local {
namespace {

namespace fs = std::filesystem;
using common::FailErrno;
using common::Result;

constexpr double kCpuPeriodMicroseconds = 100'000;

/// Whole words of a list that commas or blanks separate.
bool HasWord(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(", \n"), list.size());
    if (list.substr(0, end) == word) {
      return true;
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

/// Writes to a kernel file in one call; the file must be there.
Result<void> WriteFile(const fs::path& file, std::string_view value) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    return FailErrno(file.string());
  }
  const bool written = ::write(fd, value.data(), value.size()) >= 0;
  const int error = errno;
  ::close(fd);
  return written ? Result<void>() : FailErrno(file.string(), error);
}

Result<void> WriteIfThere(const fs::path& file, std::string_view value) {
  return ::access(file.c_str(), F_OK) == 0 ? WriteFile(file, value) : Result<void>();
}

Result<void> MakeDirectory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return FailErrno(path.string());
  }
  return {};
}

/// Lets the children of `directory` have the controllers that they need.
Result<void> Delegate(const fs::path& directory, bool memory, bool cpu) {
  const auto file = directory / "cgroup.subtree_control";
  const std::string wanted =
      fmt::format("{}{}{}", memory ? "+memory" : "", memory && cpu ? " " : "", cpu ? "+cpu" : "");
  const auto enabled = common::FileSystem("/").Read(file);
  const bool already =
      enabled && (!memory || HasWord(*enabled, "memory")) && (!cpu || HasWord(*enabled, "cpu"));
  return already ? Result<void>() : WriteFile(file, wanted);
}

Result<void> SetMemory(const fs::path& cgroup, bool v2, const Resources& resources) {
  if (!resources.memory_limit_bytes) {
    return {};
  }
  const auto bytes = std::to_string(*resources.memory_limit_bytes);
  if (v2) {
    return WriteFile(cgroup / "memory.max", bytes).and_then([&] {
      return WriteIfThere(cgroup / "memory.swap.max", "0");
    });
  }
  // Memory with swap may not be below memory alone, hence this order.
  return WriteFile(cgroup / "memory.limit_in_bytes", bytes).and_then([&] {
    return WriteIfThere(cgroup / "memory.memsw.limit_in_bytes", bytes);
  });
}

/// Of version 1: -1 is none.
bool HasCpuLimit(const fs::path& cgroup) {
  std::ifstream file(cgroup / "cpu.cfs_quota_us");
  long long quota = -1;
  return file >> quota && quota > 0;
}

Result<void> SetCpuLimit(const fs::path& cgroup, bool v2, double cores) {
  // The kernel takes no quota below a millisecond.
  const auto quota = std::llround(std::max(cores * kCpuPeriodMicroseconds, 1000.0));
  const auto period = std::llround(kCpuPeriodMicroseconds);
  if (v2) {
    return WriteFile(cgroup / "cpu.max", fmt::format("{} {}", quota, period));
  }
  return WriteFile(cgroup / "cpu.cfs_period_us", std::to_string(period)).and_then([&] {
    auto written = WriteFile(cgroup / "cpu.cfs_quota_us", std::to_string(quota));
    // Version 1 takes none above the parent's, which holds anyway.
    const bool too_much = !written && written.error().code == std::errc::invalid_argument &&
                          HasCpuLimit(cgroup.parent_path());
    return too_much ? Result<void>() : written;
  });
}

/// As Kubernetes: 1024 shares a core, and its formula from shares to version 2's weight.
Result<void> SetCpuRequest(const fs::path& cgroup, bool v2, double cores) {
  const auto shares = std::clamp(std::llround(cores * 1024), 2LL, 262'144LL);
  return v2 ? WriteFile(cgroup / "cpu.weight", std::to_string(1 + (shares - 2) * 9999 / 262'142))
            : WriteFile(cgroup / "cpu.shares", std::to_string(shares));
}

Result<void> SetCpu(const fs::path& cgroup, bool v2, const Resources& resources) {
  Result<void> result;
  if (resources.cpu_request_cores) {
    result = SetCpuRequest(cgroup, v2, *resources.cpu_request_cores);
  }
  if (result && resources.cpu_limit_cores) {
    result = SetCpuLimit(cgroup, v2, *resources.cpu_limit_cores);
  }
  return result;
}

/// The cgroup and those below it, the deepest first.
std::vector<fs::path> WithAllBelow(const fs::path& cgroup) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(cgroup, ignored)) {
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) {
      const auto below = WithAllBelow(entry.path());
      found.insert(found.end(), below.begin(), below.end());
    }
  }
  found.push_back(cgroup);
  return found;
}

void KillProcesses(const fs::path& cgroup) {
  const auto content = common::FileSystem("/").Read(cgroup / "cgroup.procs");
  std::string_view rest = content ? std::string_view(*content) : std::string_view();
  while (!rest.empty()) {
    if (const auto pid = common::ParseUnsigned(common::TakeLine(rest)); pid && *pid > 0) {
      ::kill(static_cast<pid_t>(*pid), SIGKILL);
    }
  }
}

/// The number behind `key` in a file of "key value" lines.
std::optional<std::uint64_t> FindKey(const fs::path& file, std::string_view key) {
  const auto content = common::FileSystem("/").Read(file);
  std::string_view rest = content ? std::string_view(*content) : std::string_view();
  while (!rest.empty()) {
    auto line = common::TakeLine(rest);
    if (common::TakeWord(line) == key) {
      return common::ParseUnsigned(common::TakeWord(line));
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Cgroups> Cgroups::Find(const fs::path& root) {
  const auto mounts = common::FileSystem(root).Read("proc/self/mounts");
  if (!mounts) {
    return tl::make_unexpected(mounts.error());
  }
  Cgroups found;
  std::optional<fs::path> unified;
  bool memory = false;
  bool cpu = false;
  std::string_view rest = *mounts;
  while (!rest.empty()) {
    auto line = common::TakeLine(rest);
    common::TakeWord(line);
    const fs::path mount = root / fs::path(common::TakeWord(line)).relative_path();
    const auto type = common::TakeWord(line);
    const auto options = common::TakeWord(line);
    if (type == "cgroup2" && !unified) {
      unified = mount;
    }
    const bool has_memory = type == "cgroup" && !memory && HasWord(options, "memory");
    const bool has_cpu = type == "cgroup" && !cpu && HasWord(options, "cpu");
    const bool has_cpuacct = type == "cgroup" && HasWord(options, "cpuacct");
    if (has_memory || has_cpu || has_cpuacct) {
      found.hierarchies_.push_back(
          {.mount = mount, .v2 = false, .memory = has_memory, .cpu = has_cpu});
    }
    memory = memory || has_memory;
    cpu = cpu || has_cpu;
  }
  if (unified) {
    const auto controllers = common::FileSystem("/").Read(*unified / "cgroup.controllers");
    const bool has_memory = !memory && controllers && HasWord(*controllers, "memory");
    const bool has_cpu = !cpu && controllers && HasWord(*controllers, "cpu");
    if (has_memory || has_cpu) {
      found.hierarchies_.push_back(
          {.mount = *unified, .v2 = true, .memory = has_memory, .cpu = has_cpu});
    }
    memory = memory || has_memory;
    cpu = cpu || has_cpu;
  }
  if (!memory || !cpu) {
    return common::Fail(std::errc::not_supported,
                        "no cgroup hierarchy with memory and cpu is mounted");
  }
  return found;
}

Result<void> Cgroups::Prepare(const std::string& parent) const {
  for (const auto& hierarchy : hierarchies_) {
    fs::path directory = hierarchy.mount;
    for (const auto& part : fs::path(parent)) {
      // Version 2 hands controllers down level by level, and not to itself.
      auto made =
          hierarchy.v2 ? Delegate(directory, hierarchy.memory, hierarchy.cpu) : Result<void>();
      directory /= part;
      made = made.and_then([&] { return MakeDirectory(directory); });
      if (!made) {
        return made;
      }
    }
    if (hierarchy.v2) {
      if (auto delegated = Delegate(directory, hierarchy.memory, hierarchy.cpu); !delegated) {
        return delegated;
      }
    }
  }
  return {};
}

Result<void> Cgroups::Create(const std::string& path, const Resources& resources) const {
  for (const auto& hierarchy : hierarchies_) {
    const fs::path cgroup = hierarchy.mount / path;
    auto made = MakeDirectory(cgroup);
    if (made && hierarchy.memory) {
      made = SetMemory(cgroup, hierarchy.v2, resources);
    }
    if (made && hierarchy.cpu) {
      made = SetCpu(cgroup, hierarchy.v2, resources);
    }
    if (!made) {
      return made;
    }
  }
  return {};
}

Result<void> Cgroups::Join(const std::string& path) const {
  for (const auto& hierarchy : hierarchies_) {
    if (auto joined = WriteFile(hierarchy.mount / path / "cgroup.procs", "0"); !joined) {
      return joined;
    }
  }
  return {};
}

std::uint64_t Cgroups::OomKills(const std::string& path) const {
  for (const auto& hierarchy : hierarchies_) {
    if (hierarchy.memory) {
      const auto file = hierarchy.v2 ? "memory.events" : "memory.oom_control";
      return FindKey(hierarchy.mount / path / file, "oom_kill").value_or(0);
    }
  }
  return 0;
}

bool Cgroups::Exists(const std::string& path) const {
  return std::any_of(hierarchies_.begin(), hierarchies_.end(), [&](const Hierarchy& hierarchy) {
    std::error_code error;
    return fs::exists(hierarchy.mount / path, error);
  });
}

std::vector<pid_t> Cgroups::Processes(const std::string& path) const {
  std::vector<pid_t> pids;
  for (const auto& hierarchy : hierarchies_) {
    const auto content = common::FileSystem("/").Read(hierarchy.mount / path / "cgroup.procs");
    std::string_view rest = content ? std::string_view(*content) : std::string_view();
    while (!rest.empty()) {
      if (const auto pid = common::ParseUnsigned(common::TakeLine(rest)); pid && *pid > 0) {
        pids.push_back(static_cast<pid_t>(*pid));
      }
    }
  }
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

Result<void> Cgroups::Remove(const std::string& path) const {
  Result<void> result;
  for (const auto& hierarchy : hierarchies_) {
    const fs::path cgroup = hierarchy.mount / path;
    if (::rmdir(cgroup.c_str()) != 0 && errno != ENOENT) {
      result = FailErrno(cgroup.string());
    }
  }
  return result;
}

Result<void> Cgroups::RemoveTree(const std::string& parent) const {
  for (const auto& hierarchy : hierarchies_) {
    std::error_code ignored;
    std::vector<fs::path> children;
    for (const auto& entry : fs::directory_iterator(hierarchy.mount / parent, ignored)) {
      if (entry.is_directory(ignored)) {
        children.push_back(entry.path());
      }
    }
    for (const auto& child : children) {
      ::rmdir(child.c_str());
    }
  }
  return Remove(parent);
}

void Cgroups::KillAll(const std::string& path) const {
  for (const auto& hierarchy : hierarchies_) {
    for (const auto& cgroup : WithAllBelow(hierarchy.mount / path)) {
      KillProcesses(cgroup);
    }
  }
}

Result<void> Cgroups::RemoveAll(const std::string& path) const {
  for (const auto& hierarchy : hierarchies_) {
    for (const auto& cgroup : WithAllBelow(hierarchy.mount / path)) {
      ::rmdir(cgroup.c_str());
    }
  }
  return Remove(path);
}

}  // namespace scaler::local
