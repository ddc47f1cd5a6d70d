#include "agent/log_writer/log_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "agent/requests/line_format.h"
#include "common/log.h"

namespace agent::log_writer {
namespace {

using common::Fail;
using common::FailErrno;
using common::Result;
using common::UniqueFd;

bool EndsALine(char byte) { return byte == '\n' || byte == '\r' || byte == '\0'; }

/// A writer that was killed may have left a part of a line; the next must not become its rest.
bool EndsWithinALine(int fd, off_t size) {
  char last = '\n';
  return size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

/// FILE becomes FILE.1, and so on; the last goes.
Result<void> ShiftFiles(const std::string& path, int keep) {
  if (::access(path.c_str(), F_OK) != 0) {
    return {};  // Renamed already, by an earlier try or by somebody else.
  }
  for (int number = keep; number >= 1; --number) {
    const auto from = number == 1 ? path : fmt::format("{}.{}", path, number - 1);
    const auto to = fmt::format("{}.{}", path, number);
    if (std::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
      return FailErrno(to);
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LogOutput>> LogOutput::Open(LogOutputOptions options) {
  std::unique_ptr<LogOutput> output(new LogOutput(std::move(options)));
  if (auto opened = output->OpenFile(); !opened) {
    return tl::make_unexpected(std::move(opened.error()));
  }
  return output;
}

Result<void> LogOutput::OpenFile() {
  const auto& path = options_.path;
  UniqueFd fd(::open(path.c_str(),
                     O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                     0644));
  struct stat status {};
  if (!fd || ::fstat(fd.Get(), &status) != 0) {
    return errno == ELOOP ? Fail(std::errc::too_many_symbolic_link_levels,
                                 path.string() + ": is a symbolic link; name the file itself")
                          : FailErrno(path.string());
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(std::errc::invalid_argument, path.string() + ": is not a regular file");
  }
  struct stat before {};
  const bool same_file = fd_ && ::fstat(fd_.Get(), &before) == 0 &&
                         before.st_dev == status.st_dev && before.st_ino == status.st_ino;
  if (!same_file && ::flock(fd.Get(), LOCK_EX | LOCK_NB) != 0) {
    return Fail(std::errc::device_or_resource_busy,
                path.string() +
                    ": another trimtab-log-writer writes this file; stop it, or "
                    "choose another --output");
  }
  if (same_file) {
    return {};
  }
  fd_ = std::move(fd);
  file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  on_disk_ = 0;
  if (EndsWithinALine(fd_.Get(), status.st_size)) {
    pending_.insert(0, 1, '\n');
  }
  return {};
}

void LogOutput::Append(std::string_view datagram) {
  while (!datagram.empty() && EndsALine(datagram.back())) {
    datagram.remove_suffix(1);
  }
  if (datagram.empty()) {
    return;
  }
  if (pending_.size() + datagram.size() + 1 > options_.buffer_bytes) {
    ++lost_;
    return;
  }
  const auto begin = static_cast<std::ptrdiff_t>(pending_.size());
  pending_.append(datagram);
  std::replace_if(pending_.begin() + begin, pending_.end(), EndsALine, '?');
  pending_.push_back('\n');
}

bool LogOutput::Flush() {
  if (!WritePending()) {
    return false;
  }
  if (lost_ > 0) {
    pending_ = requests::FormatLostLines(lost_) + "\n";
    lost_ = 0;
    return WritePending();
  }
  return true;
}

bool LogOutput::WritePending() {
  RotateIfFull();
  while (!pending_.empty()) {
    const auto count = ::write(fd_.Get(), pending_.data() + on_disk_, pending_.size() - on_disk_);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      NoteFailure(errno);
      return false;
    }
    ForgetWritten(static_cast<std::size_t>(count));
  }
  if (std::exchange(failing_, false)) {
    common::log::Info("the access log can be written again",
                      {{"file", options_.path.string()}, {"lost_lines", std::to_string(lost_)}});
  }
  return true;
}

/// Drops the lines that are on disk as a whole.
void LogOutput::ForgetWritten(std::size_t bytes) {
  file_bytes_ += bytes;
  on_disk_ += bytes;
  const auto end = pending_.rfind('\n', on_disk_ - 1);
  if (end != std::string::npos) {
    pending_.erase(0, end + 1);
    on_disk_ -= end + 1;
  }
}

/// A batch that is larger than a file may be does not end one that has only begun: in a burst many
/// lines are the same to the letter, and a rotated file of a few of them looks to a reader like a
/// copy of the next one's beginning.
void LogOutput::RotateIfFull() {
  if (options_.rotate_bytes == 0 || on_disk_ > 0 || file_bytes_ == 0 ||
      file_bytes_ < options_.rotate_bytes / 2 ||
      file_bytes_ + pending_.size() <= options_.rotate_bytes) {
    return;
  }
  auto opened =
      ShiftFiles(options_.path.string(), options_.keep).and_then([this] { return OpenFile(); });
  // A log that grows is better than one that loses lines: the old file stays in use.
  if (!opened && !rotation_failing_) {
    common::log::Error("the access log cannot be rotated", {{"reason", opened.error().what}});
  }
  rotation_failing_ = !opened;
}

void LogOutput::Reopen() {
  auto opened = OpenFile();
  if (!opened && !opening_failing_) {
    common::log::Error("the access log cannot be opened anew; the old file stays in use",
                       {{"reason", opened.error().what}});
  }
  opening_failing_ = !opened;
}

void LogOutput::ReopenIfReplaced() {
  struct stat named {};
  struct stat open {};
  if (::fstat(fd_.Get(), &open) != 0) {
    return;
  }
  if (::lstat(options_.path.c_str(), &named) == 0 && named.st_dev == open.st_dev &&
      named.st_ino == open.st_ino) {
    file_bytes_ = static_cast<std::uint64_t>(open.st_size);  // It may have been truncated.
    return;
  }
  Reopen();
}

void LogOutput::NoteFailure(int error) {
  if (!std::exchange(failing_, true)) {
    common::log::Error("the access log cannot be written; lines wait in memory",
                       {{"reason", FailErrno(options_.path.string(), error).value().what}});
  }
}

std::uint64_t LogOutput::UnwrittenLines() const {
  return lost_ + static_cast<std::uint64_t>(std::ranges::count(pending_, '\n'));
}

}  // namespace agent::log_writer
