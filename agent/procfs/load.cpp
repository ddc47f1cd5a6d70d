#include "agent/procfs/load.h"

#include "common/text.h"

namespace agent::procfs {

common::Result<LoadSample> ParseLoad(std::string_view text) {
  auto line = common::TakeLine(text);
  const auto one = common::ParseDouble(common::TakeWord(line));
  const auto five = common::ParseDouble(common::TakeWord(line));
  const auto fifteen = common::ParseDouble(common::TakeWord(line));
  if (!one || !five || !fifteen) {
    return common::Fail(std::errc::bad_message, "/proc/loadavg: does not begin with three numbers");
  }
  return LoadSample{.one_minute = *one, .five_minutes = *five, .fifteen_minutes = *fifteen};
}

common::Result<LoadSample> ReadLoad(const common::FileSystem& fs) {
  return fs.Read("/proc/loadavg").and_then([](const std::string& text) { return ParseLoad(text); });
}

}  // namespace agent::procfs
