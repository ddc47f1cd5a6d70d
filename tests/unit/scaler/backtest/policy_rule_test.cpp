#include "scaler/backtest/policy_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/scaler/backtest/history.h"

namespace scaler::backtest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SeriesResult Play(const std::string& spec, const World& world, const Series& series) {
  const auto document = PolicyWith(spec);
  const auto& terms = TermsFor(document, series.labels);
  PolicyRule rule(world, terms.policy, terms.schedules);
  return PlayRule(world, series, rule);
}

TEST(PolicyRule, IsTheEngineDecidingAtEachStep) {
  const auto result = Play(
      "  replicas: {min: 1, max: 10}\n  signals: {requests: {perReplica: 100/s}}\n"
      "  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}\n",
      PromptWorld(), Minutes({100, 300, 300}));
  EXPECT_DOUBLE_EQ(result.total.excess, 200 * 20);
  EXPECT_EQ(result.total.actions, 1);
  EXPECT_NEAR(result.total.pod_hours, (60 + 3 * 120) / 3600.0, 1e-12);
}

TEST(PolicyRule, BeginsWithWhatTheFirstSampleNeeds) {
  const auto result =
      Play("  replicas: {min: 1, max: 4}\n  signals: {requests: {perReplica: 100/s}}\n",
           PromptWorld(), Minutes({300, 300}));
  EXPECT_EQ(result.total.excess, 0);
  EXPECT_EQ(result.total.actions, 0);
}

TEST(PolicyRule, ModelsCpuAsTheShareOfCapacityInUse) {
  const auto result = Play("  replicas: {min: 1, max: 9}\n  signals: {cpu: {utilization: 50%}}\n",
                           PromptWorld(), Minutes({100, 100, 100}));
  EXPECT_EQ(result.total.actions, 1);
  EXPECT_NEAR(result.total.pod_hours * 3600, 2 * 180, 60) << "100 % of 50 % are two replicas";
}

TEST(PolicyRule, TakesTheOverrideOfTheSeriesLabels) {
  auto series = Minutes({0, 0});
  const std::string spec =
      "  replicas: {min: 1, max: 9}\n  signals: {requests: {perReplica: 100/s}}\n"
      "  overrides: {gold: {selector: {matchLabels: {tier: gold}}, replicas: {min: 3}}}\n";
  EXPECT_NEAR(Play(spec, PromptWorld(), series).total.pod_hours, 120 / 3600.0, 1e-12);
  series.labels = {{"tier", "gold"}};
  EXPECT_NEAR(Play(spec, PromptWorld(), series).total.pod_hours, 360 / 3600.0, 1e-12);
}

TEST(PolicyRule, KeepsItsSchedulesDayAfterDay) {
  auto series = Minutes(std::vector<double>(3 * 24 * 60, 0.0));
  const auto result = Play(
      "  replicas: {min: 1, max: 9}\n  signals: {requests: {perReplica: 100/s}}\n"
      "  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}\n"
      "  schedules: {noon: {cron: '0 12 * * *', for: 1h, min: 5}}\n",
      PromptWorld(), series);
  EXPECT_EQ(result.total.actions, 6);
  EXPECT_NEAR(result.total.pod_hours, 72 + 3 * 4, 0.1);
}

/// Visits at the same hours of each day, which seasons learn, and a few at others.
Series Visits(int days) {
  std::vector<double> rates(static_cast<std::size_t>(days) * 24 * 60, 0.0);
  for (std::size_t minute = 0; minute < rates.size(); ++minute) {
    const auto of_day = minute % (24 * 60);
    if (of_day / 60 == 9 || of_day / 30 == 31) {
      rates[minute] = 250 + static_cast<double>(minute * 7 % 90);
    } else if (minute % 769 < 3 || minute % 97 == 5) {
      rates[minute] = 40;
    }
  }
  return Minutes(std::move(rates));
}

/// What is asked, and how often.
class Counted final : public Rule {
 public:
  explicit Counted(Rule& rule) : rule_(rule) {}

  [[nodiscard]] Duration Delay() const override { return rule_.Delay(); }
  [[nodiscard]] int Begin(double rate) override { return rule_.Begin(rate); }
  [[nodiscard]] Answer Decide(const Look& look) override {
    ++asked;
    return rule_.Decide(look);
  }

  int asked = 0;

 private:
  Rule& rule_;
};

void ExpectQuietIsPassedOver(const std::string& spec, const World& world, bool less) {
  const auto series = Visits(3);
  const auto& terms = PolicyWith(spec).terms;
  PolicyRule rule(world, terms.policy, terms.schedules);
  Counted some(rule);
  PolicyRule same(world, terms.policy, terms.schedules);
  EveryStep every(same);
  Counted all(every);

  const auto result = PlayRule(world, series, some).total;
  const auto expected = PlayRule(world, series, all).total;

  EXPECT_NEAR(result.pod_hours, expected.pod_hours, 1e-9) << spec;
  EXPECT_NEAR(result.excess, expected.excess, 1e-6) << spec;
  EXPECT_NEAR(result.cold_requests, expected.cold_requests, 1e-6) << spec;
  EXPECT_EQ(result.actions, expected.actions) << spec;
  EXPECT_EQ(result.reversals, expected.reversals) << spec;
  EXPECT_EQ(rule.State(), same.State()) << spec;
  EXPECT_EQ(some.asked < all.asked * 9 / 10, less) << spec << some.asked << " of " << all.asked;
}

TEST(PolicyRule, PassesOverQuietStretchesWithTheSameOutcome) {
  World world = PromptWorld();
  world.step = std::chrono::seconds(10);
  constexpr const char* kToZero =
      "  replicas: {min: 0, max: 50}\n  signals: {requests: {perReplica: 100/s}}\n";
  const std::string fast = std::string(kToZero) + "  idle: {after: 2m}\n";
  ExpectQuietIsPassedOver(fast, world, true);
  ExpectQuietIsPassedOver(fast + "  objective: {overload: 5%, hold: auto}\n", world, true);
  ExpectQuietIsPassedOver(fast + "  forecast: off\n", world, true);
  world.metric_delay = std::chrono::seconds(30);
  ExpectQuietIsPassedOver(fast, world, true);
}

TEST(PolicyRule, LooksAtEveryStepWhereTimeAloneMayChangeTheNumber) {
  World world = PromptWorld();
  world.step = std::chrono::seconds(30);
  constexpr const char* kToZero =
      "  replicas: {min: 0, max: 50}\n  signals: {requests: {perReplica: 100/s}}\n";
  ExpectQuietIsPassedOver(std::string(kToZero) + "  idle: {after: 2m, keepWarm: auto}\n", world,
                          false);
  ExpectQuietIsPassedOver(
      "  replicas: {min: 1, max: 50}\n  signals: {requests: {perReplica: 100/s}}\n", world, false);
}

TEST(Playable, SaysWhatAHistoryOfRequestsCannotPlay) {
  std::vector<std::string> notes;
  auto policy = PolicyWith(
                    "  replicas: {min: 1, max: 9}\n"
                    "  signals: {requests: {perReplica: 100/s}, inFlight: {perReplica: 5}}\n")
                    .terms.policy;
  policy.mode = engine::Mode::kDryRun;
  const auto playable = Playable(policy, notes);
  ASSERT_TRUE(playable) << playable.error().what;
  EXPECT_FALSE(playable->signals.in_flight);
  EXPECT_EQ(playable->mode, engine::Mode::kActive);
  ASSERT_THAT(notes, SizeIs(2));
  EXPECT_THAT(notes[0], HasSubstr("nothing of requests in flight"));
}

TEST(Playable, RefusesAPolicyWithoutASignalThatItCanPlay) {
  std::vector<std::string> notes;
  engine::Policy policy;
  policy.name = "local/queue";
  policy.signals.queued = engine::CountSignal{5};
  const auto playable = Playable(policy, notes);
  ASSERT_FALSE(playable);
  EXPECT_THAT(playable.error().what, HasSubstr("local/queue: no signal is left"));
}

TEST(Playable, LeavesAloneWhatItCanPlay) {
  std::vector<std::string> notes;
  engine::Policy policy;
  policy.signals.requests = engine::RequestsSignal{5};
  EXPECT_EQ(*Playable(policy, notes), policy);
  EXPECT_THAT(notes, IsEmpty());
}

}  // namespace
}  // namespace scaler::backtest
