#include "agent/procfs/vmstat.h"

#include "common/text.h"

namespace agent::procfs {

std::optional<std::uint64_t> ParseOomKills(std::string_view vmstat) {
  while (!vmstat.empty()) {
    auto line = common::TakeLine(vmstat);
    if (common::TakeWord(line) == "oom_kill") {
      return common::ParseUnsigned(common::TakeWord(line));
    }
  }
  return std::nullopt;
}

common::Result<std::optional<std::uint64_t>> ReadOomKills(const common::FileSystem& fs) {
  return fs.Read("/proc/vmstat").map([](const std::string& text) { return ParseOomKills(text); });
}

}  // namespace agent::procfs
