#include "common/log.h"

#include <gtest/gtest.h>

#include "common/log_repeats.h"

namespace common::log {
namespace {

TEST(Log, TextQuotesWhatCouldForgeALine) {
  EXPECT_EQ(FormatLine(Format::kText, "T", Level::kWarning, "policy refused",
                       {{"file", "a.yaml"}, {"why", "x\ny"}}),
            "T warning policy refused file=a.yaml why=\"x\\ny\"");
}

TEST(Log, JsonHasEveryFieldAsAString) {
  EXPECT_EQ(FormatLine(Format::kJson, "T", Level::kInfo, "started", {{"port", "1"}}),
            R"({"time":"T","level":"info","message":"started","port":"1"})");
}

TEST(Log, LevelsAreReadByName) {
  EXPECT_EQ(ParseLevel("error").value(), Level::kError);
  EXPECT_FALSE(ParseLevel("loud"));
  EXPECT_TRUE(Configure("info", "text"));
  EXPECT_FALSE(Configure("loud", "text"));
  EXPECT_FALSE(Configure("info", "xml"));
}

TEST(LogRepeats, ABurstPassesAndThenOneNowAndThen) {
  Repeats repeats;
  MonotonicTime now(std::chrono::seconds(100));
  int passed = 0;
  for (int tick = 0; tick < 1000; ++tick) {
    passed += repeats.Pass("agent lost", now) ? 1 : 0;
    now += std::chrono::milliseconds(100);
  }
  EXPECT_GE(passed, 19);
  EXPECT_LE(passed, 20);
  EXPECT_EQ(repeats.Pass("another message", now), 0U);
}

TEST(LogRepeats, SaysHowManyWereHeldBack) {
  Repeats repeats;
  MonotonicTime now(std::chrono::seconds(100));
  for (int count = 0; count < Repeats::kBurst + 7; ++count) {
    (void)repeats.Pass("agent lost", now);
  }
  EXPECT_EQ(repeats.Pass("agent lost", now + Repeats::kInterval), 7U);
}

TEST(LogRepeats, TooManyMessagesShareOneBudget) {
  Repeats repeats;
  const MonotonicTime now(std::chrono::seconds(100));
  int passed = 0;
  for (std::size_t number = 0; number < Repeats::kMostMessages + 100; ++number) {
    passed += repeats.Pass(std::to_string(number), now) ? 1 : 0;
  }
  EXPECT_EQ(passed, static_cast<int>(Repeats::kMostMessages) + Repeats::kBurst);
}

}  // namespace
}  // namespace common::log
