#include "scaler/policy/directory_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "unit/scaler/policy/policy_text.h"

namespace scaler::policy {
namespace {

namespace fs = std::filesystem;

class DirectoryWatchTest : public ::testing::Test {
 protected:
  /// Whether a change is told once the files have come to rest, and only once.
  bool ToldOnce() {
    const bool early = watch_.Changed();
    const bool told = watch_.Changed();
    return !early && told && !watch_.Changed();
  }

  PolicyFiles directory_;
  DirectoryWatch watch_{Prepared()};

 private:
  const fs::path& Prepared() {
    directory_.Write("a.yaml", "a: 1\n");
    return directory_.Path();
  }
};

TEST_F(DirectoryWatchTest, SaysNothingWhileNothingChanges) {
  EXPECT_FALSE(watch_.Changed());
  EXPECT_FALSE(watch_.Changed());
}

TEST_F(DirectoryWatchTest, NoticesAFileThatIsWrittenInPlace) {
  directory_.Write("a.yaml", "a: 2, longer\n");

  EXPECT_TRUE(ToldOnce());
}

TEST_F(DirectoryWatchTest, WaitsUntilTheWriterIsDone) {
  directory_.Write("a.yaml", "half");
  EXPECT_FALSE(watch_.Changed());
  directory_.Write("a.yaml", "half and a quarter");
  EXPECT_FALSE(watch_.Changed());
  directory_.Write("a.yaml", "half and a quarter and the rest");
  EXPECT_FALSE(watch_.Changed());

  EXPECT_TRUE(watch_.Changed());
}

TEST_F(DirectoryWatchTest, NoticesAFileThatIsReplacedByRenaming) {
  directory_.Write(".a.yaml.swp", "a: 2\n");
  fs::last_write_time(directory_.Path() / ".a.yaml.swp",
                      fs::last_write_time(directory_.Path() / "a.yaml"));
  fs::rename(directory_.Path() / ".a.yaml.swp", directory_.Path() / "a.yaml");

  EXPECT_TRUE(ToldOnce());
}

TEST_F(DirectoryWatchTest, NoticesFilesThatComeAndGo) {
  directory_.Write("b.yaml", "b: 1\n");
  EXPECT_TRUE(ToldOnce());
  fs::remove(directory_.Path() / "b.yaml");
  EXPECT_TRUE(ToldOnce());
}

TEST_F(DirectoryWatchTest, NoticesTheSwapOfAConfigMap) {
  // As the kubelet writes it: a.yaml -> ..data/a.yaml, ..data -> ..2026_01.
  const auto& root = directory_.Path();
  directory_.Write("..1/c.yaml", "c: 1\n");
  directory_.Write("..2/c.yaml", "c: 2\n");
  fs::create_symlink("..1", root / "..data");
  fs::create_symlink("..data/c.yaml", root / "c.yaml");
  ASSERT_TRUE(ToldOnce());

  fs::create_symlink("..2", root / "..data_tmp");
  fs::rename(root / "..data_tmp", root / "..data");

  EXPECT_TRUE(ToldOnce());
}

TEST_F(DirectoryWatchTest, NoticesThatTheDirectoryGoesAndComesBack) {
  fs::rename(directory_.Path(), directory_.Path().string() + ".gone");
  EXPECT_TRUE(ToldOnce());
  fs::rename(directory_.Path().string() + ".gone", directory_.Path());
  EXPECT_TRUE(ToldOnce());
}

TEST_F(DirectoryWatchTest, DoesNotMindHiddenFiles) {
  directory_.Write(".a.yaml.swp", "x");

  EXPECT_FALSE(watch_.Changed());
  EXPECT_FALSE(watch_.Changed());
}

TEST_F(DirectoryWatchTest, SaysNothingWhereAChangeIsTakenBackAtOnce) {
  directory_.Write("b.yaml", "b: 1\n");
  EXPECT_FALSE(watch_.Changed());
  fs::remove(directory_.Path() / "b.yaml");

  EXPECT_FALSE(watch_.Changed());
  EXPECT_FALSE(watch_.Changed());
}

}  // namespace
}  // namespace scaler::policy
