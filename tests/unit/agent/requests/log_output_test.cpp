#include "agent/log_writer/log_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "support/scratch_directory.h"

namespace agent::log_writer {
namespace {

using ::testing::HasSubstr;

std::string Content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Lets no file of this process grow beyond `bytes`: as good as a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit full{.rlim_cur = bytes, .rlim_max = limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }

 private:
  void (*before_)(int);
  rlimit limit_{};
};

class LogOutputTest : public ::testing::Test {
 protected:
  std::unique_ptr<LogOutput> Open(std::uint64_t rotate_bytes = 0,
                                  std::size_t buffer_bytes = 1UL << 20U) {
    return LogOutput::Open({.path = Log(),
                            .rotate_bytes = rotate_bytes,
                            .keep = 2,
                            .buffer_bytes = buffer_bytes})
        .value();
  }

  [[nodiscard]] std::filesystem::path Log() const { return scratch_.Path() / "log"; }
  [[nodiscard]] std::filesystem::path Rotated(int number) const {
    return Log().string() + "." + std::to_string(number);
  }

  tests::ScratchDirectory scratch_;
};

TEST_F(LogOutputTest, MakesOneLineOfADatagramWhateverIsInIt) {
  const auto output = Open();
  output->Append("plain");
  output->Append("with its line end\n");
  output->Append("with a syslog trailer\r\n\0");
  output->Append(std::string_view("a\nb\rc\0d", 7));
  output->Append("");
  output->Append("\n\n");
  output->Append("\xff\x1b blanks stay");
  EXPECT_TRUE(output->Flush());

  EXPECT_EQ(Content(Log()),
            "plain\nwith its line end\nwith a syslog trailer\na?b?c?d\n\xff\x1b blanks stay\n");
}

TEST_F(LogOutputTest, AppendsToWhatIsThere) {
  std::ofstream(Log()) << "before\n";
  const auto output = Open();
  output->Append("after");
  output->Flush();

  EXPECT_EQ(Content(Log()), "before\nafter\n");
}

TEST_F(LogOutputTest, DoesNotCompleteALineThatAnEarlierWriterLeftHalfWritten) {
  std::ofstream(Log()) << "whole\nhal";
  const auto output = Open();
  output->Append("next");
  output->Flush();

  EXPECT_EQ(Content(Log()), "whole\nhal\nnext\n");
}

TEST_F(LogOutputTest, RotatesBySizeAndKeepsSoMany) {
  const auto output = Open(20);
  for (const auto* line : {"aaaaaaaaa", "bbbbbbbbb", "ccccccccc", "ddddddddd", "eeeeeeeee",
                           "fffffffff", "ggggggggg"}) {
    output->Append(line);
    output->Flush();
  }

  EXPECT_EQ(Content(Log()), "ggggggggg\n");
  EXPECT_EQ(Content(Rotated(1)), "eeeeeeeee\nfffffffff\n");
  EXPECT_EQ(Content(Rotated(2)), "ccccccccc\nddddddddd\n");
  EXPECT_FALSE(std::filesystem::exists(Rotated(3)));
}

TEST_F(LogOutputTest, ALargeBatchDoesNotEndAFileThatHasOnlyBegun) {
  const auto output = Open(20);
  output->Append("aaaa");
  output->Flush();
  output->Append("bbbbbbbbbbbbbbbbbbbbbbbbb");
  output->Flush();
  EXPECT_EQ(Content(Log()), "aaaa\nbbbbbbbbbbbbbbbbbbbbbbbbb\n");
  output->Append("c");
  output->Flush();

  EXPECT_EQ(Content(Log()), "c\n");
  EXPECT_EQ(Content(Rotated(1)), "aaaa\nbbbbbbbbbbbbbbbbbbbbbbbbb\n");
}

TEST_F(LogOutputTest, ContinuesInTheOldFileIfItCannotRotate) {
  const auto output = Open(5);
  std::filesystem::create_directories(Rotated(1) / "in the way");
  std::filesystem::create_directories(Rotated(2) / "in the way");
  output->Append("one");
  output->Flush();
  output->Append("two");
  EXPECT_TRUE(output->Flush());

  EXPECT_EQ(Content(Log()), "one\ntwo\n");
}

TEST_F(LogOutputTest, OpensTheFileAnewAfterARename) {
  const auto output = Open();
  output->Append("one");
  output->Flush();
  std::filesystem::rename(Log(), Rotated(1));
  output->Append("two");
  output->Flush();
  output->Reopen();
  output->Append("three");
  output->Flush();
  std::filesystem::remove(Log());
  output->ReopenIfReplaced();
  output->Append("four");
  output->Flush();

  EXPECT_EQ(Content(Rotated(1)), "one\ntwo\n");
  EXPECT_EQ(Content(Log()), "four\n");
}

TEST_F(LogOutputTest, OpeningTheSameFileAnewChangesNothing) {
  const auto output = Open();
  output->Append("one");
  output->Flush();
  output->Reopen();
  output->ReopenIfReplaced();
  output->Append("two");
  output->Flush();

  EXPECT_EQ(Content(Log()), "one\ntwo\n");
}

TEST_F(LogOutputTest, HoldsLinesWhileTheDiskIsFull) {
  const auto output = Open();
  {
    const FullDisk full(10);
    output->Append("first");
    output->Append("second is written in part");
    EXPECT_FALSE(output->Flush());
    output->Append("third");
    EXPECT_FALSE(output->Flush());
    EXPECT_EQ(Content(Log()), "first\nseco");
  }
  EXPECT_TRUE(output->Flush());

  EXPECT_EQ(Content(Log()), "first\nsecond is written in part\nthird\n");
}

TEST_F(LogOutputTest, RepeatsAHalfWrittenLineWholeInTheNextFile) {
  const auto output = Open();
  {
    const FullDisk full(10);
    output->Append("first");
    output->Append("second");
    output->Flush();
  }
  std::filesystem::rename(Log(), Rotated(1));
  output->Reopen();
  EXPECT_TRUE(output->Flush());

  EXPECT_EQ(Content(Rotated(1)), "first\nseco");
  EXPECT_EQ(Content(Log()), "second\n");
}

TEST_F(LogOutputTest, CountsWhatItCannotHoldAndSaysSoInTheLog) {
  const auto output = Open(0, 20);
  {
    const FullDisk full(0);
    for (int count = 0; count < 10; ++count) {
      output->Append("123456789");
      EXPECT_FALSE(output->Flush());
    }
    EXPECT_EQ(output->UnwrittenLines(), 10U);
  }
  output->AddLost(5);
  EXPECT_TRUE(output->Flush());

  EXPECT_EQ(Content(Log()), "123456789\n123456789\nt1 lost 13\n");
  EXPECT_EQ(output->UnwrittenLines(), 0U);
}

TEST_F(LogOutputTest, IsTheOnlyWriterOfItsFile) {
  const auto output = Open();
  const auto other = LogOutput::Open({.path = Log()});

  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().what, HasSubstr("another trimtab-log-writer"));
}

TEST_F(LogOutputTest, RefusesLinksPipesAndMissingDirectories) {
  std::filesystem::create_symlink("/tmp/elsewhere", Log());
  EXPECT_THAT(LogOutput::Open({.path = Log()}).error().what, HasSubstr("symbolic link"));
  EXPECT_THAT(LogOutput::Open({.path = "/dev/null"}).error().what, HasSubstr("not a regular file"));
  EXPECT_THAT(LogOutput::Open({.path = scratch_.Path() / "no" / "log"}).error().what,
              HasSubstr("no/log: No such file"));
}

}  // namespace
}  // namespace agent::log_writer
