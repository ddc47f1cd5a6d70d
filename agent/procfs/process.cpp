#include "agent/procfs/process.h"

#include <unistd.h>

#include "agent/procfs/ticks.h"
#include "common/text.h"

namespace agent::procfs {
namespace {

// Counted from the state, the first field after the name (proc_pid_stat(5) calls it the third).
constexpr int kUserTicks = 11;
constexpr int kSystemTicks = 12;
constexpr int kResidentPages = 21;

}  // namespace

common::Result<ProcessSample> ParseProcess(std::string_view stat, std::uint64_t page_bytes) {
  const auto bad = [] {
    return common::Fail(std::errc::bad_message, "/proc/self/stat: not as proc_pid_stat(5) says");
  };
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) {
    return bad();
  }
  stat.remove_prefix(name_end + 1);
  ProcessSample sample;
  for (int field = 0; field <= kResidentPages; ++field) {
    const auto word = common::TakeWord(stat);
    if (field != kUserTicks && field != kSystemTicks && field != kResidentPages) {
      continue;
    }
    const auto value = common::ParseUnsigned(word);
    if (!value) {
      return bad();
    }
    if (field == kResidentPages) {
      sample.resident_bytes = *value * page_bytes;
    } else {
      sample.cpu_seconds += static_cast<double>(*value) / kTicksPerSecond;
    }
  }
  return sample;
}

common::Result<ProcessSample> ReadOwnProcess() {
  return common::FileSystem("/").Read("/proc/self/stat").and_then([](const std::string& text) {
    return ParseProcess(text, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  });
}

}  // namespace agent::procfs
