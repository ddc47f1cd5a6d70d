#include "common/lifecycle/locked_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace common::lifecycle {
namespace {

/// Whether `file` still is the name of what is open.
bool HasName(int fd, const std::filesystem::path& file) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd, &open) == 0 && ::stat(file.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

}  // namespace

Result<UniqueFd> OpenLocked(const std::filesystem::path& file, int flags) {
  for (;;) {
    UniqueFd fd(::open(file.c_str(), flags | O_CLOEXEC, 0644));
    if (!fd) {
      return FailErrno(file.string());
    }
    while (::flock(fd.Get(), LOCK_EX) != 0) {
      if (errno != EINTR) {
        return FailErrno(file.string());
      }
    }
    // While we waited for the lock, another file may have taken its place.
    if (HasName(fd.Get(), file)) {
      return fd;
    }
  }
}

}  // namespace common::lifecycle
