#include "common/lifecycle/compact.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "common/lifecycle/locked_file.h"
#include "common/lifecycle/record.h"
#include "common/replace_file.h"
#include "common/text.h"

namespace common::lifecycle {
namespace {

namespace json = boost::json;

constexpr const char* kContinues = "continues";

/// What older records add up to.
class Sum {
 public:
  void Add(const Record& record) {
    auto& declared = declared_[{record.name_space, record.workload, record.container}];
    declared.time = record.time;
    switch (record.event) {
      case Event::kDeclared:
        for (const auto& [reason, count] : record.earlier_ends) {
          declared.earlier_ends[reason] += count;
        }
        return;
      case Event::kStart:
        ended_.erase({record.replica, record.attempt});
        running_[record.replica] = record;
        return;
      case Event::kEnd:
        if (ended_.emplace(record.replica, record.attempt).second) {
          ++declared.earlier_ends[record.reason.value_or(EndReason::kUnknown)];
        }
        if (const auto found = running_.find(record.replica);
            found != running_.end() && found->second.attempt == record.attempt) {
          running_.erase(found);
        }
        return;
    }
  }

  /// Whether the record tells an end that is counted already.
  [[nodiscard]] bool Knows(const Record& record) const {
    return record.event == Event::kEnd && ended_.contains({record.replica, record.attempt});
  }

  /// As records, a line each.
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const auto& [key, declared] : declared_) {
      Record record;
      record.time = declared.time;
      std::tie(record.name_space, record.workload, record.container) = key;
      record.earlier_ends = declared.earlier_ends;
      lines.push_back(Encode(record));
    }
    for (const auto& [replica, record] : running_) {
      lines.push_back(Encode(record));
    }
    return lines;
  }

 private:
  struct Declared {
    WallTime time;  ///< Of the last record.
    std::map<EndReason, std::uint64_t> earlier_ends;
  };
  using Key = std::tuple<std::string, std::string, std::string>;

  std::map<Key, Declared> declared_;
  std::map<std::string, Record> running_;  ///< By replica.
  std::set<std::pair<std::string, std::uint32_t>> ended_;
};

Result<std::string> ReadAll(int fd, const std::filesystem::path& file) {
  std::string content;
  std::string chunk(std::size_t{256} << 10U, '\0');
  for (;;) {
    const auto size = ::read(fd, chunk.data(), chunk.size());
    if (size > 0) {
      content.append(chunk.data(), static_cast<std::size_t>(size));
    } else if (size == 0) {
      return content;
    } else if (errno != EINTR) {
      return FailErrno(file.string());
    }
  }
}

/// As ReplaceFile, but who may read `old` may read the new one.
Result<void> Replace(const std::filesystem::path& file, std::string_view content,
                     const struct stat& old) {
  auto aside = file;
  aside += ".new";
  const UniqueFd fd(
      ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) {
    return FailErrno(aside.string());
  }
  auto written = WriteAll(fd.Get(), content, aside.string());
  if (::fchown(fd.Get(), old.st_uid, old.st_gid) != 0) {
    // Another's file that we may only write: what we make is ours.
  }
  if (written && (::fchmod(fd.Get(), old.st_mode & 0777U) != 0 || ::fsync(fd.Get()) != 0 ||
                  ::rename(aside.c_str(), file.c_str()) != 0)) {
    written = FailErrno(aside.string());
  }
  if (!written) {
    ::unlink(aside.c_str());
    return written;
  }
  SyncDirectory(file.parent_path());
  return {};
}

/// The shorter content; `inode` is that of the file that `content` is from.
std::string Shorten(std::string_view content, std::uint64_t inode, std::uint64_t kept_bytes) {
  if (auto rest = content; DecodeContinuation(TakeLine(rest))) {
    content = rest;
  }
  const auto from = content.size() - std::min<std::uint64_t>(kept_bytes, content.size());
  // Line by line, so that a torn one at the end is as torn as before.
  const auto cut = from == 0 ? 0 : std::min(content.find('\n', from - 1), content.size() - 1) + 1;
  auto older = content.substr(0, cut);
  auto newer = content.substr(cut);
  Sum sum;
  while (!older.empty()) {
    if (const auto record = Decode(TakeLine(older))) {
      sum.Add(*record);
    }
  }
  auto lines = sum.Lines();
  while (!newer.empty()) {
    const auto whole = newer.find('\n') != std::string_view::npos;
    const auto line = TakeLine(newer);
    const auto record = Decode(line);
    if (record && sum.Knows(*record)) {
      continue;
    }
    if (record && record->event == Event::kStart) {
      sum.Add(*record);  // The name is used again: its next end is a new one.
    }
    lines.push_back(std::string(line) + (whole ? "\n" : ""));
  }
  std::string shorter = Encode(Continuation{.inode = inode, .lines = lines.size()});
  for (const auto& line : lines) {
    shorter += line;
  }
  return shorter;
}

}  // namespace

std::string Encode(const Continuation& continuation) {
  json::object object;
  object["version"] = Record::kVersion;
  object["event"] = kContinues;
  object["inode"] = continuation.inode;
  object["lines"] = continuation.lines;
  return json::serialize(object) + "\n";
}

std::optional<Continuation> DecodeContinuation(std::string_view line) {
  boost::system::error_code error;
  const json::value value = json::parse({line.data(), line.size()}, error);
  if (error || !value.is_object()) {
    return std::nullopt;
  }
  const auto& object = value.get_object();
  const auto* const event = object.if_contains("event");
  const auto* const inode = object.if_contains("inode");
  const auto* const lines = object.if_contains("lines");
  if (event == nullptr || *event != kContinues || inode == nullptr || lines == nullptr) {
    return std::nullopt;
  }
  Continuation continuation;
  continuation.inode = inode->to_number<std::uint64_t>(error);
  if (!error) {
    continuation.lines = lines->to_number<std::uint64_t>(error);
  }
  return error ? std::nullopt : std::optional(continuation);
}

Result<bool> CompactIfLarge(const std::filesystem::path& file, const CompactOptions& options) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    return errno == ENOENT ? Result<bool>(false) : FailErrno(file.string());
  }
  if (static_cast<std::uint64_t>(status.st_size) <= options.most_bytes) {
    return false;
  }
  const auto fd = OpenLocked(file, O_RDONLY);
  if (!fd) {
    return tl::make_unexpected(fd.error());
  }
  if (::fstat(fd->Get(), &status) != 0) {
    return FailErrno(file.string());
  }
  return ReadAll(fd->Get(), file)
      .and_then([&](const std::string& content) {
        return Replace(file, Shorten(content, status.st_ino, options.kept_bytes), status);
      })
      .map([] { return true; });
}

}  // namespace common::lifecycle
