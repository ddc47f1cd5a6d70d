#include "common/lifecycle/append.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "common/lifecycle/locked_file.h"
#include "common/replace_file.h"

namespace common::lifecycle {
namespace {

bool EndsTorn(int fd) {
  struct stat status {};
  char last = '\n';
  return ::fstat(fd, &status) == 0 && status.st_size > 0 &&
         ::pread(fd, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

}  // namespace

Result<void> Append(const std::filesystem::path& file, const Record& record) {
  const bool existed = ::access(file.c_str(), F_OK) == 0;
  const auto fd = OpenLocked(file, O_RDWR | O_APPEND | O_CREAT);
  if (!fd) {
    return tl::make_unexpected(fd.error());
  }
  const std::string line = (EndsTorn(fd->Get()) ? "\n" : "") + Encode(record);
  ssize_t written = 0;
  do {
    written = ::write(fd->Get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0 || ::fdatasync(fd->Get()) != 0) {
    return FailErrno(file.string());
  }
  if (static_cast<std::size_t>(written) != line.size()) {
    return Fail(std::errc::no_space_on_device, file.string() + ": the disk took half a line");
  }
  if (!existed) {
    // A new file's name is on the disk only once its directory is.
    SyncDirectory(file.parent_path());
  }
  return {};
}

}  // namespace common::lifecycle
