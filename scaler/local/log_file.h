#pragma once

#include <filesystem>
#include <string_view>

namespace scaler::local {

/// Appends to a file that never holds more than a mebibyte; the one before it is kept as ".1".
///
/// Never fails: a replica must not stall or die because its log cannot be written.
class LogFile {
 public:
  explicit LogFile(std::filesystem::path path);
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();

  void Write(std::string_view text);

 private:
  void Open();

  std::filesystem::path path_;
  int fd_ = -1;
  std::size_t size_ = 0;
};

}  // namespace scaler::local
