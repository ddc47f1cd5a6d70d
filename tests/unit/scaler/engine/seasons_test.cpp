#include "scaler/engine/seasons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>

#include "scaler/codec/codec.h"
#include "unit/scaler/engine/shop.h"

namespace scaler::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::Field;
using ::testing::Not;

constexpr Duration kDay = hours(24);

/// Demand at each time of a day.
using Day = std::function<double(Duration)>;

/// A job at two o'clock each night for ten minutes.
double WithJob(Duration time) {
  return time >= hours(2) && time < hours(2) + minutes(10) ? 400 : 40;
}

/// Days as a season sees them, from a midnight on.
struct Days {
  std::vector<Season> seasons;
  std::vector<Duration> lengths{kDay};
  Time at{hours(24 * 365)};

  void See(const Day& day, int days) {
    for (const auto until = at + days * kDay; at < until; at += minutes(1)) {
      LearnSeasons(lengths, at, day(at - std::chrono::floor<std::chrono::days>(at)), seasons);
    }
  }

  [[nodiscard]] double Forecast(Duration time, double demand) const {
    return ForecastSeasons(seasons, at + time, demand, seconds(25))[0];
  }
};

TEST(Seasons, SayWhatRoseTheDayBefore) {
  Days days;
  days.See(WithJob, 1);
  days.See(WithJob, 0);
  EXPECT_EQ(days.Forecast(minutes(119), 40), 0);

  for (; days.at.time_since_epoch() % kDay < hours(2) - seconds(10); days.at += seconds(10)) {
    LearnSeasons(days.lengths, days.at, 40, days.seasons);
  }
  EXPECT_NEAR(days.Forecast({}, 40), 400, 80);
  EXPECT_NEAR(days.Forecast({}, 20), 400, 80) << "what was there a moment ago counts too";
}

TEST(Seasons, WhatHasComeIsForecastNoMore) {
  Days days;
  days.See(WithJob, 1);
  const auto two = days.at + hours(2);
  for (; days.at < two; days.at += seconds(10)) {
    LearnSeasons(days.lengths, days.at, 40, days.seasons);
  }
  LearnSeasons(days.lengths, two, 40, days.seasons);
  EXPECT_GT(ForecastSeasons(days.seasons, two + seconds(5), 40, seconds(25))[0], 300);
  LearnSeasons(days.lengths, two + seconds(10), 400, days.seasons);
  EXPECT_EQ(ForecastSeasons(days.seasons, two + seconds(15), 400, seconds(25))[0], 0);
  EXPECT_EQ(ForecastSeasons(days.seasons, two + seconds(60), 40, seconds(25))[0], 0);
}

TEST(Seasons, SteadyDemandHasNone) {
  Days days;
  days.See([](Duration) { return 100; }, 3);
  for (Duration time{}; time < kDay; time += minutes(7)) {
    EXPECT_EQ(days.Forecast(time, 100), 0);
  }
}

TEST(Seasons, OtherLengthsBeginAnew) {
  Days days;
  days.See(WithJob, 2);
  const auto known = days.seasons;
  LearnSeasons(days.lengths, days.at, 40, days.seasons);
  EXPECT_EQ(days.seasons[0].peaks, known[0].peaks);
  LearnSeasons(std::vector<Duration>{kDay, hours(168)}, days.at, 40, days.seasons);
  ASSERT_EQ(days.seasons.size(), 2U);
  LearnSeasons({}, days.at, 40, days.seasons);
  EXPECT_TRUE(days.seasons.empty());
}

/// A shop with an objective, seen every ten seconds.
class Nights : public ::testing::Test {
 protected:
  Nights() {
    shop.policy.replicas = {.min = 1, .max = 1000};
    shop.policy.idle.reset();
    shop.policy.objective = {.overload = 0.001, .hold = Duration{}};
    shop.policy.guards.damp_flapping = false;
    shop.policy.forecast.seasons = {kDay};
    shop.observation.now = Time(hours(24 * 365));
  }

  /// Requests that found no room in so many days of this.
  double Pass(int days, const Day& day) {
    double beyond = 0;
    const auto until = shop.observation.now + days * kDay;
    while (shop.observation.now < until) {
      const auto next = shop.observation.now + seconds(10);
      const double demand = day(next - std::chrono::floor<std::chrono::days>(next));
      // What is ready serves it; what is decided now is there for the sample after the next one.
      beyond += std::max(0.0, demand - 20.0 * std::min(before, ready));
      before = ready;
      ready = shop.See(demand, seconds(10));
      replicas += ready;
    }
    return beyond;
  }

  Shop shop;
  int before = 1;
  int ready = 1;
  double replicas = 0;
};

TEST_F(Nights, AJobOfEachNightFindsRoomOnceThatHasShownToHelp) {
  const double first = Pass(3, WithJob) / 3;
  EXPECT_GT(first, 300);
  EXPECT_EQ(Pass(2, WithJob), 0);
  const double with = replicas;
  EXPECT_LT(codec::EncodeState(shop.state).size(), 4096U);

  // The explanation names it.
  auto decided = shop.last;
  Pass(0, WithJob);
  while (shop.observation.now.time_since_epoch() % kDay < hours(2) - seconds(15)) {
    shop.See(40, seconds(10));
    decided = shop.last;
  }
  EXPECT_THAT(decided.recommendations, Contains(Field(&Recommendation::signal, "forecast")));
  ASSERT_TRUE(decided.headroom && decided.headroom->season);
  EXPECT_TRUE(decided.headroom->season->used);
  EXPECT_EQ(decided.headroom->season->season, kDay);
  EXPECT_GT(with, 0);
}

TEST_F(Nights, WithoutForecastsItDoesNot) {
  shop.policy.forecast.mode = Forecast::Mode::kOff;
  Pass(3, WithJob);
  EXPECT_GT(Pass(2, WithJob), 600);
  EXPECT_TRUE(shop.state.demand->seasons.empty());
}

TEST_F(Nights, ABurstOfOneDayIsNoSeason) {
  Pass(1, WithJob);
  const auto quiet = [](Duration) { return 40.0; };
  Pass(1, WithJob);
  Pass(3, quiet);
  replicas = 0;
  Pass(1, quiet);
  EXPECT_EQ(replicas, 2 * 8640) << "the need itself";
  EXPECT_THAT(shop.last.recommendations, Not(Contains(Field(&Recommendation::signal, "forecast"))));
}

RC_GTEST_PROP(SeasonsProperty, MoreDemandNeverMeansALowerForecastOrNumber, ()) {
  Days days;
  days.lengths = {hours(*rc::gen::inRange(1, 4))};
  const int samples = *rc::gen::inRange(10, 600);
  for (int i = 0; i < samples; ++i) {
    days.at += seconds(*rc::gen::inRange(1, 120));
    LearnSeasons(days.lengths, days.at, *rc::gen::inRange(0, 1000) / 8.0, days.seasons);
  }
  const auto at = days.at + seconds(*rc::gen::inRange(0, 200));
  const double less = *rc::gen::inRange(0, 1000) / 8.0;
  const double more = less + *rc::gen::inRange(0, 1000) / 8.0;
  const auto lead = seconds(*rc::gen::inRange(0, 300));
  const auto low = ForecastSeasons(days.seasons, at, less, lead)[0];
  const auto high = ForecastSeasons(days.seasons, at, more, lead)[0];
  RC_ASSERT(std::max(high, more) >= std::max(low, less));
}

}  // namespace
}  // namespace scaler::engine
