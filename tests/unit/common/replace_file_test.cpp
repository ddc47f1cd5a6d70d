#include "common/replace_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "common/file_system.h"
#include "support/scratch_directory.h"

namespace common {
namespace {

TEST(ReplaceFile, ReplacesTheWholeAndLeavesNothingBeside) {
  const tests::ScratchDirectory directory;
  const auto file = directory.Path() / "state.json";
  ASSERT_TRUE(ReplaceFile(file, "a long first text"));
  ASSERT_TRUE(ReplaceFile(file, "second", Survives::kOurEnd));
  EXPECT_EQ(FileSystem("/").Read(file).value(), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.Path()), {}), 1);
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(ReplaceFile, AFailureKeepsTheOldFileAndNamesTheNewOne) {
  const tests::ScratchDirectory directory;
  const auto file = directory.Path() / "state";
  ASSERT_TRUE(ReplaceFile(file, "old"));
  std::filesystem::create_directory(directory.Path() / "state.new");
  const auto replaced = ReplaceFile(file, "new");
  ASSERT_FALSE(replaced);
  EXPECT_NE(replaced.error().what.find("state.new"), std::string::npos);
  EXPECT_EQ(FileSystem("/").Read(file).value(), "old");
  EXPECT_FALSE(ReplaceFile(directory.Path() / "absent" / "state", "x"));
}

}  // namespace
}  // namespace common
