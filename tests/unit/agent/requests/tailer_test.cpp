#include "agent/requests/tailer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "log_directory.h"
#include "support/simulated_executor.h"

namespace agent::requests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using std::chrono_literals::operator""s;

class Collected final : public LineSink {
 public:
  void Count(std::string_view line) override { lines.emplace_back(line); }
  void Reject(Rejection) override { ++rejected; }

  std::vector<std::string> lines;
  int rejected = 0;
};

/// A log, its writer, and a tailer that can be killed and started again.
class TailerTest : public ::testing::Test {
 protected:
  TailerTest() { Start(); }

  void Start(const std::vector<KnownFile>* from = nullptr) {
    notifier_.emplace(ChangeNotifier::Make().value());
    tailer_.emplace(directory_.Log(), 5s, *notifier_, clock_);
    if (from != nullptr) {
      tailer_->Restore(*from);
    }
  }

  /// A kill -9 between two polls; what happens in `away`; and a start from the last checkpoint.
  template <typename Away>
  void KillAndRestart(Away away) {
    const auto files = tailer_->Files();
    tailer_.reset();
    away();
    Start(&files);
  }

  /// Polls until nothing is left, and gives the lines that came.
  std::vector<std::string> Lines() {
    Collected collected;
    while (tailer_->Poll(1UL << 20U, collected)) {
    }
    rejected_ += collected.rejected;
    return collected.lines;
  }

  bool DescriptorIsReadable() {
    pollfd descriptor{.fd = notifier_->Descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&descriptor, 1, 0) == 1;
  }

  void LetTimePass(std::chrono::seconds time) { clock_.RunFor(time); }

  tests::LogDirectory directory_;
  tests::SimulatedExecutor clock_{common::WallTime(1'700'000'000s)};
  std::optional<ChangeNotifier> notifier_;
  std::optional<Tailer> tailer_;
  int rejected_ = 0;
};

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
  EXPECT_THAT(tailer_->Files(), ::testing::UnorderedElementsAre(
                                    ::testing::Field(&KnownFile::state, KnownFile::State::kDone),
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
  EXPECT_THAT(Lines(), ::testing::UnorderedElementsAre("1a", "1b", "2a", "2b", "3a", "3b", "end"));
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
  EXPECT_THAT(Lines(),
              ::testing::UnorderedElementsAre("two", "three is longer than the two before"));
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
  EXPECT_THAT(Lines(), ::testing::UnorderedElementsAre("two", "three", "four"));
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
  EXPECT_THAT(Lines(), ::testing::UnorderedElementsAre("two", "three"));
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
  EXPECT_THAT(Lines(), ::testing::UnorderedElementsAre("two", "three"));
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
