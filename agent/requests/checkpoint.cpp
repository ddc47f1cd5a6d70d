#include "agent/requests/checkpoint.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include "agent/requests/fingerprint.h"
#include "common/replace_file.h"
#include "common/text.h"

namespace agent::requests {
namespace {

using common::Fail;
using common::FailErrno;
using common::Result;

/// To be raised with any change of what a line means, the bounds of the histogram included.
constexpr std::string_view kFirstLine = "trimtab-access-log 1";
constexpr std::string_view kLastWord = "end ";
constexpr std::array<std::string_view, 3> kStates = {"open", "done", "copy"};

template <typename Array>
void AppendAll(fmt::memory_buffer& out, const Array& values) {
  for (const auto value : values) {
    fmt::format_to(std::back_inserter(out), " {}", value);
  }
}

/// Reads the words of one line; `Good` is false for good once one is not what it should be.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view Word() {
    const auto word = common::TakeWord(rest_);
    good_ = good_ && !word.empty();
    return word;
  }

  std::uint64_t Number() {
    const auto number = common::ParseUnsigned(Word());
    good_ = good_ && number.has_value();
    return number.value_or(0);
  }

  template <typename Array>
  void Numbers(Array& values) {
    for (auto& value : values) {
      value = Number();
    }
  }

  void Fail() { good_ = false; }
  [[nodiscard]] bool AtEnd() const {
    auto rest = rest_;
    return common::TakeWord(rest).empty();
  }
  [[nodiscard]] bool GoodToTheEnd() { return good_ && common::TakeWord(rest_).empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

KnownFile ReadFile(Words& words) {
  KnownFile file;
  file.id.device = words.Number();
  file.id.inode = words.Number();
  file.position.head.bytes = static_cast<std::uint32_t>(words.Number());
  file.position.head.hash = words.Number();
  file.position.offset = words.Number();
  file.position.skipping = words.Number() != 0;
  const auto state = words.Word();
  for (std::size_t index = 0; index < kStates.size(); ++index) {
    if (kStates.at(index) == state) {
      file.state = static_cast<KnownFile::State>(index);
      return file;
    }
  }
  words.Fail();
  return file;
}

TenantCounters ReadTenant(Words& words) {
  TenantCounters tenant;
  tenant.tenant = words.Word();
  tenant.requests_total = words.Number();
  tenant.errors_total = words.Number();
  words.Numbers(tenant.responses_total);
  words.Numbers(tenant.latency.counts);
  tenant.latency.sum_milliseconds = words.Number();
  tenant.sent_bytes_total = words.Number();
  tenant.received_bytes_total = words.Number();
  // Came later than version 1; where it is not there, nothing had been counted.
  tenant.no_replica_total = words.AtEnd() ? 0 : words.Number();
  return tenant;
}

bool ReadLine(std::string_view line, Checkpoint& checkpoint) {
  Words words(line);
  const auto kind = words.Word();
  auto& source = checkpoint.counters.source;
  if (constexpr std::string_view kLog = "log "; line.starts_with(kLog)) {
    checkpoint.log = line.substr(kLog.size());
    return true;
  }
  if (kind == "epoch") {
    checkpoint.counters.epoch = words.Number();
  } else if (kind == "source") {
    source.lines_total = words.Number();
    words.Numbers(source.rejected_lines_total);
    source.lost_lines_total = words.Number();
  } else if (kind == "file") {
    checkpoint.files.push_back(ReadFile(words));
  } else if (kind == "tenant") {
    checkpoint.counters.tenants.push_back(ReadTenant(words));
  } else {
    return false;
  }
  return words.GoodToTheEnd();
}

}  // namespace

std::string EncodeCheckpoint(const Checkpoint& checkpoint) {
  fmt::memory_buffer out;
  const auto to = std::back_inserter(out);
  const auto& source = checkpoint.counters.source;
  fmt::format_to(to, "{}\nlog {}\nepoch {}\nsource {}", kFirstLine, checkpoint.log,
                 checkpoint.counters.epoch, source.lines_total);
  AppendAll(out, source.rejected_lines_total);
  fmt::format_to(to, " {}\n", source.lost_lines_total);
  for (const auto& file : checkpoint.files) {
    fmt::format_to(to, "file {} {} {} {} {} {} {}\n", file.id.device, file.id.inode,
                   file.position.head.bytes, file.position.head.hash, file.position.offset,
                   file.position.skipping ? 1 : 0,
                   kStates.at(static_cast<std::size_t>(file.state)));
  }
  for (const auto& tenant : checkpoint.counters.tenants) {
    fmt::format_to(to, "tenant {} {} {}", tenant.tenant, tenant.requests_total,
                   tenant.errors_total);
    AppendAll(out, tenant.responses_total);
    AppendAll(out, tenant.latency.counts);
    fmt::format_to(to, " {} {} {} {}\n", tenant.latency.sum_milliseconds, tenant.sent_bytes_total,
                   tenant.received_bytes_total, tenant.no_replica_total);
  }
  fmt::format_to(to, "{}{}\n", kLastWord, Fingerprint({out.data(), out.size()}));
  return fmt::to_string(out);
}

Result<Checkpoint> DecodeCheckpoint(std::string_view text) {
  const auto version = text.substr(0, text.find('\n'));
  if (version != kFirstLine) {
    return Fail(std::errc::bad_message,
                fmt::format("begins with {} and not with \"{}\"",
                            common::QuoteJson(version.substr(0, 40)), kFirstLine));
  }
  const auto last = text.rfind("\nend ");
  if (last == std::string_view::npos || !text.ends_with('\n')) {
    return Fail(std::errc::bad_message, "cut: its last line is missing");
  }
  auto hash = text.substr(last + 1 + kLastWord.size());
  hash.remove_suffix(1);
  const auto body = text.substr(0, last + 1);
  if (common::ParseUnsigned(hash) != Fingerprint(body)) {
    return Fail(std::errc::bad_message, "damaged: its hash does not match");
  }
  Checkpoint checkpoint;
  std::string_view rest = body.substr(version.size() + 1);
  while (!rest.empty()) {
    const auto line = common::TakeLine(rest);
    if (!ReadLine(line, checkpoint)) {
      return Fail(std::errc::bad_message,
                  "cannot be understood: " + common::QuoteJson(line.substr(0, 80)));
    }
  }
  return checkpoint;
}

Result<void> SaveCheckpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  // Once a second: the collection thread must not wait for the disk.
  return common::ReplaceFile(path, EncodeCheckpoint(checkpoint), common::Survives::kOurEnd);
}

Result<std::optional<Checkpoint>> LoadCheckpoint(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT) {
      return std::optional<Checkpoint>();
    }
    return FailErrno(path.string());
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto checkpoint = DecodeCheckpoint(text);
  if (!checkpoint) {
    return Fail(std::errc::bad_message, path.string() + ": " + checkpoint.error().what);
  }
  return std::optional(std::move(*checkpoint));
}

}  // namespace agent::requests
