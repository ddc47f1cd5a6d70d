#include "agent/requests/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "agent/requests/fingerprint.h"

namespace agent::requests {
namespace {

using common::Fail;
using common::FailErrno;
using common::Result;

constexpr std::size_t kChunkBytes = 256UL << 10U;
static_assert(kChunkBytes > kMaxLineBytes + 1, "or a long line would stop the reader for good");

/// Shared by all files of a thread: nothing is kept in it between two reads.
char* Chunk() {
  thread_local std::vector<char> chunk(kChunkBytes);
  return chunk.data();
}

std::size_t ReadAt(int fd, char* buffer, std::size_t size, std::uint64_t offset) {
  ssize_t count = 0;
  do {
    count = ::pread(fd, buffer, size, static_cast<off_t>(offset));
  } while (count < 0 && errno == EINTR);
  // A failing disk looks like the end of the file: the rest counts as lag until it can be read.
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

/// Hash of up to `bytes` first bytes, and how many there were.
FileHead HeadOf(int fd, std::uint32_t bytes) {
  std::array<char, FileHead::kMaxBytes> buffer;
  const auto count = ReadAt(fd, buffer.data(), std::min<std::size_t>(bytes, buffer.size()), 0);
  return {.bytes = static_cast<std::uint32_t>(count), .hash = Fingerprint({buffer.data(), count})};
}

/// Feeds the whole lines of `chunk`; returns how much of it is done with.
std::size_t FeedLines(std::string_view chunk, bool& skipping, LineSink& sink) {
  std::size_t begin = 0;
  while (begin < chunk.size()) {
    const auto* const end =
        static_cast<const char*>(std::memchr(chunk.data() + begin, '\n', chunk.size() - begin));
    if (end == nullptr) {
      break;
    }
    const auto size = static_cast<std::size_t>(end - chunk.data()) - begin;
    if (skipping) {
      skipping = false;
    } else if (size > kMaxLineBytes) {
      sink.Reject(Rejection::kTooLong);
    } else {
      sink.Count(chunk.substr(begin, size));
    }
    begin += size + 1;
  }
  if (!skipping && chunk.size() - begin > kMaxLineBytes) {
    sink.Reject(Rejection::kTooLong);
    skipping = true;
  }
  return skipping ? chunk.size() : begin;
}

}  // namespace

Result<LogFile> LogFile::Open(const std::filesystem::path& path) {
  struct stat status {};
  // Looked at before it is opened, because merely opening some devices does something.
  if (::lstat(path.c_str(), &status) != 0) {
    return FailErrno(path.string());
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(std::errc::invalid_argument,
                path.string() + ": not a regular file (links, pipes and devices are not read)");
  }
  common::UniqueFd fd(
      ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) {
    return FailErrno(path.string());
  }
  if (::fstat(fd.Get(), &status) != 0) {
    return FailErrno(path.string());
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(std::errc::invalid_argument, path.string() + ": not a regular file any more");
  }
  return LogFile(std::move(fd), {.device = status.st_dev, .inode = status.st_ino});
}

std::uint64_t LogFile::Size() const {
  struct stat status {};
  return ::fstat(fd_.Get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

FileHead LogFile::Head() const { return HeadOf(fd_.Get(), FileHead::kMaxBytes); }

bool LogFile::BeginsWith(const FileHead& head) const {
  return head.bytes == 0 || HeadOf(fd_.Get(), head.bytes) == head;
}

LogFile::State LogFile::Read(FilePosition& position, std::size_t& budget, LineSink& sink) {
  while (budget > 0) {
    const auto count = ReadAt(fd_.Get(), Chunk(), kChunkBytes, position.offset);
    // Looked at after the read, so that what was read is known to have come before a truncation.
    if (!BeginsWith(position.head)) {
      return State::kTruncated;
    }
    if (const auto size = Size(); size < position.offset) {
      // Cut in the middle: what is left has been counted, so the next line comes at its end.
      position = {.head = HeadBefore(size), .offset = size};
      continue;
    }
    budget -= std::min(budget, count);
    position.offset += FeedLines({Chunk(), count}, position.skipping, sink);
    if (position.head.bytes < std::min<std::uint64_t>(position.offset, FileHead::kMaxBytes)) {
      position.head = HeadBefore(position.offset);
    }
    if (count < kChunkBytes) {
      return State::kEnd;
    }
  }
  return State::kMore;
}

FileHead LogFile::HeadBefore(std::uint64_t offset) const {
  return HeadOf(fd_.Get(),
                static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, FileHead::kMaxBytes)));
}

}  // namespace agent::requests
