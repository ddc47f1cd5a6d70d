#include "agent/procfs/memory.h"

#include <array>
#include <utility>

#include "common/text.h"

namespace agent::procfs {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t MemorySample::*>, 8> kFields = {
    {{"MemTotal:", &MemorySample::total_bytes},
     {"MemFree:", &MemorySample::free_bytes},
     {"MemAvailable:", &MemorySample::available_bytes},
     {"Buffers:", &MemorySample::buffers_bytes},
     {"Cached:", &MemorySample::cached_bytes},
     {"Inactive(file):", &MemorySample::inactive_file_bytes},
     {"SwapTotal:", &MemorySample::swap_total_bytes},
     {"SwapFree:", &MemorySample::swap_free_bytes}}};

constexpr std::uint64_t kKibibyte = 1024;

}  // namespace

std::uint64_t MemorySample::WorkingSetBytes() const {
  // The kernel does not take the whole table at one instant.
  const auto spare = free_bytes + inactive_file_bytes;
  return total_bytes > spare ? total_bytes - spare : 0;
}

common::Result<MemorySample> ParseMemory(std::string_view text) {
  MemorySample sample;
  while (!text.empty()) {
    auto line = common::TakeLine(text);
    const auto name = common::TakeWord(line);
    for (const auto& [known, field] : kFields) {
      if (known != name) {
        continue;
      }
      const auto kibibytes = common::ParseUnsigned(common::TakeWord(line));
      if (!kibibytes) {
        return common::Fail(std::errc::bad_message,
                            "/proc/meminfo: " + std::string(name) + " is not a number");
      }
      sample.*field = *kibibytes * kKibibyte;
    }
  }
  if (sample.total_bytes == 0 || sample.available_bytes == 0) {
    return common::Fail(std::errc::bad_message, "/proc/meminfo: no MemTotal or no MemAvailable");
  }
  return sample;
}

common::Result<MemorySample> ReadMemory(const common::FileSystem& fs) {
  return fs.Read("/proc/meminfo").and_then([](const std::string& text) {
    return ParseMemory(text);
  });
}

}  // namespace agent::procfs
