#include "agent/procfs/cpu.h"

#include "agent/procfs/ticks.h"
#include "common/text.h"

namespace agent::procfs {
namespace {

constexpr std::size_t kFewestColumns = 4;

}  // namespace

common::Result<CpuSample> ParseCpu(std::string_view text) {
  while (!text.empty()) {
    auto line = common::TakeLine(text);
    if (common::TakeWord(line) != "cpu") {
      continue;
    }
    CpuSample sample;
    std::size_t column = 0;
    for (; column < sample.seconds.size(); ++column) {
      const auto word = common::TakeWord(line);
      if (word.empty()) {
        break;
      }
      const auto ticks = common::ParseUnsigned(word);
      if (!ticks) {
        return common::Fail(std::errc::bad_message, "/proc/stat: the cpu line has no numbers");
      }
      sample.seconds.at(column) = static_cast<double>(*ticks) / kTicksPerSecond;
    }
    if (column < kFewestColumns) {
      return common::Fail(std::errc::bad_message, "/proc/stat: the cpu line is too short");
    }
    return sample;
  }
  return common::Fail(std::errc::bad_message, "/proc/stat: no cpu line");
}

common::Result<CpuSample> ReadCpu(const common::FileSystem& fs) {
  return fs.Read("/proc/stat").and_then([](const std::string& text) { return ParseCpu(text); });
}

}  // namespace agent::procfs
