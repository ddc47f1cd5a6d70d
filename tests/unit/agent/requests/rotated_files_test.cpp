#include "agent/requests/rotated_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/scratch_directory.h"

namespace agent::requests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class RotatedFilesTest : public ::testing::Test {
 protected:
  void Make(const std::vector<std::string>& suffixes) const {
    for (const auto& suffix : suffixes) {
      std::ofstream(Log().string() + suffix) << "a line\n";
    }
  }

  [[nodiscard]] std::vector<std::string> Suffixes() const {
    std::vector<std::string> suffixes;
    for (const auto& file : RotatedFiles(Log())) {
      suffixes.push_back(file.string().substr(Log().string().size()));
    }
    return suffixes;
  }

  [[nodiscard]] std::filesystem::path Log() const { return scratch_.Path() / "access.log"; }

  tests::ScratchDirectory scratch_;
};

TEST_F(RotatedFilesTest, OfNoneThereAreNone) {
  Make({"", ".checkpoint"});
  EXPECT_THAT(Suffixes(), IsEmpty());
}

// As a reader sees it for whom ".1" has just become ".2", and ".9" will be ".10" before it opens
// it.
TEST_F(RotatedFilesTest, NamesThatARotationIsAboutToGiveAreAmongThem) {
  Make({"", ".2", ".3", ".5", ".9"});
  EXPECT_THAT(Suffixes(), ElementsAre(".2", ".3", ".4", ".5", ".6", ".9", ".10"));
}

TEST_F(RotatedFilesTest, ThoseWithDatesStayWhereTheyAre) {
  Make({"", "-20260131", "-20260130", "-1"});
  EXPECT_THAT(Suffixes(), ElementsAre("-1", "-2", "-20260131", "-20260130"));
}

// "-1231" could be a counter as well as a day: it must not be lost among names that are nobody's.
TEST_F(RotatedFilesTest, AHighNumberIsAmongThem) {
  Make({".1", ".99999", "-1231", "-1230"});
  EXPECT_THAT(Suffixes(), IsSupersetOf({".1", ".99999", "-1231", "-1230"}));
  EXPECT_LE(Suffixes().size(), 8U);
}

TEST_F(RotatedFilesTest, AreBounded) {
  for (int number = 1; number <= 300; ++number) {
    Make({"." + std::to_string(number)});
  }
  EXPECT_EQ(Suffixes().size(), 257U);
  EXPECT_EQ(Suffixes().front(), ".1");
}

}  // namespace
}  // namespace agent::requests
