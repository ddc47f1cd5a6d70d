#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace fuzz {

inline std::string_view Text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the run as a finding: the input broke a promise without breaking memory.
inline void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/// The input as a file in memory, for readers that take a path.
class InputFile {
 public:
  explicit InputFile(std::string_view content) : fd_(::memfd_create("input", MFD_CLOEXEC)) {
    Require(::write(fd_, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { ::close(fd_); }

  [[nodiscard]] std::filesystem::path Path() const {
    return "/proc/self/fd/" + std::to_string(fd_);
  }

 private:
  int fd_;
};

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
