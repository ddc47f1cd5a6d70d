#include "common/tls/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "common/unique_fd.h"

namespace common::tls {
namespace {

std::int64_t Nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Result<File> ReadFile(const std::string& path) {
  // A FIFO in place of a file must not hold us until somebody writes to it.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.Get(), &status) != 0) {
    return FailErrno(path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(std::errc::invalid_argument, path + ": is not a regular file");
  }
  File file{.content = {}, .mode = status.st_mode};
  std::array<char, 4096> chunk{};
  for (;;) {
    const auto count = ::read(fd.Get(), chunk.data(), chunk.size());
    if (count == 0) {
      return file;
    }
    if (count < 0 && errno != EINTR) {
      return FailErrno(path);
    }
    if (count > 0) {
      file.content.append(std::string_view(chunk.data(), static_cast<std::size_t>(count)));
    }
    if (file.content.size() > kLargestFileBytes) {
      return Fail(std::errc::file_too_large, path + ": is larger than 4 MiB");
    }
  }
}

FileStamp StampOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return {};
  }
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .modified_ns = Nanoseconds(status.st_mtim),
          .changed_ns = Nanoseconds(status.st_ctim)};
}

}  // namespace common::tls
