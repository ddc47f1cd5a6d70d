#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "scaler/ctl/tune_command.h"
#include "scaler/policy/read.h"
#include "support/scratch_directory.h"

namespace scaler::ctl {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr const char* kShops =
    "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: shops}\nspec:\n"
    "  target: {selector: {matchLabels: {app: shop}}}\n  replicas: {min: 1, max: 100}\n"
    "  signals: {requests: {perReplica: 100/s}, memory: {utilization: 80%}}\n"
    "  objective: {overload: 1%, hold: 0s}\n";

/// Demand of so many minutes, requests/s from the minute.
std::string Demand(int minutes, const std::function<int(int)>& rate) {
  std::string text = "time,series,value\n";
  for (int minute = 0; minute < minutes; ++minute) {
    text += std::to_string(minute * 60) + ",a," + std::to_string(rate(minute) * 60) + "\n";
  }
  return text;
}

/// A burst of two minutes every eight: who holds for eight minutes has no excess.
int Returning(int minute) { return minute % 8 < 2 ? 390 : 90; }

class TuneTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const auto path = scratch_.Path() / name;
    std::ofstream(path) << text;
    return path;
  }

  TuneOptions Options(const std::string& trace) {
    TuneOptions options;
    options.backtest.policies = {Write("shops.yaml", kShops)};
    options.backtest.trace = Write("demand.csv", trace);
    options.backtest.world.world.step = std::chrono::seconds(30);
    options.block = std::chrono::hours(1);
    return options;
  }

  tests::ScratchDirectory scratch_;
};

TEST_F(TuneTest, HoldsReplicasWhereBurstsComeBack) {
  auto options = Options(Demand(8 * 60, Returning));
  options.write = scratch_.Path() / "tuned.yaml";

  const auto done = Tune(options);

  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out,
              AllOf(HasSubstr("demand.csv: 1 series, 8h"), HasSubstr("the last 6 were held out"),
                    ContainsRegex("shops, as it is .* missed"), ContainsRegex("tuned .* kept"),
                    ContainsRegex("hpa .*\npeak-hold .*\noracle .* kept"), HasSubstr("BETTER: "),
                    HasSubstr("in 6 of 6 blocks"), HasSubstr("spec:\n  objective: {hold: ")));
  common::yaml::Problems problems("tuned.yaml");
  const auto written = policy::ReadFile(options.write, problems).policies;
  ASSERT_EQ(written.size(), 1U) << problems.AsError().what;
  const auto& policy = written.front().terms.policy;
  EXPECT_GE(policy.objective.hold.value_or(std::chrono::hours(24)), std::chrono::minutes(5));
  EXPECT_TRUE(policy.signals.memory) << "what is not played is not lost";
}

TEST_F(TuneTest, KeepsWhatStandsWhereDemandIsSteady) {
  auto options = Options(Demand(8 * 60, [](int) { return 350; }));
  options.write = scratch_.Path() / "tuned.yaml";

  const auto done = Tune(options);

  EXPECT_EQ(done.code, 3) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("KEEP WHAT YOU HAVE: of "),
                              HasSubstr("tuned.yaml was not written: nothing is to be changed")));
  EXPECT_FALSE(std::filesystem::exists(options.write));
}

TEST_F(TuneTest, DoesNotTakeWhatFitsTheFirstHalfForWhatIsGoodNow) {
  // Bursts come back in the first half. In the second each is the last of its kind: the level
  // stays, and whoever holds for an hour pays for nothing.
  const auto overfits = [](int minute) {
    return minute < 4 * 60 ? Returning(minute) : 190 + minute / 60 * 200 % 1000;
  };

  auto options = Options(Demand(8 * 60, overfits));
  const auto done = Tune(options);

  EXPECT_EQ(done.code, 3) << done.err << done.out;
  EXPECT_THAT(done.out, HasSubstr("KEEP WHAT YOU HAVE: "));
  options.backtest.json = true;
  const auto folds = json::parse(Tune(options).out).at("policies").at("shops").at("folds");
  EXPECT_THAT(json::serialize(folds.at(0).at("change")), HasSubstr("objective.hold"))
      << "the first half alone would have changed it";
}

TEST_F(TuneTest, SaysHowMuchHistoryIsMissing) {
  auto options = Options(Demand(3 * 60, Returning));
  options.block = std::chrono::hours(24);

  const auto done = Tune(options);

  EXPECT_EQ(done.code, 4);
  EXPECT_THAT(done.out, HasSubstr("shops: TOO LITTLE HISTORY: 3h of it, and 7d is needed: 2 blocks "
                                  "to choose by and 5 to hold out"));
  options.backtest.json = true;
  const auto shops = json::parse(Tune(options).out).at("policies").at("shops");
  EXPECT_EQ(shops.at("verdict").as_string(), "too-little-history");
  EXPECT_EQ(shops.at("needed_seconds").to_number<double>(), 7 * 86400);
}

TEST_F(TuneTest, JsonHasTheHeldOutFiguresAndEachFold) {
  auto options = Options(Demand(8 * 60, Returning));
  options.backtest.json = true;

  const auto done = Tune(options);

  const auto shops = json::parse(done.out).at("policies").at("shops");
  EXPECT_EQ(shops.at("verdict").as_string(), "better");
  EXPECT_EQ(shops.at("held_out_blocks").as_int64(), 6);
  EXPECT_EQ(shops.at("folds").as_array().size(), 6U);
  const auto& held_out = shops.at("held_out").as_object();
  for (const auto* const run : {"standing", "tuned", "hpa", "peak-hold", "oracle", "floor"}) {
    EXPECT_TRUE(held_out.contains(run)) << run;
    // 165 requests/s, and of the six hours that were held out alone.
    EXPECT_NEAR(held_out.at(run).at("requests").to_number<double>(), 165.0 * 6 * 3600, 50'000);
  }
  EXPECT_LT(held_out.at("tuned").at("excess").to_number<double>(),
            held_out.at("standing").at("excess").to_number<double>() / 10);
}

TEST_F(TuneTest, TheNumberOfThreadsChangesNothing) {
  auto options = Options(Demand(7 * 60, Returning));
  options.backtest.json = true;
  options.backtest.threads = 1;
  const auto one = Tune(options).out;
  options.backtest.threads = 3;
  EXPECT_EQ(Tune(options).out, one);
}

TEST_F(TuneTest, RefusesWhatItCannotTuneFor) {
  auto options = Options(Demand(8 * 60, Returning));
  options.backtest.policies = {
      Write("hpa.yaml",
            "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: old}\nspec:\n"
            "  target: {selector: {matchLabels: {app: shop}}}\n  replicas: {max: 100}\n"
            "  profile: hpa\n  signals: {requests: {perReplica: 100/s}}\n")};
  const auto done = Tune(options);
  EXPECT_EQ(done.code, 2);
  EXPECT_THAT(done.err, HasSubstr("old has no objective: say with --overload"));

  options.overload = 0.01;
  EXPECT_EQ(Tune(options).code, 0) << "an objective for it, and a profile that has one";
  options.overload = 0.7;
  EXPECT_THAT(Tune(options).err, HasSubstr("--overload: a share above 0% and below 50%"));
}

}  // namespace
}  // namespace scaler::ctl
