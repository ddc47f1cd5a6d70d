#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/scratch_directory.h"

namespace tests {

/// A log as a server writes it: opened once for appending, and again only when told so.
class LogWriter {
 public:
  explicit LogWriter(std::filesystem::path path) : path_(std::move(path)) { Reopen(); }
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  ~LogWriter() { ::close(fd_); }

  void Write(std::string_view text) const {
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      throw std::runtime_error("cannot write " + path_.string());
    }
  }

  /// What a server does on SIGHUP.
  void Reopen() {
    const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) {
      throw std::runtime_error("cannot open " + path_.string());
    }
    if (fd_ >= 0) {
      ::close(fd_);
    }
    fd_ = fd;
  }

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

/// A directory with one log in it, and what logrotate does there.
class LogDirectory {
 public:
  [[nodiscard]] std::filesystem::path Log() const { return scratch_.Path() / "access.log"; }
  [[nodiscard]] std::filesystem::path Checkpoint() const {
    return scratch_.Path() / "access.log.checkpoint";
  }
  [[nodiscard]] std::filesystem::path Rotated(int number) const {
    return Log().string() + "." + std::to_string(number);
  }

  /// Renames log -> log.1 -> log.2 and so on, and keeps `keep` of them.
  void Rotate(int keep = 3) const {
    std::filesystem::remove(Rotated(keep));
    for (int number = keep - 1; number >= 1; --number) {
      if (std::filesystem::exists(Rotated(number))) {
        std::filesystem::rename(Rotated(number), Rotated(number + 1));
      }
    }
    std::filesystem::rename(Log(), Rotated(1));
  }

  void Copy() const {
    std::filesystem::copy_file(Log(), Rotated(1),
                               std::filesystem::copy_options::overwrite_existing);
  }
  void Truncate(std::uintmax_t size = 0) const { std::filesystem::resize_file(Log(), size); }

 private:
  ScratchDirectory scratch_;
};

}  // namespace tests
