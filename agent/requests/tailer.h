#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/requests/change_notifier.h"
#include "agent/requests/log_file.h"
#include "common/clock.h"

namespace agent::requests {

/// What is known of one file of a log: the log itself, or a rotated one.
struct KnownFile {
  enum class State {
    kOpen,  ///< Followed: it may still grow.
    kDone,  ///< Counted up to its position, and closed.
    kCopy,  ///< A copy of a file that is followed; it counts if that one is truncated.
  };

  FileId id{};
  FilePosition position{};
  State state = State::kOpen;

  friend bool operator==(const KnownFile&, const KnownFile&) = default;
};

/// Follows one log through rotations: each line of the log reaches the sink once.
///
/// A file is known by device, inode and head, never by its name. After a rename the old file
/// stays open until nobody has written to it for a while, because writers are told late. Rotated
/// files that appeared between two polls are found beside the log, by names that end in
/// '.' or '-' with digits; after a truncation the rest is looked for in a copy (copytruncate).
class Tailer {
 public:
  Tailer(std::filesystem::path path, std::chrono::milliseconds idle_close, ChangeNotifier& notifier,
         const common::Clock& clock);

  /// Goes on where an earlier tailer was. Without this, the log is read from its beginning, and
  /// rotated files that are there already are left aside. Before the first Poll.
  void Restore(const std::vector<KnownFile>& files);

  /// Gives at most about `budget` new bytes as lines to `sink`. True: more is waiting.
  bool Poll(std::size_t budget, LineSink& sink);

  /// True once all that was on disk at the first Poll has been given.
  [[nodiscard]] bool CaughtUp() const { return caught_up_; }

  /// Bytes on disk that have not been given.
  [[nodiscard]] std::uint64_t LagBytes() const;

  /// Why the log cannot be followed now, or empty.
  [[nodiscard]] const std::string& Problem() const { return problem_; }

  /// For Restore of a later tailer.
  [[nodiscard]] std::vector<KnownFile> Files() const;

 private:
  struct Followed {
    FilePosition position;
    KnownFile::State state = KnownFile::State::kOpen;
    std::optional<LogFile> file;  ///< Set exactly while it is open.
    std::optional<int> watch;
    bool at_end = false;  ///< At the last read.
    common::MonotonicTime grew_at;
    std::uint64_t start_size = 0;  ///< What must be counted before the tailer has caught up.
    int missed_scans = 0;          ///< In a row.
  };

  struct Outcome {
    bool more = false;
    bool truncated = false;
  };

  Outcome ReadOpenFiles(std::size_t budget, LineSink& sink);
  LogFile::State Read(Followed& followed, std::size_t& budget, LineSink& sink);
  [[nodiscard]] bool LogWasReplaced();
  void Scan();
  [[nodiscard]] bool Recognize(LogFile& file, bool is_log);
  void AddUnknown(LogFile file, bool is_log);
  [[nodiscard]] std::optional<FilePosition> CountedPartOf(const LogFile& copy) const;
  [[nodiscard]] bool IsCopyOfOpenFile(const LogFile& file) const;
  void Remember(const LogFile& file, const FilePosition& position, KnownFile::State state);
  void Follow(LogFile file, const FilePosition& from);
  void ForgetVanished(const std::set<FileId>& seen);
  void CloseIdle();
  void StopWatching(Followed& followed);
  void NoteCatchUp();

  std::filesystem::path path_;
  std::chrono::milliseconds idle_close_;
  ChangeNotifier& notifier_;
  const common::Clock& clock_;

  std::map<FileId, Followed> files_;
  std::optional<FileId> log_;  ///< The file that had the log's name at the last look.
  /// Counted parts of logs that were truncated since the last scan: the rest may be in a copy.
  std::vector<FilePosition> truncated_;
  bool restored_ = false;
  bool scanned_ = false;
  bool caught_up_ = false;
  std::string problem_;
};

}  // namespace agent::requests
