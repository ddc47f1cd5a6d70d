#include "common/lifecycle/compact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "common/lifecycle/append.h"
#include "support/scratch_directory.h"

namespace common::lifecycle {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

Record Of(Event event, const std::string& replica, std::uint32_t attempt = 0) {
  Record record;
  record.event = event;
  record.time = WallTime(std::chrono::seconds(1'790'000'000));
  record.name_space = "local";
  record.workload = "shop";
  record.container = "shop";
  record.replica = replica;
  record.attempt = attempt;
  return record;
}

Record Start(const std::string& replica) { return Of(Event::kStart, replica); }

Record End(const std::string& replica, EndReason reason) {
  auto record = Of(Event::kEnd, replica);
  record.reason = reason;
  return record;
}

class Compacting : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path File() const { return directory_.Path() / "lifecycle.jsonl"; }

  void Write(const std::vector<Record>& records) {
    for (const auto& record : records) {
      ASSERT_TRUE(Append(File(), record));
    }
  }

  /// Makes it the business of `kept` newest records only.
  void Compact(std::size_t kept) {
    const auto lines = Lines();
    std::uint64_t kept_bytes = 0;
    for (auto line = lines.end() - static_cast<std::ptrdiff_t>(kept); line != lines.end(); ++line) {
      kept_bytes += line->size() + 1;
    }
    const auto done = CompactIfLarge(File(), {.most_bytes = 0, .kept_bytes = kept_bytes});
    ASSERT_TRUE(done) << done.error().what;
    ASSERT_TRUE(*done);
  }

  [[nodiscard]] std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::ifstream file(File());
    for (std::string line; std::getline(file, line);) {
      lines.push_back(line);
    }
    return lines;
  }

  /// All but the first line, which tells what the file continues.
  [[nodiscard]] std::vector<Record> Records() const {
    std::vector<Record> records;
    for (const auto& line : Lines()) {
      if (const auto record = Decode(line)) {
        records.push_back(*record);
      }
    }
    return records;
  }

  [[nodiscard]] std::uint64_t Inode() const {
    struct stat status {};
    ::stat(File().c_str(), &status);
    return status.st_ino;
  }

  tests::ScratchDirectory directory_;
};

TEST_F(Compacting, LeavesASmallFileAndAnAbsentOneAlone) {
  EXPECT_EQ(CompactIfLarge(File()).value(), false);
  Write({Start("a")});
  EXPECT_EQ(CompactIfLarge(File()).value(), false);
}

TEST_F(Compacting, AddsUpEndsByReasonAndKeepsWhatRuns) {
  Write({Of(Event::kDeclared, ""), Start("a"), Start("b"), End("a", EndReason::kOomKilled),
         Start("c"), End("c", EndReason::kOomKilled), End("c", EndReason::kUnknown)});

  Compact(0);

  const auto records = Records();
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].event, Event::kDeclared);
  EXPECT_THAT(records[0].earlier_ends, ElementsAre(Pair(EndReason::kOomKilled, 2)))
      << "an end that is told twice is one";
  EXPECT_EQ(records[1], Start("b"));
}

TEST_F(Compacting, AddsUpWhatWasAddedUpBefore) {
  for (int round = 0; round < 3; ++round) {
    Write({Start("a"), End("a", EndReason::kAppError)});
    Compact(0);
  }

  ASSERT_THAT(Records(), SizeIs(1));
  EXPECT_THAT(Records()[0].earlier_ends, ElementsAre(Pair(EndReason::kAppError, 3)));
}

TEST_F(Compacting, KeepsTheNewestRecordsButForEndsThatAreCounted) {
  Write({Start("a"), End("a", EndReason::kAppError), End("a", EndReason::kUnknown), Start("a"),
         End("a", EndReason::kCompleted)});

  Compact(3);

  const auto records = Records();
  ASSERT_THAT(records, SizeIs(3));
  EXPECT_THAT(records[0].earlier_ends, ElementsAre(Pair(EndReason::kAppError, 1)));
  EXPECT_EQ(records[1], Start("a"));
  EXPECT_EQ(records[2], End("a", EndReason::kCompleted));
}

TEST_F(Compacting, SaysWhichFileItContinuesAndHowFar) {
  Write({Start("a"), Start("b"), End("a", EndReason::kAppError)});
  const auto before = Inode();

  Compact(1);

  const auto continuation = DecodeContinuation(Lines().front());
  ASSERT_TRUE(continuation);
  EXPECT_EQ(*continuation, (Continuation{.inode = before, .lines = Lines().size() - 1}));
  EXPECT_FALSE(DecodeContinuation(Encode(Start("a"))));
}

TEST_F(Compacting, KeepsATornLineTornAndWhoMayRead) {
  Write({Start("a")});
  std::ofstream(File(), std::ios::app) << R"({"version":1,"ev)";
  ::chmod(File().c_str(), 0640);

  Compact(1);
  Write({Start("b")});

  EXPECT_EQ(Lines()[Lines().size() - 2], R"({"version":1,"ev)");
  EXPECT_EQ(Records().back(), Start("b"));
  EXPECT_EQ(std::filesystem::status(File()).permissions(), std::filesystem::perms{0640});
}

TEST_F(Compacting, LosesNoRecordOfThoseWhoAppendMeanwhile) {
  constexpr int kWriters = 3;
  constexpr int kEnds = 100;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int end = 0; end < kEnds; ++end) {
        const auto replica = std::to_string(writer) + "-" + std::to_string(end);
        EXPECT_TRUE(Append(File(), End(replica, EndReason::kEvicted)));
      }
    });
  }
  const auto counted = [&] {
    std::uint64_t ends = 0;
    for (const auto& record : Records()) {
      ends += record.event == Event::kEnd ? 1 : 0;
      for (const auto& [reason, count] : record.earlier_ends) {
        ends += count;
      }
    }
    return ends;
  };
  while (counted() < std::uint64_t{kWriters} * kEnds) {
    ASSERT_TRUE(CompactIfLarge(File(), {.most_bytes = 1000, .kept_bytes = 500}));
    if (::testing::Test::HasFailure()) {
      break;
    }
  }
  for (auto& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(counted(), std::uint64_t{kWriters} * kEnds);
}

TEST(EarlierEnds, AreReadAsTheyAreWritten) {
  auto declared = Of(Event::kDeclared, "");
  declared.earlier_ends = {{EndReason::kOomKilled, 7}, {EndReason::kScaledDown, 1ULL << 40U}};
  auto line = Encode(declared);
  line.pop_back();

  EXPECT_EQ(Decode(line).value(), declared);
}

TEST(EarlierEnds, BelongToADeclarationAndAreCounts) {
  const auto with = [](const std::string& event, const std::string& ends) {
    return R"({"version":1,"event":")" + event +
           R"(","time_ms":1,"workload":"w","replica":"r","reason":"unknown","earlier_ends":)" +
           ends + "}";
  };
  EXPECT_TRUE(Decode(with("declared", R"({"app_error":1,"news":2})")));
  EXPECT_EQ(Decode(with("declared", R"({"news":2})"))->earlier_ends.at(EndReason::kUnknown), 2U);
  for (const auto* bad : {"[]", R"({"app_error":-1})", R"({"app_error":"1"})"}) {
    EXPECT_FALSE(Decode(with("declared", bad))) << bad;
  }
  EXPECT_FALSE(Decode(with("end", R"({"app_error":1})")));
}

}  // namespace
}  // namespace common::lifecycle
