#include "common/file_system.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "common/unique_fd.h"

namespace common {

Result<std::string> FileSystem::Read(const std::filesystem::path& path) const {
  const auto full_path = root_ / path.relative_path();
  const UniqueFd file(::open(full_path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return FailErrno(full_path.string());
  }

  std::string content;
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t count = ::read(file.Get(), chunk.data(), chunk.size());
    if (count > 0) {
      content.append(chunk.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
      return content;
    } else if (errno != EINTR) {
      // ENODEV here means that the cgroup was removed while it was open.
      return FailErrno(full_path.string());
    }
  }
}

}  // namespace common
