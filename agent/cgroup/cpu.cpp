#include "agent/cgroup/cpu.h"

#include <string>

#include "agent/cgroup/flat_file.h"

namespace agent::cgroup {
namespace {

constexpr double kNanosecond = 1e9;
constexpr double kMicrosecond = 1e6;
// USER_HZ: part of the kernel's interface.
constexpr double kTicksPerSecond = 100;

auto Over(double units_per_second) {
  return [=](std::uint64_t units) { return static_cast<double>(units) / units_per_second; };
}

}  // namespace

common::Result<double> ReadCpuSeconds(const common::FileSystem& fs, const Controller& controller,
                                      const std::filesystem::path& cgroup) {
  const auto directory = controller.mount / cgroup.relative_path();
  return controller.unified
             ? ReadFlatKey(fs, directory / "cpu.stat", "usage_usec").map(Over(kMicrosecond))
             : ReadNumber(fs, directory / "cpuacct.usage").map(Over(kNanosecond));
}

common::Result<CpuTimes> ReadCpuTimes(const common::FileSystem& fs, const Controller& controller,
                                      const std::filesystem::path& cgroup) {
  const auto file = controller.mount / cgroup.relative_path() /
                    (controller.unified ? "cpu.stat" : "cpuacct.stat");
  const auto seconds = Over(controller.unified ? kMicrosecond : kTicksPerSecond);
  const auto user = ReadFlatKey(fs, file, controller.unified ? "user_usec" : "user");
  if (!user) {
    return tl::make_unexpected(user.error());
  }
  return ReadFlatKey(fs, file, controller.unified ? "system_usec" : "system")
      .map([&](std::uint64_t system) {
        return CpuTimes{.user_seconds = seconds(*user), .system_seconds = seconds(system)};
      });
}

common::Result<std::optional<double>> ReadThrottledSeconds(const common::FileSystem& fs,
                                                           const Controller& controller,
                                                           const std::filesystem::path& cgroup) {
  return fs.Read(controller.mount / cgroup.relative_path() / "cpu.stat")
      .map([&](const std::string& text) -> std::optional<double> {
        const auto value =
            FindFlatKey(text, controller.unified ? "throttled_usec" : "throttled_time");
        const double unit = controller.unified ? kMicrosecond : kNanosecond;
        return value ? std::optional(static_cast<double>(*value) / unit) : std::nullopt;
      });
}

}  // namespace agent::cgroup
