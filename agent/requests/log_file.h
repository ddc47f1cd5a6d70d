#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "agent/requests/tenant_counters.h"
#include "common/result.h"
#include "common/unique_fd.h"

namespace agent::requests {

/// Longer lines are rejected without being held.
inline constexpr std::size_t kMaxLineBytes = 64UL << 10U;

/// Where lines go.
class LineSink {
 public:
  LineSink() = default;
  LineSink(const LineSink&) = default;
  LineSink& operator=(const LineSink&) = default;
  virtual ~LineSink() = default;

  /// One line without its end. The view is gone after the call.
  virtual void Count(std::string_view line) = 0;
  /// A line that was never held in full.
  virtual void Reject(Rejection why) = 0;
};

/// Which file it is, whatever its name is at the moment.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend auto operator<=>(const FileId&, const FileId&) = default;
};

/// The first bytes of a file. Tells a file from a later one that got the same inode, which file
/// systems hand out again at once, and finds the copy that copytruncate made.
struct FileHead {
  static constexpr std::uint32_t kMaxBytes = 1024;

  std::uint32_t bytes = 0;
  std::uint64_t hash = 0;

  friend bool operator==(const FileHead&, const FileHead&) = default;
};

/// How far a file has been counted.
struct FilePosition {
  FileHead head{};           ///< Never longer than `offset`.
  std::uint64_t offset = 0;  ///< A line begins here, or a too long one goes on if `skipping`.
  bool skipping = false;     ///< Within a line that was rejected already.

  friend bool operator==(const FilePosition&, const FilePosition&) = default;
};

/// One open log file, read line by line from a position on.
class LogFile {
 public:
  enum class State { kMore, kEnd, kTruncated };

  /// Opens regular files only: a symbolic link, FIFO or device in place of a log could make us
  /// read what we should not, or wait for ever.
  [[nodiscard]] static common::Result<LogFile> Open(const std::filesystem::path& path);

  [[nodiscard]] FileId Id() const { return id_; }
  [[nodiscard]] int Descriptor() const { return fd_.Get(); }
  [[nodiscard]] std::uint64_t Size() const;

  /// The head of what is in the file now.
  [[nodiscard]] FileHead Head() const;

  /// True if the file begins with `head`.
  [[nodiscard]] bool BeginsWith(const FileHead& head) const;

  /// Gives whole lines from `position` on to `sink`, and moves it. Reads about `budget` bytes at
  /// most, which it takes from `budget`.
  ///
  /// A part of a line at the end waits for its rest. With kTruncated, the file began anew:
  /// `position` still says how far the old content was counted.
  State Read(FilePosition& position, std::size_t& budget, LineSink& sink);

 private:
  LogFile(common::UniqueFd fd, FileId id) : fd_(std::move(fd)), id_(id) {}

  [[nodiscard]] FileHead HeadBefore(std::uint64_t offset) const;

  common::UniqueFd fd_;
  FileId id_;
};

}  // namespace agent::requests
