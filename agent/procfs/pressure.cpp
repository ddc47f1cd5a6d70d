#include "agent/procfs/pressure.h"

#include "common/text.h"

namespace agent::procfs {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;
constexpr std::string_view kTotal = "total=";

/// The value of "total=" in a line such as "avg10=0.00 avg60=0.00 avg300=0.00 total=7".
std::optional<double> FindTotalSeconds(std::string_view line) {
  for (auto word = common::TakeWord(line); !word.empty(); word = common::TakeWord(line)) {
    if (!word.starts_with(kTotal)) {
      continue;
    }
    const auto microseconds = common::ParseUnsigned(word.substr(kTotal.size()));
    return microseconds ? std::optional(static_cast<double>(*microseconds) / kMicrosecondsPerSecond)
                        : std::nullopt;
  }
  return std::nullopt;
}

/// A kernel without PSI has no such file; one booted with psi=0 has it, and refuses to read it.
bool KeepsNone(const common::Error& error) {
  return error.code == std::errc::no_such_file_or_directory ||
         error.code == std::errc::operation_not_supported;
}

}  // namespace

common::Result<PressureSample> ParsePressure(std::string_view resource, std::string_view text) {
  PressureSample sample;
  sample.resource = resource;
  std::optional<double> some;
  while (!text.empty()) {
    auto line = common::TakeLine(text);
    const auto kind = common::TakeWord(line);
    if (kind == "some") {
      some = FindTotalSeconds(line);
    } else if (kind == "full") {
      sample.full_seconds = FindTotalSeconds(line);
    }
  }
  if (!some) {
    return common::Fail(std::errc::bad_message,
                        "/proc/pressure/" + sample.resource + ": no total of \"some\"");
  }
  sample.some_seconds = *some;
  return sample;
}

common::Result<std::vector<PressureSample>> ReadPressure(const common::FileSystem& fs) {
  std::vector<PressureSample> samples;
  for (const std::string_view resource : {"cpu", "memory", "io"}) {
    const auto text = fs.Read("/proc/pressure/" + std::string(resource));
    if (!text) {
      if (KeepsNone(text.error())) {
        continue;
      }
      return tl::make_unexpected(text.error());
    }
    auto sample = ParsePressure(resource, *text);
    if (!sample) {
      return tl::make_unexpected(sample.error());
    }
    samples.push_back(std::move(*sample));
  }
  return samples;
}

}  // namespace agent::procfs
