#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "scaler/ctl/backtest_command.h"
#include "scaler/ctl/backtest_policies.h"
#include "scaler/ctl/diff_command.h"
#include "scaler/ctl/play.h"
#include "scaler/ctl/progress_bar.h"
#include "scaler/ctl/prometheus_history.h"
#include "support/scratch_directory.h"

namespace scaler::ctl {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr const char* kPolicy =
    "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: shops}\nspec:\n"
    "  target: {selector: {matchLabels: {app: shop}}}\n  replicas: {min: 1, max: 100}\n"
    "  signals: {requests: {perReplica: 100/s}}\n  objective: {overload: 10%}\n";

class BacktestTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const auto path = scratch_.Path() / name;
    std::ofstream(path) << text;
    return path;
  }

  BacktestOptions Options(const std::string& trace) {
    BacktestOptions options;
    options.policies = {Write("shops.yaml", kPolicy)};
    options.trace = Write("demand.csv", trace);
    return options;
  }

  static std::vector<std::string> Keys(const json::value& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.as_object()) {
      keys.emplace_back(key);
    }
    return keys;
  }

  tests::ScratchDirectory scratch_;
};

// 100/s for a minute, then 300/s: two pods are missing for the start and the delay.
constexpr const char* kDemand = "time,series,value\n0,a,6000\n60,a,18000\n0,b,0\n60,b,0\n";

TEST_F(BacktestTest, JsonHasEachRunInAllAndForEachSeries) {
  auto options = Options(kDemand);
  options.json = true;
  options.against = {"hpa", "static"};
  const auto done = Backtest(options);
  ASSERT_EQ(done.code, 0) << done.err;
  const auto parsed = json::parse(done.out);
  const auto& runs = parsed.at("runs");
  EXPECT_THAT(Keys(runs),
              UnorderedElementsAre("shops", "hpa", "static", "oracle", "oracle70", "peak-hold"));
  const auto& shops = runs.at("shops");
  EXPECT_THAT(Keys(shops.at("total")), ElementsAre("pod_hours", "node_hours", "requests", "excess",
                                                   "cold_requests", "actions", "reversals"));
  EXPECT_THAT(Keys(shops.at("series")), UnorderedElementsAre("a", "b"));
  EXPECT_EQ(shops.at("total").at("requests").to_number<double>(), 24000);
  EXPECT_EQ(shops.at("series").at("a").at("excess").to_number<double>(), 200 * 25);
  EXPECT_EQ(shops.at("worst_minute").at("series").as_string(), "a");
  EXPECT_EQ(parsed.at("world").at("capacity_per_replica").to_number<double>(), 100)
      << "as the policy has it";
  EXPECT_FALSE(parsed.at("world").at("nodes").as_bool()) << "two series";
  EXPECT_EQ(parsed.at("peak_hold_sweep").as_object().size(), 42U);
}

TEST_F(BacktestTest, TheTableSaysWhatItMeans) {
  const auto done = Backtest(Options(kDemand));
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out,
              AllOf(HasSubstr("demand.csv: 2 series, 24000 requests; a replica serves 100/s"),
                    ContainsRegex("RUN +POD-HOURS +NODE-HOURS +EXCESS +COLD +ACTIONS"),
                    ContainsRegex("shops .* 20.8 % +0 .* 1970-01-01T00:01 27.8 % a"),
                    ContainsRegex("peak-hold 1x 0s"), HasSubstr("of 10 % allowed"),
                    HasSubstr("out of reach: bursts within the start cost 20.8 %"),
                    HasSubstr("costs no more than perfect foresight")));
}

TEST_F(BacktestTest, SaysWhichKeyAnObjectiveThatCouldBeKeptLacks) {
  std::string demand = "time,series,value\n";
  for (int minute = 0; minute < 40; ++minute) {
    demand += std::to_string(minute * 60) + (minute / 2 % 2 == 0 ? ",a,6000\n" : ",a,18000\n");
  }

  const auto done = Backtest(Options(demand));

  EXPECT_THAT(done.out, HasSubstr("MISSED: objective.hold is `learned`, and `hold: auto`"));
}

TEST_F(BacktestTest, TheNumberOfThreadsChangesNothing) {
  auto options = Options(kDemand);
  options.json = true;
  options.threads = 1;
  const auto one = Backtest(options).out;
  options.threads = 3;
  EXPECT_EQ(Backtest(options).out, one);
}

TEST_F(BacktestTest, CapsOfGroupsHoldForThePoliciesOfAllTenantsTogether) {
  auto options = Options("tenant,m1,m2\na,24000,24000\nb,24000,24000\n");
  options.policies.push_back(
      Write("group.yaml",
            "apiVersion: trimtab.io/v1alpha1\nkind: ScalingGroup\nmetadata: {name: starter}\n"
            "spec:\n  selector: {matchLabels: {app: shop}}\n  limits: {replicas: 5}\n"));
  options.json = true;
  const auto done = Backtest(options);
  ASSERT_EQ(done.code, 0) << done.err;
  const auto runs = json::parse(done.out).at("runs");
  EXPECT_LT(runs.at("shops").at("total").at("pod_hours").to_number<double>(), 5.1 * 2 / 60);
  EXPECT_GT(runs.at("oracle").at("total").at("pod_hours").to_number<double>(), 8.0 * 2 / 60);
}

TEST_F(BacktestTest, RefusesWhatIsWrongWithWhereItIs) {
  const auto refusal = [](const BacktestOptions& options) {
    const auto done = Backtest(options);
    EXPECT_EQ(done.code, 2);
    EXPECT_EQ(done.out, "");
    return done.err;
  };
  auto options = Options("time,series,value\n0,a,x\n");
  EXPECT_THAT(refusal(options), HasSubstr("demand.csv:2:5: expected a number"));
  options = Options(kDemand);
  options.against = {"peak-old"};
  EXPECT_THAT(refusal(options), HasSubstr("did you mean 'peak-hold'?"));
  options = Options(kDemand);
  options.history.series = "nobody";
  EXPECT_THAT(refusal(options), HasSubstr("no series"));
  options = Options(kDemand);
  options.policies = {"/nowhere.yaml"};
  EXPECT_THAT(refusal(options), HasSubstr("/nowhere.yaml"));
  options = Options(kDemand);
  options.trace.clear();
  EXPECT_THAT(refusal(options), HasSubstr("--trace FILE"));
}

TEST_F(BacktestTest, RunsAreCalledAsTheirPoliciesAndApartWhereNamesMeet) {
  const auto first = Write("first.yaml", kPolicy);
  const auto second = Write("second.yaml", kPolicy);
  const auto read = ReadBacktestPolicies({first, second});
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->runs[0].first, "shops");
  EXPECT_EQ(read->runs[1].first, "shops@" + second);
  const auto reserved = Write(
      "third.yaml", std::string(kPolicy).replace(std::string(kPolicy).find("shops"), 5, "hpa"));
  EXPECT_EQ(ReadBacktestPolicies({reserved})->runs[0].first, "hpa@" + reserved);
}

TEST_F(BacktestTest, DiffSaysWhereTwoPoliciesDifferAndWhy) {
  DiffOptions options;
  options.backtest = Options(kDemand);
  auto capped = std::string(kPolicy);
  capped.replace(capped.find("max: 100"), 8, "max: 2");
  capped.replace(capped.find("shops"), 5, "tight");
  options.backtest.policies.push_back(Write("tight.yaml", capped));
  const auto done = Diff(options);
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("tight asks for "), HasSubstr("pod-hours less than shops"),
                              HasSubstr("300 requests/s"), HasSubstr("(replicas.max)")));

  options.backtest.policies = {options.backtest.policies.front(),
                               Write("same.yaml", std::string(kPolicy))};
  EXPECT_EQ(Diff(options).out, "they never differ\n");
  options.backtest.policies.pop_back();
  EXPECT_EQ(Diff(options).code, 2) << "one policy differs from nothing";
}

TEST(ParseWhen, TakesTimesAndHowLongAgo) {
  const common::WallTime now(std::chrono::seconds(1'000'000));
  EXPECT_EQ(ParseWhen("0s", now), now);
  EXPECT_EQ(ParseWhen("1h", now), now - std::chrono::hours(1));
  EXPECT_EQ(ParseWhen("1970-01-01 00:01:00", now), common::WallTime(std::chrono::seconds(60)));
  EXPECT_EQ(ParseWhen("60", now), common::WallTime(std::chrono::seconds(60)));
  EXPECT_THAT(ParseWhen("yesterday", now).error().what, HasSubstr("'yesterday' is no time"));
}

TEST(Progress, SaysHowFarAndHowLongStill) {
  EXPECT_EQ(FormatProgress(0.5, std::chrono::seconds(60), "shop-01"),
            "[###############---------------]  50 %  1m left  shop-01");
  EXPECT_THAT(FormatProgress(0, std::chrono::seconds(0), ""), HasSubstr("   0 %"));
}

}  // namespace
}  // namespace scaler::ctl
