#include "common/lifecycle/record.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "common/lifecycle/append.h"

namespace common::lifecycle {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Optional;

Record AnEnd() {
  return {.event = Event::kEnd,
          .time = WallTime(std::chrono::milliseconds(1'763'000'000'123)),
          .name_space = "local",
          .workload = "shop-01",
          .container = "shop-01",
          .replica = "shop-01-3",
          .attempt = 2,
          .pid = 4711,
          .cgroup = "trimtab/shop-01-3.2",
          .reason = EndReason::kOomKilled,
          .exit_code = std::nullopt,
          .signal = 9};
}

TEST(LifecycleRecord, ComesBackAsItWasWritten) {
  Record exited = AnEnd();
  exited.reason = EndReason::kAppError;
  exited.exit_code = 3;
  exited.signal.reset();
  Record started = AnEnd();
  started.event = Event::kStart;
  started.reason.reset();
  started.signal.reset();
  Record declared;
  declared.time = started.time;
  declared.workload = "caf\xC3\xA9 \"quoted\"\n";
  declared.container = "c";

  for (const Record& record : {AnEnd(), exited, started, declared}) {
    const auto line = Encode(record);

    EXPECT_THAT(line, EndsWith("\n"));
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one record, one line";
    const auto decoded = Decode(line);
    ASSERT_TRUE(decoded) << decoded.error().what;
    EXPECT_EQ(*decoded, record);
  }
}

TEST(LifecycleRecord, NamesEveryReason) {
  for (const auto reason :
       {EndReason::kOomKilled, EndReason::kAppError, EndReason::kHealthCheck, EndReason::kEvicted,
        EndReason::kCompleted, EndReason::kScaledDown, EndReason::kUnknown}) {
    EXPECT_THAT(FindReason(ReasonName(reason)), Optional(reason));
  }
  EXPECT_EQ(FindReason("bored"), std::nullopt);
}

TEST(LifecycleRecord, ANewerVersionIsToldFromDamage) {
  const auto newer = Decode(R"({"version":2,"event":"paused"})");

  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, std::errc::not_supported);
}

TEST(LifecycleRecord, IgnoresWhatItDoesNotKnow) {
  const auto record = Decode(
      R"({"version":1,"event":"end","time_ms":5,"workload":"w","replica":"w-1","reason":"struck_by_lightning","mood":[1]})");

  ASSERT_TRUE(record) << record.error().what;
  EXPECT_THAT(record->reason, Optional(EndReason::kUnknown));
}

class Damage : public ::testing::TestWithParam<std::string> {};

TEST_P(Damage, IsRefused) {
  const auto record = Decode(GetParam());

  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, std::errc::bad_message);
  EXPECT_THAT(record.error().what, HasSubstr("lifecycle record"));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Damage,
    ::testing::Values(
        "", "null", "[]", "{", R"({"event":"start"})", R"({"version":"1"})",
        R"({"version":1,"event":"born","time_ms":5,"workload":"w","replica":"w-1"})",
        R"({"version":1,"event":"start","time_ms":5,"workload":"w"})",
        R"({"version":1,"event":"start","workload":"w","replica":"w-1"})",
        R"({"version":1,"event":"end","time_ms":5,"workload":"w","replica":"w-1"})",
        R"({"version":1,"event":"start","time_ms":5,"workload":"w","replica":"w-1","attempt":-1})",
        R"({"version":1,"event":"start","time_ms":5,"workload":7,"replica":"w-1"})",
        std::string(100'000, '[')));

class LifecycleFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "lifecycle-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::filesystem::path File() const { return directory_ / "lifecycle.jsonl"; }
  [[nodiscard]] std::string Content() const {
    std::ostringstream content;
    content << std::ifstream(File()).rdbuf();
    return content.str();
  }

  std::filesystem::path directory_;
};

TEST_F(LifecycleFile, HoldsAWholeLineForEachOfThoseWhoAppendAtOnce) {
  constexpr std::size_t kWriters = 4;
  constexpr std::size_t kLines = 200;
  Record record = AnEnd();
  record.replica = std::string(20'000, 'r');  // So that a line is not written in an instant.
  std::vector<std::thread> writers;
  for (std::size_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&] {
      for (std::size_t line = 0; line < kLines; ++line) {
        EXPECT_TRUE(Append(File(), record));
      }
    });
  }
  for (auto& writer : writers) {
    writer.join();
  }

  std::ifstream lines(File());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_EQ(line + "\n", Encode(record)) << "line " << count + 1;
  }
  EXPECT_EQ(count, kWriters * kLines);
}

TEST_F(LifecycleFile, IsMadeAndAppendedTo) {
  ASSERT_TRUE(Append(File(), AnEnd()));
  ASSERT_TRUE(Append(File(), AnEnd()));

  EXPECT_EQ(Content(), Encode(AnEnd()) + Encode(AnEnd()));
}

TEST_F(LifecycleFile, ATornLineSpoilsNoOther) {
  std::ofstream(File()) << R"({"version":1,"ev)";

  ASSERT_TRUE(Append(File(), AnEnd()));

  EXPECT_EQ(Content(), "{\"version\":1,\"ev\n" + Encode(AnEnd()));
}

TEST_F(LifecycleFile, SaysWhichFileItCannotWrite) {
  const auto appended = Append(directory_ / "absent" / "lifecycle.jsonl", AnEnd());

  ASSERT_FALSE(appended);
  EXPECT_THAT(appended.error().what, HasSubstr("absent/lifecycle.jsonl"));
}

}  // namespace
}  // namespace common::lifecycle
