#include "agent/cgroup/slice.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "agent/cgroup/cpu.h"
#include "agent/cgroup/flat_file.h"
#include "common/text.h"

namespace agent::cgroup {
namespace {

using common::Result;
using std::filesystem::path;

/// Quota over period; nothing where there is no quota. v1 says so by -1, v2 by "max".
std::optional<double> ToCores(std::string_view quota, std::string_view period) {
  const auto used = common::ParseUnsigned(quota);
  const auto of = common::ParseUnsigned(period);
  return used && of && *of > 0
             ? std::optional(static_cast<double>(*used) / static_cast<double>(*of))
             : std::nullopt;
}

/// A file's first line; empty where there is none, as at the top of a hierarchy.
Result<std::string> FirstLine(const common::FileSystem& fs, const path& file) {
  auto text = fs.Read(file);
  if (!text) {
    return SaysGone(text.error()) ? Result<std::string>(std::string()) : text;
  }
  std::string_view rest = *text;
  return std::string(common::TakeLine(rest));
}

Result<std::optional<double>> ReadCores(const common::FileSystem& fs, const Controller& controller,
                                        const path& cgroup) {
  const auto directory = controller.mount / cgroup;
  if (controller.unified) {
    return FirstLine(fs, directory / "cpu.max").map([](const std::string& line) {
      std::string_view rest = line;
      const auto quota = common::TakeWord(rest);
      return ToCores(quota, common::TakeWord(rest));
    });
  }
  return FirstLine(fs, directory / "cpu.cfs_quota_us").and_then([&](const std::string& quota) {
    return FirstLine(fs, directory / "cpu.cfs_period_us").map([&](const std::string& period) {
      return ToCores(quota, period);
    });
  });
}

Result<std::optional<std::uint64_t>> ReadMemoryLimit(const common::FileSystem& fs,
                                                     const Controller& controller,
                                                     const path& cgroup) {
  const auto file =
      controller.mount / cgroup / (controller.unified ? "memory.max" : "memory.limit_in_bytes");
  return FirstLine(fs, file)
      .and_then([](const std::string& line) {
        return line.empty() ? std::optional<std::uint64_t>() : ParseMemoryLimit(line);
      })
      .map_error([&](common::Error error) {
        error.what = file.string() + ": " + error.what;
        return error;
      });
}

/// The least of what `read` says of the cgroup and of those above it.
template <typename T, typename Read>
Result<std::optional<T>> Tightest(const common::FileSystem& fs,
                                  const std::optional<Controller>& controller, path cgroup,
                                  Read read) {
  std::optional<T> least;
  while (controller && !cgroup.empty()) {
    const Result<std::optional<T>> here = read(fs, *controller, cgroup);
    if (!here) {
      return here;
    }
    if (*here) {
      least = std::min(**here, least.value_or(**here));
    }
    cgroup = cgroup.parent_path();
  }
  return least;
}

/// Puts what a read gave into `part`, and passes its failure on.
template <typename T, typename Part>
Result<void> StorePart(Result<T> value, Part& part) {
  if (!value) {
    return tl::make_unexpected(value.error());
  }
  part = std::move(*value);
  return {};
}

}  // namespace

Result<SliceSample> ReadSlice(const common::FileSystem& fs, const Hierarchies& hierarchies,
                              const path& cgroup) {
  if (std::find(cgroup.begin(), cgroup.end(), "..") != cgroup.end()) {
    return common::Fail(std::errc::invalid_argument, "cgroup " + cgroup.string() + ": has '..'");
  }
  const auto slice = cgroup.relative_path();
  SliceSample sample;
  Result<void> done;
  if (hierarchies.cpu_usage) {
    done = StorePart(ReadCpuTimes(fs, *hierarchies.cpu_usage, slice), sample.cpu);
  }
  if (done && hierarchies.cpu_quota) {
    done =
        StorePart(ReadThrottledSeconds(fs, *hierarchies.cpu_quota, slice), sample.throttled_seconds)
            .and_then([&] {
              return StorePart(Tightest<double>(fs, hierarchies.cpu_quota, slice, ReadCores),
                               sample.cpu_cores);
            });
  }
  if (done && hierarchies.memory) {
    done = StorePart(ReadMemory(fs, *hierarchies.memory, slice), sample.memory).and_then([&] {
      return StorePart(Tightest<std::uint64_t>(fs, hierarchies.memory, slice, ReadMemoryLimit),
                       sample.memory_bytes);
    });
  }
  return done.map([&] { return sample; });
}

}  // namespace agent::cgroup
