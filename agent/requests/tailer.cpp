#include "agent/requests/tailer.h"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/requests/rotated_files.h"
#include "common/log.h"

namespace agent::requests {
namespace {

/// A file in the middle of a rotation may be missed by a scan. To forget one that is still there
/// would count it twice.
constexpr int kScansBeforeForgetting = 3;

std::filesystem::path DirectoryOf(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace

Tailer::Tailer(std::filesystem::path path, std::chrono::milliseconds idle_close,
               ChangeNotifier& notifier, const common::Clock& clock)
    : path_(std::move(path)), idle_close_(idle_close), notifier_(notifier), clock_(clock) {}

void Tailer::Restore(const std::vector<KnownFile>& files) {
  for (const auto& known : files) {
    auto& followed = files_[known.id];
    followed.position = known.position;
    followed.state = known.state;
  }
  restored_ = true;
}

std::vector<KnownFile> Tailer::Files() const {
  std::vector<KnownFile> files;
  files.reserve(files_.size());
  for (const auto& [id, followed] : files_) {
    // A rotated file without a rest may be deleted before the next start, and nobody misses it.
    const bool done = followed.file && id != log_ && followed.at_end;
    files.push_back({.id = id,
                     .position = followed.position,
                     .state = done ? KnownFile::State::kDone : followed.state});
  }
  return files;
}

bool Tailer::Poll(std::size_t budget, LineSink& sink) {
  notifier_.Drain();
  notifier_.WatchDirectory(DirectoryOf(path_));
  if (LogWasReplaced() || !scanned_) {
    Scan();
  }
  auto outcome = ReadOpenFiles(budget, sink);
  if (outcome.truncated) {
    Scan();
    outcome.more = true;
  }
  CloseIdle();
  NoteCatchUp();
  return outcome.more;
}

Tailer::Outcome Tailer::ReadOpenFiles(std::size_t budget, LineSink& sink) {
  Outcome outcome;
  // Rotated files first: they are older, and may be deleted soon.
  for (auto entry = files_.begin(); entry != files_.end();) {
    auto& followed = entry->second;
    if (!followed.file || entry->first == log_) {
      ++entry;
      continue;
    }
    const auto state = Read(followed, budget, sink);
    outcome.more = outcome.more || state == LogFile::State::kMore;
    if (state == LogFile::State::kTruncated) {
      // Something was copied over it. The scan finds out whether it is worth reading.
      outcome.truncated = true;
      StopWatching(followed);
      entry = files_.erase(entry);
    } else {
      ++entry;
    }
  }
  const auto log = log_ ? files_.find(*log_) : files_.end();
  if (log == files_.end() || !log->second.file) {
    return outcome;
  }
  const auto state = Read(log->second, budget, sink);
  outcome.more = outcome.more || state == LogFile::State::kMore;
  if (state == LogFile::State::kTruncated) {
    outcome.truncated = true;
    truncated_.push_back(std::exchange(log->second.position, {}));
    log->second.start_size = 0;
  }
  return outcome;
}

LogFile::State Tailer::Read(Followed& followed, std::size_t& budget, LineSink& sink) {
  const auto before = followed.position.offset;
  const auto state = followed.file->Read(followed.position, budget, sink);
  followed.at_end = state == LogFile::State::kEnd;
  if (followed.position.offset != before) {
    followed.grew_at = clock_.Monotonic();
  }
  return state;
}

bool Tailer::LogWasReplaced() {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) {
    // Between the two halves of a rotation this is as it should be.
    problem_ = log_ ? "" : common::FailErrno(path_.string()).value().what;
    return false;
  }
  const FileId id{.device = status.st_dev, .inode = status.st_ino};
  const auto known = files_.find(id);
  if (log_ == id && known != files_.end() && known->second.file) {
    problem_.clear();
    return false;
  }
  return true;
}

void Tailer::Scan() {
  std::set<FileId> seen;
  std::vector<std::pair<LogFile, bool>> unknown;
  const auto look = [&](const std::filesystem::path& name, bool is_log) {
    auto file = LogFile::Open(name);
    if (!file) {
      if (is_log) {
        problem_ = file.error().what;
      }
      return;
    }
    if (is_log) {
      problem_.clear();
      log_ = file->Id();
    }
    if (seen.insert(file->Id()).second && !Recognize(*file, is_log)) {
      unknown.emplace_back(std::move(*file), is_log);
    }
  };
  // From new to old, the way in which rotation renames: no file can slip past.
  look(path_, true);
  for (const auto& name : RotatedFiles(path_)) {
    look(name, false);
  }
  for (auto& [file, is_log] : unknown) {
    AddUnknown(std::move(file), is_log);
  }
  truncated_.clear();
  ForgetVanished(seen);
  scanned_ = true;
}

/// False if nothing is known of what is in `file`.
bool Tailer::Recognize(LogFile& file, bool is_log) {
  const auto entry = files_.find(file.Id());
  if (entry == files_.end()) {
    return false;
  }
  auto& known = entry->second;
  known.missed_scans = 0;
  if (known.file) {
    return true;  // While it is open, its inode cannot become another file's.
  }
  if (!file.BeginsWith(known.position.head) || file.Size() < known.position.offset) {
    if (known.state == KnownFile::State::kOpen) {
      truncated_.push_back(known.position);
    }
    files_.erase(entry);
    return false;
  }
  if (known.state == KnownFile::State::kCopy) {
    if (const auto counted = CountedPartOf(file)) {
      Follow(std::move(file), *counted);
    }
  } else if (is_log || known.state == KnownFile::State::kOpen ||
             file.Size() > known.position.offset) {
    const auto position = known.position;
    Follow(std::move(file), position);
  }
  return true;
}

void Tailer::AddUnknown(LogFile file, bool is_log) {
  if (is_log) {
    Follow(std::move(file), {});
    return;
  }
  const auto head = file.Head();
  if (head.bytes == 0) {
    return;  // Perhaps a copy that has only begun. A later scan knows more.
  }
  if (const auto counted = CountedPartOf(file)) {
    Follow(std::move(file), *counted);
  } else if (IsCopyOfOpenFile(file)) {
    Remember(file, {.head = head, .offset = head.bytes}, KnownFile::State::kCopy);
  } else if (!scanned_ && !restored_) {
    Remember(file, {.head = head, .offset = file.Size()}, KnownFile::State::kDone);
  } else {
    Follow(std::move(file), {});
  }
}

/// How much of a truncated file was counted, if `copy` is a copy of it.
std::optional<FilePosition> Tailer::CountedPartOf(const LogFile& copy) const {
  const auto found = std::ranges::find_if(
      truncated_, [&](const FilePosition& position) { return copy.BeginsWith(position.head); });
  return found == truncated_.end() ? std::nullopt : std::optional(*found);
}

bool Tailer::IsCopyOfOpenFile(const LogFile& file) const {
  return std::ranges::any_of(files_, [&](const auto& entry) {
    const auto& open = entry.second.file;
    if (!open) {
      return false;
    }
    const auto head = open->Head();
    return head.bytes > 0 && (file.BeginsWith(head) || open->BeginsWith(file.Head()));
  });
}

void Tailer::Remember(const LogFile& file, const FilePosition& position, KnownFile::State state) {
  auto& followed = files_[file.Id()];
  followed.position = position;
  followed.state = state;
}

void Tailer::Follow(LogFile file, const FilePosition& from) {
  auto& followed = files_[file.Id()];
  followed.position = from;
  followed.state = KnownFile::State::kOpen;
  followed.at_end = false;
  followed.watch = notifier_.WatchFile(file.Descriptor());
  followed.grew_at = clock_.Monotonic();
  followed.start_size = scanned_ ? 0 : file.Size();
  followed.file = std::move(file);
}

void Tailer::ForgetVanished(const std::set<FileId>& seen) {
  for (auto entry = files_.begin(); entry != files_.end();) {
    auto& followed = entry->second;
    if (followed.file || seen.contains(entry->first)) {
      ++entry;
      continue;
    }
    const bool lost = !scanned_ && followed.state == KnownFile::State::kOpen;
    if (lost) {
      common::log::Warning(
          "an access log was removed while the agent was away; its last lines may not have been "
          "counted",
          {{"log", path_.string()}});
    }
    const bool forget = lost || ++followed.missed_scans >= kScansBeforeForgetting;
    entry = forget ? files_.erase(entry) : std::next(entry);
  }
}

void Tailer::CloseIdle() {
  const auto now = clock_.Monotonic();
  for (auto& [id, followed] : files_) {
    if (followed.file && id != log_ && followed.at_end && now - followed.grew_at >= idle_close_) {
      StopWatching(followed);
      followed.file.reset();
      followed.state = KnownFile::State::kDone;
    }
  }
}

void Tailer::StopWatching(Followed& followed) {
  if (followed.watch) {
    notifier_.Unwatch(*followed.watch);
    followed.watch.reset();
  }
}

void Tailer::NoteCatchUp() {
  caught_up_ =
      caught_up_ || std::ranges::all_of(files_, [](const auto& entry) {
        const auto& followed = entry.second;
        return !followed.file || followed.at_end || followed.position.offset >= followed.start_size;
      });
}

std::uint64_t Tailer::LagBytes() const {
  std::uint64_t lag = 0;
  for (const auto& [id, followed] : files_) {
    if (followed.file) {
      const auto size = followed.file->Size();
      lag += size - std::min(size, followed.position.offset);
    }
  }
  return lag;
}

}  // namespace agent::requests
