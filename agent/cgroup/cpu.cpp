#include "agent/cgroup/cpu.h"

#include <string>

#include "agent/cgroup/flat_file.h"

namespace agent::cgroup {
namespace {

constexpr double kNanosecond = 1e9;
constexpr double kMicrosecond = 1e6;

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
