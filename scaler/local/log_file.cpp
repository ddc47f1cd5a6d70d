#include "scaler/local/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace scaler::local {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 20U;

}  // namespace

LogFile::LogFile(std::filesystem::path path) : path_(std::move(path)) { Open(); }

LogFile::~LogFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void LogFile::Open() {
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  struct stat status {};
  size_ = fd_ >= 0 && ::fstat(fd_, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

void LogFile::Write(std::string_view text) {
  if (fd_ >= 0 && size_ + text.size() > kLargest) {
    ::close(fd_);
    ::rename(path_.c_str(), (path_.string() + ".1").c_str());
    Open();
  }
  if (fd_ < 0) {
    return;
  }
  if (const ssize_t count = ::write(fd_, text.data(), text.size()); count > 0) {
    size_ += static_cast<std::size_t>(count);
  }
}

}  // namespace scaler::local
