#include "agent/procfs/cpu.h"

#include "agent/procfs/ticks.h"
#include "common/text.h"

namespace agent::procfs {
namespace {

constexpr std::size_t kFewestColumns = 4;

/// "cpu0", "cpu1", ...
bool IsOfOneProcessor(std::string_view word) {
  return word.starts_with("cpu") && common::ParseUnsigned(word.substr(3)).has_value();
}

/// The columns of the "cpu" line.
common::Result<void> ParseTicks(std::string_view line, CpuSample& sample) {
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
  return {};
}

}  // namespace

common::Result<CpuSample> ParseCpu(std::string_view text) {
  CpuSample sample;
  bool found = false;
  while (!text.empty()) {
    auto line = common::TakeLine(text);
    const auto word = common::TakeWord(line);
    if (IsOfOneProcessor(word)) {
      ++sample.processors;
    } else if (word == "cpu" && !found) {
      found = true;
      if (auto parsed = ParseTicks(line, sample); !parsed) {
        return tl::make_unexpected(parsed.error());
      }
    }
  }
  if (!found) {
    return common::Fail(std::errc::bad_message, "/proc/stat: no cpu line");
  }
  return sample;
}

common::Result<CpuSample> ReadCpu(const common::FileSystem& fs) {
  return fs.Read("/proc/stat").and_then([](const std::string& text) { return ParseCpu(text); });
}

}  // namespace agent::procfs
