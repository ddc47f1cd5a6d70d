#include "agent/runtime/lifecycle_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "common/lifecycle/compact.h"
#include "common/log.h"
#include "common/unique_fd.h"

namespace agent::runtime {
namespace {

constexpr std::size_t kLongestLine = 64UL << 10U;
constexpr std::size_t kChunkBytes = 64UL << 10U;

struct FirstLine {
  common::lifecycle::Continuation value;
  std::uint64_t bytes = 0;  ///< With its end.
};

/// The first line of a file where it says which other file it continues.
std::optional<FirstLine> ContinuationAt(int fd) {
  std::array<char, 512> head{};
  const auto size = ::pread(fd, head.data(), head.size(), 0);
  const std::string_view text(head.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const auto continuation = common::lifecycle::DecodeContinuation(text.substr(0, end));
  return continuation ? std::optional(FirstLine{*continuation, end + 1}) : std::nullopt;
}

}  // namespace

LifecycleFile::~LifecycleFile() { Close(); }

common::Result<LifecycleFile::Changes> LifecycleFile::Poll() {
  Changes changes;
  const auto reopened = Reopen(changes);
  if (!reopened) {
    return tl::make_unexpected(reopened.error());
  }
  changes.begun_anew = *reopened;
  if (fd_ < 0) {
    return changes;
  }
  return ReadToEnd(changes).map([&] { return std::move(changes); });
}

common::Result<void> LifecycleFile::ReadToEnd(Changes& changes) {
  std::array<char, kChunkBytes> chunk{};
  for (;;) {
    const auto size = ::pread(fd_, chunk.data(), chunk.size(), static_cast<off_t>(offset_));
    if (size > 0) {
      offset_ += static_cast<std::uint64_t>(size);
      Take({chunk.data(), static_cast<std::size_t>(size)}, changes);
    } else if (size == 0) {
      return {};
    } else if (errno != EINTR) {
      return common::FailErrno(path_.string());
    }
  }
}

/// Makes sure that the open file is the one that has the name now. True: it is another one than
/// before, or was cut, and everything begins anew.
common::Result<bool> LifecycleFile::Reopen(Changes& changes) {
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
  common::UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd || ::fstat(fd.Get(), &named) != 0) {
    return common::FailErrno(path_.string());
  }
  const auto continuation = ContinuationAt(fd.Get());
  const bool continues = !same && fd_ >= 0 && continuation && continuation->value.inode == inode_;
  if (continues) {
    // Nobody writes to it any more: it has its end.
    if (auto rest = ReadToEnd(changes); !rest) {
      return tl::make_unexpected(rest.error());
    }
  } else {
    book_ = {};
    bad_lines_ = 0;
  }
  Close();
  fd_ = fd.Release();
  inode_ = named.st_ino;
  offset_ = continuation ? continuation->bytes : 0;
  known_lines_ = continues ? continuation->value.lines : 0;
  partial_line_.clear();
  line_is_too_long_ = false;
  return !continues;
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
  if (known_lines_ > 0) {
    --known_lines_;
    return;
  }
  const auto record = common::lifecycle::Decode(line);
  if (!record) {
    // The counter tells of all of them; a file full of noise must not fill the log as well.
    if (++bad_lines_ == 1) {
      common::log::Warning("a line of the lifecycle file was skipped; later ones are only counted",
                           {{"file", path_.string()}, {"error", record.error().what}});
    }
    return;
  }
  for (auto& ended : book_.Apply(*record)) {
    changes.ended.push_back(std::move(ended));
  }
}

}  // namespace agent::runtime
