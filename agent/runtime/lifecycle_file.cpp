#include "agent/runtime/lifecycle_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "common/log.h"

namespace agent::runtime {
namespace {

constexpr std::size_t kLongestLine = 64UL << 10U;
constexpr std::size_t kChunkBytes = 64UL << 10U;

}  // namespace

LifecycleFile::~LifecycleFile() { Close(); }

common::Result<LifecycleFile::Changes> LifecycleFile::Poll() {
  Changes changes;
  const auto reopened = Reopen();
  if (!reopened) {
    return tl::make_unexpected(reopened.error());
  }
  changes.begun_anew = *reopened;
  if (fd_ < 0) {
    return changes;
  }
  std::array<char, kChunkBytes> chunk{};
  for (;;) {
    const auto size = ::pread(fd_, chunk.data(), chunk.size(), static_cast<off_t>(offset_));
    if (size > 0) {
      offset_ += static_cast<std::uint64_t>(size);
      Take({chunk.data(), static_cast<std::size_t>(size)}, changes);
    } else if (size == 0) {
      return changes;
    } else if (errno != EINTR) {
      return common::FailErrno(path_.string());
    }
  }
}

/// Makes sure that the open file is the one that has the name now. True: it is another one than
/// before, or was cut, and everything begins anew.
common::Result<bool> LifecycleFile::Reopen() {
  struct stat named {};
  if (::stat(path_.c_str(), &named) != 0) {
    // Not there yet, or not there for the moment between two writers.
    return errno == ENOENT ? common::Result<bool>(false) : common::FailErrno(path_.string());
  }
  if (!S_ISREG(named.st_mode)) {
    return common::Fail(std::errc::invalid_argument, path_.string() + ": not a regular file");
  }
  struct stat open {};
  // The descriptor stays open between polls, so that the inode cannot be given to another file.
  const bool same = fd_ >= 0 && ::fstat(fd_, &open) == 0 && open.st_dev == named.st_dev &&
                    open.st_ino == named.st_ino;
  if (same && static_cast<std::uint64_t>(named.st_size) >= offset_) {
    return false;
  }
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    return common::FailErrno(path_.string());
  }
  Close();
  fd_ = fd;
  offset_ = 0;
  partial_line_.clear();
  line_is_too_long_ = false;
  book_ = {};
  bad_lines_ = 0;
  return true;
}

void LifecycleFile::Close() {
  if (fd_ >= 0) {
    ::close(std::exchange(fd_, -1));
  }
}

void LifecycleFile::Take(std::string_view bytes, Changes& changes) {
  for (;;) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    line_is_too_long_ = line_is_too_long_ || partial_line_.size() + piece.size() > kLongestLine;
    if (!line_is_too_long_) {
      partial_line_ += piece;
    }
    if (end == std::string_view::npos) {
      return;
    }
    TakeLine(line_is_too_long_ ? std::string_view{} : partial_line_, changes);
    partial_line_.clear();
    line_is_too_long_ = false;
    bytes.remove_prefix(end + 1);
  }
}

void LifecycleFile::TakeLine(std::string_view line, Changes& changes) {
  const auto record = common::lifecycle::Decode(line);
  if (!record) {
    // The counter tells of all of them; a file full of noise must not fill the log as well.
    if (++bad_lines_ == 1) {
      common::log::Warning("a line of the lifecycle file was skipped; later ones are only counted",
                           {{"file", path_.string()}, {"error", record.error().what}});
    }
    return;
  }
  if (auto ended = book_.Apply(*record)) {
    changes.ended.push_back(std::move(*ended));
  }
}

}  // namespace agent::runtime
