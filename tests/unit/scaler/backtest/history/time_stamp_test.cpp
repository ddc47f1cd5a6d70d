#include "scaler/backtest/history/time_stamp.h"

#include <gtest/gtest.h>

namespace scaler::backtest::history {
namespace {

TEST(TimeStamp, ReadsCalendarsAndSeconds) {
  const Time noon{std::chrono::sys_days(std::chrono::year(1998) / 4 / 30) + std::chrono::hours(12)};
  EXPECT_EQ(ParseTime("1998-04-30 12:00:00"), noon);
  EXPECT_EQ(ParseTime("1998-04-30T12:00:00Z"), noon);
  EXPECT_EQ(ParseTime("1998-04-30 12:00:00.25"), noon + std::chrono::milliseconds(250));
  EXPECT_EQ(ParseTime("893937600"), noon);
  EXPECT_EQ(ParseTime("893937600.5"), noon + std::chrono::milliseconds(500));
}

TEST(TimeStamp, RefusesWhatIsNoTime) {
  for (const char* text : {"", "1998-04-31 12:00:00", "1998-04-30 24:00:00", "1998-04-30",
                           "1998-04-30 12:00:00+02:00", "30.4.1998 12:00:00", "-1", "1e99", "noon",
                           "1998-04-30 12:00:00.", "0000-01-01 00:00:00"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

}  // namespace
}  // namespace scaler::backtest::history
