#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/result.h"
#include "common/unique_fd.h"

namespace agent::log_writer {

struct LogOutputOptions {
  std::filesystem::path path;
  std::uint64_t rotate_bytes = 64UL << 20U;  ///< 0: never.
  int keep = 3;                              ///< Rotated files, FILE.1 the newest; at least 1.
  std::size_t buffer_bytes = 16UL << 20U;    ///< What may wait for a disk that is full.
};

/// The log: whole lines, appended in batches, in a file that is rotated by size.
///
/// While the disk refuses, lines wait in memory up to a bound, then they are counted as lost; a
/// note with their number (`t1 lost N`) follows when writing works again. A line that was written
/// in part is finished in the same file, or repeated whole in the next.
class LogOutput {
 public:
  /// Fails if the file cannot be opened, is no regular file, or another writer has it.
  [[nodiscard]] static common::Result<std::unique_ptr<LogOutput>> Open(LogOutputOptions options);

  /// Takes one datagram as exactly one line: line ends and NULs within become '?'. An empty one
  /// is none.
  void Append(std::string_view datagram);

  /// Lines that were lost elsewhere.
  void AddLost(std::uint64_t lines) { lost_ += lines; }

  /// Writes what waits. False: some of it still waits. Call again after a while.
  bool Flush();

  /// Opens the file anew, after somebody has renamed it. Keeps the old one if that fails.
  void Reopen();

  /// Opens the file anew if the one with its name is another by now, or none.
  void ReopenIfReplaced();

  /// Lines that wait, and those that are lost and not noted in the log yet.
  [[nodiscard]] std::uint64_t UnwrittenLines() const;

 private:
  explicit LogOutput(LogOutputOptions options) : options_(std::move(options)) {}

  common::Result<void> OpenFile();
  bool WritePending();
  void ForgetWritten(std::size_t bytes);
  void RotateIfFull();
  void NoteFailure(int error);

  const LogOutputOptions options_;
  common::UniqueFd fd_;
  std::uint64_t file_bytes_ = 0;
  std::string pending_;      ///< Whole lines; the first may be on disk in part.
  std::size_t on_disk_ = 0;  ///< Bytes of the first line that are.
  std::uint64_t lost_ = 0;
  bool failing_ = false;
  bool rotation_failing_ = false;
  bool opening_failing_ = false;
};

}  // namespace agent::log_writer
