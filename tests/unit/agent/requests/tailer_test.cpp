#include "agent/requests/tailer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "unit/agent/requests/log_directory.h"
#include "unit/agent/requests/tailer_fixture.h"

namespace agent::requests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(TailerTest, GivesWhatIsThereAndThenWhatComes) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\ntwo\n");
  EXPECT_THAT(Lines(), ElementsAre("one", "two"));
  EXPECT_THAT(Lines(), IsEmpty());
  writer.Write("three\n");
  EXPECT_THAT(Lines(), ElementsAre("three"));
}

TEST_F(TailerTest, WaitsForALogThatIsNotThereYet) {
  EXPECT_THAT(Lines(), IsEmpty());
  EXPECT_TRUE(tailer_->CaughtUp());
  EXPECT_THAT(tailer_->Problem(), HasSubstr("access.log: No such file"));
  const tests::LogWriter writer(directory_.Log());
  EXPECT_TRUE(DescriptorIsReadable());
  writer.Write("one\n");
  EXPECT_THAT(Lines(), ElementsAre("one"));
  EXPECT_EQ(tailer_->Problem(), "");
}

TEST_F(TailerTest, TheDescriptorTellsOfNewLinesAndOfRotation) {
  tests::LogWriter writer(directory_.Log());
  Lines();
  EXPECT_FALSE(DescriptorIsReadable());
  writer.Write("one\n");
  EXPECT_TRUE(DescriptorIsReadable());
  Lines();
  EXPECT_FALSE(DescriptorIsReadable());
  directory_.Rotate();
  EXPECT_TRUE(DescriptorIsReadable());
  Lines();
  writer.Write("late\n");
  EXPECT_TRUE(DescriptorIsReadable());
}

TEST_F(TailerTest, APartOfALineWaitsForItsRest) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\ntw");
  EXPECT_THAT(Lines(), ElementsAre("one"));
  EXPECT_EQ(tailer_->LagBytes(), 2U);
  writer.Write("o\n");
  EXPECT_THAT(Lines(), ElementsAre("two"));
  EXPECT_EQ(tailer_->LagBytes(), 0U);
}

TEST_F(TailerTest, ReadsNoMoreThanAskedAndSaysThatMoreIsWaiting) {
  const tests::LogWriter writer(directory_.Log());
  const std::string line(999, 'a');
  for (int count = 0; count < 2000; ++count) {
    writer.Write(line + "\n");
  }
  Collected collected;
  EXPECT_TRUE(tailer_->Poll(1, collected));
  EXPECT_THAT(collected.lines, SizeIs(::testing::AllOf(::testing::Gt(0U), ::testing::Lt(2000U))));
  EXPECT_FALSE(tailer_->CaughtUp());
  EXPECT_EQ(tailer_->LagBytes(), 2'000'000 - 1000 * collected.lines.size());
  while (tailer_->Poll(1, collected)) {
  }
  EXPECT_THAT(collected.lines, SizeIs(2000));
  EXPECT_TRUE(tailer_->CaughtUp());
}

TEST_F(TailerTest, RejectsALineThatIsTooLongOnceAndGoesOnAfterIt) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write(std::string(kMaxLineBytes, 'a') + "\n" + std::string(kMaxLineBytes + 1, 'b') + "\n");
  EXPECT_THAT(Lines(), ElementsAre(std::string(kMaxLineBytes, 'a')));
  EXPECT_EQ(rejected_, 1);
  writer.Write(std::string(kMaxLineBytes + 1, 'c'));
  EXPECT_THAT(Lines(), IsEmpty());
  EXPECT_EQ(rejected_, 2);
  KillAndRestart([] {});
  writer.Write(std::string(1'000'000, 'c'));
  EXPECT_THAT(Lines(), IsEmpty());
  writer.Write("t1 forged\nnext\n");
  EXPECT_THAT(Lines(), ElementsAre("next"));
  EXPECT_EQ(rejected_, 2);
}

TEST_F(TailerTest, GivesBinaryGarbageLineByLine) {
  const tests::LogWriter writer(directory_.Log());
  const std::string garbage("\0\xff\r\x1b", 4);
  writer.Write(garbage + "\n\n" + garbage + "\n");
  EXPECT_THAT(Lines(), ElementsAre(garbage, "", garbage));
}

class NotALog : public TailerTest {
 protected:
  void ExpectRefused() {
    EXPECT_THAT(Lines(), IsEmpty());
    EXPECT_THAT(tailer_->Problem(), HasSubstr("not a regular file"));
    std::filesystem::remove(directory_.Log());
    const tests::LogWriter writer(directory_.Log());
    writer.Write("a log at last\n");
    EXPECT_THAT(Lines(), ElementsAre("a log at last"));
    EXPECT_EQ(tailer_->Problem(), "");
  }
};

TEST_F(NotALog, ASymbolicLinkIsNotFollowed) {
  std::ofstream(directory_.Rotated(1)) << "secret\n";
  std::filesystem::create_symlink(directory_.Rotated(1), directory_.Log());
  ExpectRefused();
}

TEST_F(NotALog, APipeDoesNotStopTheReader) {
  ASSERT_EQ(::mkfifo(directory_.Log().c_str(), 0600), 0);
  ExpectRefused();
}

TEST_F(NotALog, ADirectoryIsNotRead) {
  std::filesystem::create_directory(directory_.Log());
  ExpectRefused();
}

TEST_F(NotALog, AnOpenLogIsFollowedThoughALinkTookItsName) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  directory_.Rotate();
  std::filesystem::create_symlink("/etc/passwd", directory_.Log());
  writer.Write("two\n");
  EXPECT_THAT(Lines(), ElementsAre("two"));
  EXPECT_THAT(tailer_->Problem(), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace agent::requests
