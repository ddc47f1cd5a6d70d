#include "agent/cgroup/flat_file.h"

#include <string>
#include <system_error>

#include "common/text.h"

namespace agent::cgroup {

std::optional<std::uint64_t> FindFlatKey(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto line = common::TakeLine(text);
    const auto space = line.find(' ');
    if (space != std::string_view::npos && line.substr(0, space) == key) {
      return common::ParseUnsigned(line.substr(space + 1));
    }
  }
  return std::nullopt;
}

common::Result<std::uint64_t> ReadNumber(const common::FileSystem& fs,
                                         const std::filesystem::path& path) {
  return fs.Read(path).and_then([&](const std::string& text) -> common::Result<std::uint64_t> {
    std::string_view rest = text;
    const auto value = common::ParseUnsigned(common::TakeLine(rest));
    if (!value) {
      return common::Fail(std::errc::bad_message, path.string() + ": not a number");
    }
    return *value;
  });
}

common::Result<std::uint64_t> ReadFlatKey(const common::FileSystem& fs,
                                          const std::filesystem::path& path, std::string_view key) {
  return fs.Read(path).and_then([&](const std::string& text) -> common::Result<std::uint64_t> {
    const auto value = FindFlatKey(text, key);
    if (!value) {
      return common::Fail(std::errc::bad_message, path.string() + ": no key " + std::string(key));
    }
    return *value;
  });
}

bool SaysGone(const common::Error& error) {
  return error.code == std::errc::no_such_file_or_directory ||
         error.code == std::errc::no_such_device;
}

}  // namespace agent::cgroup
