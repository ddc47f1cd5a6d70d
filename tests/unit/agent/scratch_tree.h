#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "common/file_system.h"
#include "support/scratch_directory.h"

namespace tests {

/// A root directory with a few files that lives as long as this object.
///
/// For cases that differ from a recorded tree in a file or two; a real machine's tree belongs
/// under tests/fixtures instead.
class ScratchTree {
 public:
  ScratchTree(std::initializer_list<std::pair<std::string_view, std::string_view>> files) {
    for (const auto& [path, content] : files) {
      Write(path, content);
    }
  }

  void Write(const std::filesystem::path& path, std::string_view content) const {
    const auto full = Path() / path.relative_path();
    std::filesystem::create_directories(full.parent_path());
    std::ofstream file(full, std::ios::trunc);
    if (!(file << content)) {
      throw std::runtime_error("cannot write " + full.string());
    }
  }

  void Append(const std::filesystem::path& path, std::string_view content) const {
    std::ofstream file(Path() / path.relative_path(), std::ios::app);
    if (!(file << content)) {
      throw std::runtime_error("cannot append to " + path.string());
    }
  }

  void Remove(const std::filesystem::path& path) const {
    std::filesystem::remove_all(Path() / path.relative_path());
  }

  [[nodiscard]] const std::filesystem::path& Path() const { return directory_.Path(); }
  [[nodiscard]] common::FileSystem Root() const { return common::FileSystem(Path()); }

 private:
  ScratchDirectory directory_;
};

}  // namespace tests
