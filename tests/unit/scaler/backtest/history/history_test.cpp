#include "scaler/backtest/history/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/scratch_directory.h"

namespace scaler::backtest::history {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

/// All series of a text, or the error.
common::Result<std::vector<Series>> Read(const std::string& text, const Options& options = {}) {
  const tests::ScratchDirectory scratch;
  const auto path = scratch.Path() / "demand.csv";
  std::ofstream(path) << text;
  auto history = OpenCsv(path, options);
  if (!history) {
    return tl::make_unexpected(history.error());
  }
  std::vector<Series> all;
  while (true) {
    auto series = (*history)->Next();
    if (!series) {
      return tl::make_unexpected(series.error());
    }
    if (!*series) {
      return all;
    }
    all.push_back(std::move(**series));
  }
}

std::string ErrorOf(const std::string& text) {
  const auto read = Read(text);
  return read ? "" : read.error().what;
}

TEST(LongLayout, TakesRowsInAnyOrderAndAbsentOnesAsNone) {
  const auto all = Read(
      "time,series,value\n2026-01-31 08:00:00,b,60\n2026-01-31 08:01:00,a,120\n"
      "2026-01-31 08:03:00,a,30\n2026-01-31 08:00:00,a,6\n");
  ASSERT_TRUE(all) << all.error().what;
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_EQ((*all)[0].name, "a");
  EXPECT_EQ((*all)[0].period, minutes(1));
  EXPECT_THAT((*all)[0].rates, ElementsAre(0.1, 2, 0, 0.5));
  EXPECT_THAT((*all)[1].rates, ElementsAre(1, 0, 0, 0)) << "all are as long";
  EXPECT_EQ((*all)[1].begin, (*all)[0].begin);
}

TEST(LongLayout, TakesRatesAndAPeriodWhereSomebodySaysSo) {
  const auto all = Read("time,series,value\n0,a,5\n60,a,7\n",
                        {.series = {}, .period = seconds(30), .rates = true});
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_THAT(all->front().rates, ElementsAre(5, 0, 7));
}

TEST(LongLayout, SaysWhatIsWrongAndWhere) {
  const std::string header = "time,series,value\n";
  EXPECT_THAT(ErrorOf(header + "0,a,1\n60,a,x\n"), HasSubstr("demand.csv:3:6: expected a number"));
  EXPECT_THAT(ErrorOf(header + "0,a,1\n60,a,1\n90,a,1\n"),
              HasSubstr(":4:1: expected a multiple of 1m after the first time"));
  EXPECT_THAT(ErrorOf(header + "0,a,1\n60,a,1\n60,a,2\n"),
              HasSubstr(":4:1: \"a\" has a value for this time already, in line 3"));
  EXPECT_THAT(ErrorOf(header + "0,,1\n"), HasSubstr(":2:3: a series needs a name"));
  EXPECT_THAT(ErrorOf(header + "noon,a,1\n"), HasSubstr(":2:1: expected a time like"));
  EXPECT_THAT(ErrorOf(header + "0,a,1\n"), HasSubstr("shows no period"));
  EXPECT_THAT(ErrorOf(header + "0,a,1\n1,a,1\n7000000000,a,1\n"), HasSubstr("too long"));
}

TEST(SiteLayout, IsOneSeriesWhoseAbsentMinutesAreNone) {
  const auto all = Read("minute,requests\n1998-04-30 21:30:00,60\n1998-04-30 21:32:00,120\n");
  ASSERT_TRUE(all) << all.error().what;
  ASSERT_THAT(*all, SizeIs(1));
  EXPECT_EQ(all->front().name, "requests");
  EXPECT_THAT(all->front().rates, ElementsAre(1, 0, 2));
  EXPECT_THAT(ErrorOf("minute,requests\n120,1\n60,1\n"),
              HasSubstr(":3:1: expected times in order"));
}

TEST(WideLayout, IsARowForEachSeriesWithItsLabels) {
  const auto all = Read("owner,function,trigger,m480,m481\no1,f1,http,60,0\no1,f2,timer,0,6\n");
  ASSERT_TRUE(all) << all.error().what;
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_EQ((*all)[1].name, "f2");
  EXPECT_THAT((*all)[1].labels,
              ElementsAre(Pair("function", "f2"), Pair("owner", "o1"), Pair("trigger", "timer")));
  EXPECT_THAT((*all)[0].rates, ElementsAre(1, 0));
  EXPECT_EQ((*all)[0].begin.time_since_epoch() % std::chrono::hours(24), minutes(479));
}

TEST(WideLayout, RefusesGapsAndSeriesThatComeTwice) {
  EXPECT_THAT(ErrorOf("tenant,m1,m3\na,1,1\n"), HasSubstr("expected the columns m1, m2"));
  EXPECT_THAT(ErrorOf("tenant,m1\na,1\na,1\n"), HasSubstr(":3:1: there is a row for this series"));
  EXPECT_THAT(ErrorOf("m1,m2\n1,1\n"), HasSubstr("no layout that is known"));
  EXPECT_THAT(ErrorOf("pod,time,util\np,1,1\n"), HasSubstr("no layout that is known"));
}

TEST(RunLayout, ClosesJumpsUpAndTakesThePeriodOfTheFirstTwo) {
  const auto all = Read(
      "series,timestamp,value\nelb,2014-04-10 00:04:00,300\nelb,2014-04-10 00:09:00,600\n"
      "elb,2014-04-10 00:19:00,0\ncpu,0,1\ncpu,60,2\n");
  ASSERT_TRUE(all) << all.error().what;
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_EQ((*all)[0].period, minutes(5));
  EXPECT_THAT((*all)[0].rates, ElementsAre(1, 2, 0));
  EXPECT_EQ((*all)[1].period, minutes(1));
}

TEST(RunLayout, RefusesRowsOutOfOrder) {
  const std::string header = "series,timestamp,value\n";
  EXPECT_THAT(ErrorOf(header + "a,60,1\na,0,1\n"), HasSubstr(":3:3: expected times in order"));
  EXPECT_THAT(ErrorOf(header + "a,0,1\na,60,1\nb,0,1\nb,60,1\na,120,1\n"),
              HasSubstr(":6:1: the rows of \"a\" are not together"));
  EXPECT_THAT(ErrorOf(header + "a,0,1\n"), HasSubstr("shows no period"));
}

TEST(Layouts, TakeOnlyTheSeriesThatAreAskedFor) {
  const Options some{.series = "b*", .period = {}, .rates = false};
  for (const char* text :
       {"time,series,value\n0,a,1\n0,bc,1\n60,a,1\n", "tenant,m1,m2\na,1,1\nbc,1,1\n",
        "series,timestamp,value\na,0,1\na,60,1\nbc,0,1\nbc,60,1\n"}) {
    const auto all = Read(text, some);
    ASSERT_TRUE(all) << all.error().what;
    ASSERT_THAT(*all, SizeIs(1)) << text;
    EXPECT_EQ(all->front().name, "bc");
  }
}

}  // namespace
}  // namespace scaler::backtest::history
