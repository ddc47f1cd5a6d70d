#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "agent/requests/tailer.h"
#include "unit/agent/requests/log_directory.h"
#include "unit/agent/requests/tailer_fixture.h"

namespace agent::requests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using std::chrono_literals::operator""s;

TEST_F(TailerTest, FollowsARenamedLogUntilItsWriterHasMovedOn) {
  tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  directory_.Rotate();
  writer.Write("two\n");
  EXPECT_THAT(Lines(), ElementsAre("two"));
  const tests::LogWriter successor(directory_.Log());
  successor.Write("four\n");
  writer.Write("three\n");
  EXPECT_THAT(Lines(), ElementsAre("three", "four"));
  LetTimePass(4s);
  writer.Write("late\n");
  EXPECT_THAT(Lines(), ElementsAre("late"));
}

TEST_F(TailerTest, ClosesARotatedLogThatNobodyWritesTo) {
  tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  directory_.Rotate();
  writer.Reopen();
  Lines();
  LetTimePass(5s);
  Lines();
  EXPECT_THAT(tailer_->Files(),
              UnorderedElementsAre(::testing::Field(&KnownFile::state, KnownFile::State::kDone),
                                   ::testing::Field(&KnownFile::state, KnownFile::State::kOpen)));
}

TEST_F(TailerTest, LosesNothingWhenALogIsRenamedAndDeleted) {
  tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  writer.Write("two\n");
  directory_.Rotate();
  std::filesystem::remove(directory_.Rotated(1));
  writer.Write("three\n");
  writer.Reopen();
  writer.Write("four\n");
  EXPECT_THAT(Lines(), ElementsAre("two", "three", "four"));
}

TEST_F(TailerTest, FindsLogsThatCameAndWentBetweenTwoPolls) {
  tests::LogWriter writer(directory_.Log());
  writer.Write("0\n");
  Lines();
  for (int round = 1; round <= 3; ++round) {
    writer.Write(std::to_string(round) + "a\n");
    directory_.Rotate(4);
    writer.Write(std::to_string(round) + "b\n");
    writer.Reopen();
  }
  writer.Write("end\n");
  EXPECT_THAT(Lines(), UnorderedElementsAre("1a", "1b", "2a", "2b", "3a", "3b", "end"));
}

TEST_F(TailerTest, CountsEachLineOnceOverManyRotations) {
  tests::LogWriter writer(directory_.Log());
  std::size_t given = 0;
  for (int round = 0; round < 200; ++round) {
    writer.Write("first of " + std::to_string(round) + "\n");
    if (round % 3 == 0) {
      given += Lines().size();
    }
    directory_.Rotate();
    writer.Write("second of " + std::to_string(round) + "\n");
    if (round % 5 == 0) {
      LetTimePass(5s);
    }
    writer.Reopen();
    if (round % 2 == 0) {
      given += Lines().size();
    }
  }
  given += Lines().size();
  EXPECT_EQ(given, 400U);
  EXPECT_THAT(tailer_->Files(), SizeIs(::testing::Lt(20U)));
}

TEST_F(TailerTest, LeavesAsideWhatWasRotatedBeforeItsVeryFirstStart) {
  tests::LogWriter writer(directory_.Log());
  writer.Write("history\n");
  directory_.Rotate();
  writer.Reopen();
  writer.Write("one\n");
  EXPECT_THAT(Lines(), ElementsAre("one"));
  directory_.Rotate();
  writer.Reopen();
  writer.Write("two\n");
  EXPECT_THAT(Lines(), ElementsAre("two"));
}

TEST_F(TailerTest, BeginsAnewAfterATruncation) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\ntwo\nthree\n");
  Lines();
  directory_.Truncate();
  EXPECT_THAT(Lines(), IsEmpty());
  writer.Write("four\n");
  EXPECT_THAT(Lines(), ElementsAre("four"));
}

TEST_F(TailerTest, SeesATruncationThatHasGrownOverAlready) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  directory_.Truncate();
  writer.Write("two\nthree\n");
  EXPECT_THAT(Lines(), ElementsAre("two", "three"));
}

TEST_F(TailerTest, CountsNothingTwiceWhenOnlyTheEndIsCutOff) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write(std::string(2000, 'a') + "\ntwo\n");
  Lines();
  directory_.Truncate(2001);
  EXPECT_THAT(Lines(), IsEmpty());
  writer.Write("three\n");
  EXPECT_THAT(Lines(), ElementsAre("three"));
}

TEST_F(TailerTest, FindsTheRestInTheCopyAfterCopytruncate) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  writer.Write("two\n");
  directory_.Copy();
  directory_.Truncate();
  writer.Write("three is longer than the two before\n");
  EXPECT_THAT(Lines(), UnorderedElementsAre("two", "three is longer than the two before"));
}

TEST_F(TailerTest, DoesNotCountACopyThatIsSeenBeforeTheTruncation) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  KillAndRestart([&] { directory_.Copy(); });
  EXPECT_THAT(Lines(), IsEmpty());
  directory_.Truncate();
  writer.Write("two\n");
  EXPECT_THAT(Lines(), ElementsAre("two"));
}

TEST_F(TailerTest, CountsEachLineOnceOverManyCopytruncates) {
  const tests::LogWriter writer(directory_.Log());
  std::size_t given = 0;
  for (int round = 0; round < 100; ++round) {
    writer.Write("first of " + std::to_string(round) + "\n");
    given += Lines().size();
    writer.Write("second of " + std::to_string(round) + "\n");
    directory_.Copy();
    directory_.Truncate();
    if (round % 3 == 0) {
      given += Lines().size();
    }
  }
  given += Lines().size();
  EXPECT_EQ(given, 200U);
}

TEST_F(TailerTest, GoesOnAfterARestartWhereItWas) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  KillAndRestart([&] { writer.Write("two\n"); });
  EXPECT_FALSE(tailer_->CaughtUp());
  EXPECT_THAT(Lines(), ElementsAre("two"));
  EXPECT_TRUE(tailer_->CaughtUp());
}

TEST_F(TailerTest, FindsAfterARestartWhatWasRotatedMeanwhile) {
  tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  KillAndRestart([&] {
    writer.Write("two\n");
    directory_.Rotate();
    writer.Reopen();
    writer.Write("three\n");
    directory_.Rotate();
    writer.Reopen();
    writer.Write("four\n");
  });
  EXPECT_THAT(Lines(), UnorderedElementsAre("two", "three", "four"));
  KillAndRestart([&] { directory_.Rotate(); });
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(TailerTest, FindsAfterARestartWhatWasCopiedAndTruncatedMeanwhile) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  KillAndRestart([&] {
    writer.Write("two\n");
    directory_.Copy();
    directory_.Truncate();
    writer.Write("three\n");
  });
  EXPECT_THAT(Lines(), UnorderedElementsAre("two", "three"));
}

TEST_F(TailerTest, TakesAnotherFileWithAReusedInodeAsNew) {
  tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  auto files = tailer_->Files();
  ASSERT_THAT(files, SizeIs(1));
  std::filesystem::remove(directory_.Log());
  writer.Reopen();
  writer.Write("another and longer\n");
  struct stat status {};
  ASSERT_EQ(::stat(directory_.Log().c_str(), &status), 0);
  files[0].id.inode = status.st_ino;  // As ext4 would have it.
  Start(&files);
  EXPECT_THAT(Lines(), ElementsAre("another and longer"));
}

TEST_F(TailerTest, SurvivesTheLossOfItsFileWhileItWasAway) {
  tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  KillAndRestart([&] {
    std::filesystem::remove(directory_.Log());
    writer.Reopen();
    writer.Write("two\n");
  });
  EXPECT_THAT(Lines(), ElementsAre("two"));
}

TEST_F(TailerTest, ReadsNoCompressedFilesCheckpointsOrEditorsCopies) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  for (const auto* suffix : {".2.gz", ".checkpoint", ".1~", ".swp", "-old", ".", "x"}) {
    std::ofstream(directory_.Log().string() + suffix) << "not a log\n";
  }
  KillAndRestart([] {});
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(TailerTest, KnowsRotatedFilesByDateToo) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write("one\n");
  Lines();
  KillAndRestart([&] {
    std::ofstream(directory_.Log().string() + "-20260131") << "two\n";
    std::ofstream(directory_.Log().string() + ".2026-01-31T10:00:00Z") << "three\n";
  });
  EXPECT_THAT(Lines(), UnorderedElementsAre("two", "three"));
}

}  // namespace
}  // namespace agent::requests
