#include "agent/cgroup/memory.h"

#include <string>
#include <string_view>

#include "agent/cgroup/flat_file.h"
#include "common/text.h"

namespace agent::cgroup {
namespace {

using common::Result;
using std::filesystem::path;

// v1 has no word for "no limit": it says the largest multiple of a page that fits.
constexpr std::uint64_t kNoLimitV1 = std::uint64_t{1} << 62U;

/// The same facts under the names of one version.
struct Names {
  std::string_view current;
  std::string_view limit;
  std::string_view inactive_file;
  std::string_view events;
};

constexpr Names kV1 = {"memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file",
                       "memory.oom_control"};
constexpr Names kV2 = {"memory.current", "memory.max", "inactive_file", "memory.events"};

Result<std::optional<std::uint64_t>> ReadLimit(const common::FileSystem& fs, const path& file) {
  return fs.Read(file).and_then([&](const std::string& text) {
    std::string_view rest = text;
    return ParseMemoryLimit(common::TakeLine(rest)).map_error([&](common::Error error) {
      error.what = file.string() + ": " + error.what;
      return error;
    });
  });
}

Result<std::uint64_t> ReadOomKills(const common::FileSystem& fs, const path& file) {
  return fs.Read(file).map(
      [](const std::string& text) { return FindFlatKey(text, "oom_kill").value_or(0); });
}

}  // namespace

Result<std::optional<std::uint64_t>> ParseMemoryLimit(std::string_view line) {
  if (line == "max") {
    return std::optional<std::uint64_t>{};
  }
  const auto value = common::ParseUnsigned(line);
  if (!value) {
    return common::Fail(std::errc::bad_message, "neither a number nor \"max\"");
  }
  return *value < kNoLimitV1 ? value : std::nullopt;
}

std::uint64_t MemorySample::WorkingSetBytes() const {
  // The two files are read one after the other, so the cache may appear larger
  // than the whole for an instant.
  return current_bytes > inactive_file_bytes ? current_bytes - inactive_file_bytes : 0;
}

std::optional<double> MemorySample::Utilization() const {
  if (!limit_bytes || *limit_bytes == 0) {
    return std::nullopt;
  }
  return static_cast<double>(WorkingSetBytes()) / static_cast<double>(*limit_bytes);
}

Result<MemorySample> ReadMemory(const common::FileSystem& fs, const Controller& controller,
                                const path& cgroup) {
  const auto directory = controller.mount / cgroup.relative_path();
  const Names& names = controller.unified ? kV2 : kV1;
  const auto current = ReadNumber(fs, directory / names.current);
  if (!current) {
    return tl::make_unexpected(current.error());
  }
  const auto limit = ReadLimit(fs, directory / names.limit);
  if (!limit) {
    return tl::make_unexpected(limit.error());
  }
  const auto inactive_file = ReadFlatKey(fs, directory / "memory.stat", names.inactive_file);
  if (!inactive_file) {
    return tl::make_unexpected(inactive_file.error());
  }
  const auto oom_kills = ReadOomKills(fs, directory / names.events);
  if (!oom_kills) {
    return tl::make_unexpected(oom_kills.error());
  }
  return MemorySample{.current_bytes = *current,
                      .limit_bytes = *limit,
                      .inactive_file_bytes = *inactive_file,
                      .oom_kills = *oom_kills};
}

}  // namespace agent::cgroup
