#include "scaler/policy/schedule/cron.h"

#include <gtest/gtest.h>

namespace scaler::policy::schedule {
namespace {

std::string Why(std::string_view text) {
  const auto cron = ParseCron(text);
  return cron ? "" : cron.error().what;
}

Cron Parsed(std::string_view text) {
  auto cron = ParseCron(text);
  EXPECT_TRUE(cron) << text << ": " << Why(text);
  cron->text.clear();
  return *cron;
}

TEST(CronText, MayListRangeAndStep) {
  const auto cron = Parsed("0,30 8-18/2 1-7,15 jan,MAR-may mon-fri");

  EXPECT_EQ(cron.minutes, (std::uint64_t{1} << 30U) | 1U);
  EXPECT_EQ(cron.hours, 0b1010101010100000000U);
  EXPECT_EQ(cron.days, (1U << 15U) | 0b11111110U);
  EXPECT_EQ(cron.months, 0b111010U);
  EXPECT_EQ(cron.weekdays, 0b0111110U);
}

TEST(CronText, StepsFromANumberRunToTheEnd) {
  EXPECT_EQ(Parsed("5/20 0 * * *"), Parsed("5,25,45 0 * * *"));
}

TEST(CronText, SundayIsZeroAndSeven) {
  EXPECT_EQ(Parsed("0 0 * * 7"), Parsed("0 0 * * sun"));
  EXPECT_EQ(Parsed("0 0 * * 5-7"), Parsed("0 0 * * 0,5,6"));
}

TEST(CronText, HasNicknames) {
  EXPECT_EQ(Parsed("@daily"), Parsed("0 0 * * *"));
  EXPECT_EQ(Parsed("@Midnight"), Parsed("0 0 * * *"));
  EXPECT_EQ(Parsed("@weekly"), Parsed("0 0 * * 0"));
  EXPECT_EQ(Parsed("@yearly"), Parsed("0 0 1 1 *"));
}

TEST(CronText, DayAndWeekdayTogetherMeanEither) {
  EXPECT_TRUE(Parsed("0 0 13 * 5").either_day);
  EXPECT_FALSE(Parsed("0 0 13 * *").either_day);
  EXPECT_FALSE(Parsed("0 0 */2 * 5").either_day);
  EXPECT_FALSE(Parsed("0 0 ? * 5").either_day);
}

TEST(CronText, IsRefusedWithTheFieldThatIsWrong) {
  EXPECT_EQ(Why("60 0 * * *"), "the minute '60' is not one of 0 to 59");
  EXPECT_EQ(Why("0 24 * * *"), "the hour '24' is not one of 0 to 23");
  EXPECT_EQ(Why("0 0 0 * *"), "the day '0' is not one of 1 to 31");
  EXPECT_EQ(Why("0 0 * foo *"), "the month 'foo' is not one of 1 to 12, or a name");
  EXPECT_EQ(Why("0 0 * * 8"), "the weekday '8' is not one of 0 to 7, or a name");
  EXPECT_EQ(Why("*/0 0 * * *"), "the minute's step '0' is not one of 1 to 59");
  EXPECT_EQ(Why("0 9-8 * * *"), "the hours 9 to 8 run backwards");
  EXPECT_EQ(Why("0 , * * *"), "the hour '' is not one of 0 to 23");
  EXPECT_EQ(Why("0 0 31 4,6 *"), "a day that never comes");
  EXPECT_NE(Why("0 0 * *"), "");
  EXPECT_NE(Why("0 0 * * * *"), "");
  EXPECT_NE(Why("@reboot"), "");
  EXPECT_NE(Why(""), "");
}

TEST(CronText, CountsItsBeginningsOfADay) {
  EXPECT_EQ(BeginningsPerDay(Parsed("@daily")), 1);
  EXPECT_EQ(BeginningsPerDay(Parsed("*/15 8-17 * * *")), 40);
}

}  // namespace
}  // namespace scaler::policy::schedule
