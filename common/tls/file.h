#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "common/result.h"

namespace common::tls {

/// Longer files hold neither certificates nor tokens.
inline constexpr std::size_t kLargestFileBytes = 4U << 20U;

/// A whole file as it was when it was opened.
struct File {
  std::string content;
  mode_t mode = 0;
};

/// Reads a file of at most kLargestFileBytes. The words of a failure name `path`.
[[nodiscard]] Result<File> ReadFile(const std::string& path);

/// Tells one state of a file from another; all zero while there is no such file.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Follows symbolic links: Kubernetes swaps one to put a new version of a volume in place.
[[nodiscard]] FileStamp StampOf(const std::string& path);

}  // namespace common::tls
