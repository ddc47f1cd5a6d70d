#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>

#include "support/scratch_directory.h"

namespace tests {

/// A file system of its own that a test can fill. It is mounted where only this process and its
/// children see it, so that nothing is left of it whatever happens.
class SmallDisk {
 public:
  /// `size` as mount takes it: "256k". Look at Mounted before use.
  explicit SmallDisk(const std::string& size) {
    const bool apart =
        ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    mounted_ = apart && ::mount("tmpfs", scratch_.Path().c_str(), "tmpfs", 0,
                                ("size=" + size + ",mode=700").c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) {
      ::umount2(scratch_.Path().c_str(), MNT_DETACH);
    }
  }

  /// False where this user may not mount.
  [[nodiscard]] bool Mounted() const { return mounted_; }
  [[nodiscard]] const std::filesystem::path& Path() const { return scratch_.Path(); }

  /// Takes all the room that is left, but for what is left in the last blocks of files.
  void Fill() const {
    const int file = ::open(Ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    const std::array<char, 4096> block{};
    while (::write(file, block.data(), block.size()) > 0) {
    }
    EXPECT_EQ(errno, ENOSPC);
    ::close(file);
  }

  /// Gives it back.
  void Free() const { ::unlink(Ballast().c_str()); }

 private:
  [[nodiscard]] std::filesystem::path Ballast() const { return Path() / "ballast"; }

  ScratchDirectory scratch_;
  bool mounted_ = false;
};

}  // namespace tests
