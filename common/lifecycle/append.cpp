#include "common/lifecycle/append.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace common::lifecycle {
namespace {

/// Owns a file descriptor.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  [[nodiscard]] int Get() const { return fd_; }

 private:
  int fd_;
};

bool EndsTorn(int fd) {
  struct stat status {};
  char last = '\n';
  return ::fstat(fd, &status) == 0 && status.st_size > 0 &&
         ::pread(fd, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

/// A new file's name is on the disk only once its directory is.
void SyncDirectory(const std::filesystem::path& directory) {
  const Fd fd(
      ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.Get() >= 0) {
    ::fsync(fd.Get());
  }
}

}  // namespace

Result<void> Append(const std::filesystem::path& file, const Record& record) {
  const bool existed = ::access(file.c_str(), F_OK) == 0;
  const Fd fd(::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  if (fd.Get() < 0) {
    return FailErrno(file.string());
  }
  const std::string line = (EndsTorn(fd.Get()) ? "\n" : "") + Encode(record);
  ssize_t written = 0;
  do {
    written = ::write(fd.Get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0 || ::fdatasync(fd.Get()) != 0) {
    return FailErrno(file.string());
  }
  if (static_cast<std::size_t>(written) != line.size()) {
    return Fail(std::errc::no_space_on_device, file.string() + ": the disk took half a line");
  }
  if (!existed) {
    SyncDirectory(file.parent_path());
  }
  return {};
}

}  // namespace common::lifecycle
