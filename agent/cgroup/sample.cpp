#include "agent/cgroup/sample.h"

#include <algorithm>
#include <string>

#include "agent/cgroup/cpu.h"
#include "agent/cgroup/flat_file.h"

namespace agent::cgroup {
namespace {

/// Reads one part of a cgroup into `part`, which stays empty where the cgroup is not there.
template <typename T, typename Read>
common::Result<void> ReadPart(const std::optional<Controller>& controller, std::optional<T>& part,
                              Read read) {
  if (!controller) {
    return {};
  }
  auto value = read(*controller);
  if (value) {
    part = std::move(*value);
  } else if (!SaysGone(value.error())) {
    return tl::make_unexpected(value.error());
  }
  return {};
}

bool LeavesItsMount(const std::filesystem::path& cgroup) {
  return std::find(cgroup.begin(), cgroup.end(), "..") != cgroup.end();
}

}  // namespace

common::Result<std::optional<Sample>> ReadSample(const common::FileSystem& fs,
                                                 const Hierarchies& hierarchies,
                                                 const std::filesystem::path& cgroup) {
  if (LeavesItsMount(cgroup)) {
    return common::Fail(std::errc::invalid_argument, "cgroup " + cgroup.string() + ": has '..'");
  }
  Sample sample;
  auto done = ReadPart(hierarchies.cpu_usage, sample.cpu_seconds,
                       [&](const Controller& at) { return ReadCpuSeconds(fs, at, cgroup); })
                  .and_then([&] {
                    return ReadPart(
                        hierarchies.cpu_quota, sample.throttled_seconds,
                        [&](const Controller& at) { return ReadThrottledSeconds(fs, at, cgroup); });
                  })
                  .and_then([&] {
                    return ReadPart(hierarchies.memory, sample.memory, [&](const Controller& at) {
                      return ReadMemory(fs, at, cgroup);
                    });
                  });
  if (!done) {
    return tl::make_unexpected(done.error());
  }
  if (!sample.cpu_seconds && !sample.memory) {
    return std::nullopt;
  }
  return sample;
}

}  // namespace agent::cgroup
