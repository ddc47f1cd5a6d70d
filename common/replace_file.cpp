#include "common/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "common/unique_fd.h"

namespace common {
namespace {

Result<void> WriteWhole(const std::filesystem::path& path, std::string_view content,
                        Survives survives) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    return FailErrno(path.string());
  }
  return WriteAll(file.Get(), content, path.string()).and_then([&]() -> Result<void> {
    if (survives == Survives::kTheMachinesEnd && ::fsync(file.Get()) != 0) {
      return FailErrno(path.string());
    }
    return {};
  });
}

}  // namespace

void SyncDirectory(const std::filesystem::path& directory) {
  const UniqueFd fd(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) {
    ::fsync(fd.Get());
  }
}

Result<void> WriteAll(int fd, std::string_view content, const std::string& subject) {
  while (!content.empty()) {
    const auto count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno != EINTR) {
      return FailErrno(subject);
    }
    content.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return {};
}

Result<void> ReplaceFile(const std::filesystem::path& path, std::string_view content,
                         Survives survives) {
  auto aside = path;
  aside += ".new";
  auto written = WriteWhole(aside, content, survives);
  if (written && std::rename(aside.c_str(), path.c_str()) != 0) {
    written = FailErrno(path.string());
  }
  if (!written) {
    ::unlink(aside.c_str());
    return written;
  }
  if (survives == Survives::kTheMachinesEnd) {
    SyncDirectory(path.parent_path());
  }
  return {};
}

}  // namespace common
