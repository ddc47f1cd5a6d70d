#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/runtime/container_book.h"
#include "common/result.h"

namespace agent::runtime {

/// Follows the file into which the local platform writes how containers start and end.
///
/// The file is the truth: what it adds up to is rebuilt from its beginning at every start, and
/// whenever it is replaced (another inode) or shorter than before; but where the new file says
/// that it continues the one before (common/lifecycle/compact.h), that one is read to its end and
/// the new one from there. Belongs to one thread.
class LifecycleFile {
 public:
  struct Changes {
    bool begun_anew = false;  ///< All that was known before is void; `ended` is all there is.
    std::vector<EndedContainer> ended = {};
  };

  /// `path` may be absent; it is read once it appears.
  explicit LifecycleFile(std::filesystem::path path) : path_(std::move(path)) {}
  LifecycleFile(const LifecycleFile&) = delete;
  LifecycleFile& operator=(const LifecycleFile&) = delete;
  ~LifecycleFile();

  /// Reads to the end of the file. A last line without its end waits for the rest of it. On a
  /// failure, what was known stays.
  [[nodiscard]] common::Result<Changes> Poll();

  [[nodiscard]] const ContainerBook& Book() const { return book_; }

  /// Lines that are no records, or of a newer version. Since the file's beginning.
  [[nodiscard]] std::uint64_t BadLines() const { return bad_lines_; }

 private:
  [[nodiscard]] common::Result<bool> Reopen(Changes& changes);
  [[nodiscard]] common::Result<void> ReadToEnd(Changes& changes);
  void Close();
  void Take(std::string_view bytes, Changes& changes);
  void TakeLine(std::string_view line, Changes& changes);

  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t inode_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t known_lines_ = 0;  ///< So many more lines tell what is in the book already.
  std::string partial_line_;
  bool line_is_too_long_ = false;
  ContainerBook book_;
  std::uint64_t bad_lines_ = 0;
};

}  // namespace agent::runtime
