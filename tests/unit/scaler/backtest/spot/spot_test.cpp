#include <gmock/gmock.h>

#include <algorithm>

#include "scaler/backtest/spot/baselines.h"
#include "scaler/backtest/spot/comparison.h"
#include "scaler/backtest/spot/fixed_mix.h"
#include "scaler/backtest/spot/foresight.h"
#include "scaler/backtest/spot/market.h"
#include "scaler/backtest/spot/policy_run.h"

namespace scaler::backtest::spot {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;

constexpr double kTiny = 1e-12;

/// Steps of 20 s as the world's, two replicas, nodes that take two steps to start.
World SmallWorld() {
  World world;
  world.replicas = 2;
  world.node_start = seconds(40);
  return world;
}

Campaign Probe(std::vector<std::vector<int>> zones) {
  Campaign campaign{.name = "probe", .tick = seconds(20), .zones = {}};
  for (auto& nodes : zones) {
    campaign.zones.push_back({"zone-" + std::to_string(campaign.zones.size()), std::move(nodes)});
  }
  return campaign;
}

/// `steps` of nothing but 1, with 0 in [from, until).
std::vector<int> GoneBetween(std::size_t steps, std::size_t from, std::size_t until) {
  std::vector<int> nodes(steps, 1);
  for (auto step = from; step < until; ++step) {
    nodes[step] = 0;
  }
  return nodes;
}

TEST(SpotMarket, AProbeOfOneNodeHasRoomForAllReplicas) {
  const auto world = SmallWorld();
  const auto one = Probe({{1, 0}, {0, 1}});
  const auto more = Probe({{3, 0}, {0, 1}});

  EXPECT_EQ(Market(one, world).At(0, seconds(19)), 2);
  EXPECT_EQ(Market(one, world).At(0, seconds(20)), 0);
  EXPECT_EQ(Market(more, world).At(0, {}), 3);
  EXPECT_EQ(Market(more, world).At(1, seconds(20)), 1);
}

TEST(SpotMarket, LooksAheadForAsLongAsANoticeIsGiven) {
  auto world = SmallWorld();
  world.notice = seconds(40);
  const auto campaign = Probe({GoneBetween(10, 5, 6)});
  const Market market(campaign, world);

  EXPECT_EQ(market.Lasting(0, seconds(40)), 2);
  EXPECT_EQ(market.Lasting(0, seconds(60)), 0);
  EXPECT_EQ(market.Length(), seconds(200));
}

TEST(SpotForesight, PaysTheStartOfWhatItKnowsToCome) {
  const auto world = SmallWorld();
  const auto campaign = Probe({std::vector<int>(10, 1)});

  // On-demand for three steps, until spot that was ordered at the begin is ready; then spot.
  EXPECT_NEAR(Foresee(Market(campaign, world)).cost, (3 * 2 + 7 * 2 * 0.3) / 10 / 2, kTiny);
}

TEST(SpotForesight, StartsOnDemandJustInTime) {
  const auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(20, 10, 11)});

  // Away in step 10, usable again two steps after: three steps of on-demand, and its start before.
  const double on_demand = 3 * 2 + (3 * 2 + 2 * 2);
  const double spot = (20 - 6) * 2 * 0.3;
  EXPECT_NEAR(Foresee(Market(campaign, world)).cost, (on_demand + spot) / 20 / 2, kTiny);
  EXPECT_EQ(Foresee(Market(campaign, world)).availability, 1);
}

TEST(SpotBaselines, OnDemandAloneCostsOneAndIsAlwaysThere) {
  const auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(10, 0, 10)});

  EXPECT_EQ(RunStaticMix(Market(campaign, world), 2, 0), (Score{1, 1}));
}

TEST(SpotBaselines, SpotAloneIsGoneWhileItsZoneIs) {
  const auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(20, 10, 15)});

  // Not there for the two steps of a start, five steps without, and two of another start.
  const auto score = RunStaticMix(Market(campaign, world), 0, 0);
  EXPECT_NEAR(score.availability, 11.0 / 20, kTiny);
  EXPECT_NEAR(score.cost, 15 * 0.3 / 20, kTiny);
}

TEST(SpotBaselines, ClusterAutoscalerStaysOnWhatItFellBackTo) {
  const auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(1000, 10, 20)});

  const auto score = RunClusterAutoscaler(Market(campaign, world), minutes(1), 0);

  EXPECT_GT(score.cost, 0.95);
  EXPECT_GT(score.availability, 0.98);
}

TEST(SpotBaselines, SpotHedgeGoesToOtherZones) {
  const auto world = SmallWorld();
  auto first = std::vector<int>(1000, 3);
  std::fill(first.begin() + 100, first.end(), 0);
  const std::vector<int> other(1000, 3);
  const auto campaign = Probe({first, other, other});

  const auto score = RunSpotHedge(Market(campaign, world), 1);

  EXPECT_LT(score.cost, 0.5);
  EXPECT_GT(score.availability, 0.99);
}

TEST(SpotFixedMix, SurvivesTheLossOfAZoneWithOnDemandInItsPlace) {
  const auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(2000, 500, 510), std::vector<int>(2000, 1)});
  const Market market(campaign, world);

  const auto bare = RunFixedMix(market, {.zones = {true, true}});
  const auto careful = RunFixedMix(market, {.extra = 2, .survived = 1, .zones = {true, true}});

  EXPECT_NEAR(bare.cost, 0.3, 0.01);
  EXPECT_NEAR(bare.availability, 1 - 4.0 / 2000, kTiny)
      << "the first start, and one after the loss";
  EXPECT_NEAR(careful.cost, 0.6, 0.01);
  EXPECT_NEAR(careful.availability, 1 - 2.0 / 2000, kTiny);
}

TEST(SpotFixedMix, AsksOnlyItsZonesAndNotWhereOneWasJustLost) {
  const auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(1000, 100, 101), std::vector<int>(1000, 1)});
  const Market market(campaign, world);

  const auto back = RunFixedMix(market, {.zones = {true, false}});
  const auto wary = RunFixedMix(market, {.quarantine = minutes(100), .zones = {true, false}});

  EXPECT_LT(back.cost, 0.32);
  EXPECT_NEAR(wary.cost, 0.3 + 0.7 * 0.3, 0.02) << "300 of 1000 steps on on-demand";
}

TEST(SpotFixedMix, AllOfThemChooseAmongTheBestZones) {
  const auto world = SmallWorld();
  const auto campaign = Probe({std::vector<int>(10, 0), std::vector<int>(10, 1),
                               std::vector<int>(10, 1), std::vector<int>(10, 1)});
  const auto mixes = FixedMixes(Market(campaign, world));

  EXPECT_TRUE(
      std::none_of(mixes.begin(), mixes.end(), [](const auto& mix) { return mix.zones[0]; }));
  EXPECT_TRUE(std::any_of(mixes.begin(), mixes.end(), [](const auto& mix) {
    return mix.zones[1] && mix.zones[2] && mix.zones[3];
  }));
}

TEST(SpotPolicy, AQuietMarketIsSpotFromItsFirstNodesOn) {
  const auto world = SmallWorld();
  const auto campaign = Probe({std::vector<int>(1000, 1)});

  const auto score = RunPolicy(Market(campaign, world), DefaultPolicy(world, seconds(60)));

  EXPECT_NEAR(score.cost, 0.3, 0.03);
  EXPECT_GE(score.availability, 0.997);
}

TEST(SpotPolicy, ComesBackToSpotAfterALoss) {
  const auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(2000, 500, 510)});
  const Market market(campaign, world);

  const auto score = RunPolicy(market, DefaultPolicy(world, seconds(60)));

  EXPECT_LT(score.cost, 0.5);
  EXPECT_LT(score.cost, RunClusterAutoscaler(market, minutes(1), 0).cost / 2);
  EXPECT_GT(score.availability, 0.995);
}

/// What the policy pays in the hour that ends then, all on-demand being 1.
double CostOfHour(const Campaign& campaign, std::size_t hour) {
  const World world;
  const auto until = [&](std::size_t hours) {
    auto begin = campaign;
    begin.zones.front().nodes.resize(hours * 180);
    const Market market(begin, world);
    return RunPolicy(market, DefaultPolicy(world, minutes(5))).cost * static_cast<double>(hours);
  };
  return until(hour) - until(hour - 1);
}

TEST(SpotPolicy, AMarketOfOneZoneThatWasLostIsTriedAfterReturnAfterAndUsedAgainAfterADay) {
  const auto campaign = Probe({GoneBetween(32 * 180, 180, 210)});

  EXPECT_NEAR(CostOfHour(campaign, 2), 1 + 0.3 / 4, 0.03) << "one node looks how long it lasts";
  EXPECT_NEAR(CostOfHour(campaign, 32), 0.3, 0.02);
}

TEST(SpotPolicy, AMarketThatIsLostAgainAndAgainIsNotPaidForTwice) {
  // Each half hour ten minutes are gone.
  std::vector<int> nodes(24 * 180, 1);
  for (std::size_t step = 0; step < nodes.size(); ++step) {
    nodes[step] = step % 90 < 60 ? 1 : 0;
  }

  const World world;
  const auto campaign = Probe({nodes});
  const auto score = RunPolicy(Market(campaign, world), DefaultPolicy(world, minutes(5)));

  EXPECT_LT(score.cost, 1.03);
  EXPECT_GT(score.availability, 0.99);
}

TEST(SpotPolicy, ANoticeLongerThanAStartLosesNothing) {
  auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(2000, 500, 510)});
  const auto begin = 2.0 / 2000;  // Before the first nodes are ready.

  const auto without = RunPolicy(Market(campaign, world), DefaultPolicy(world, seconds(60)));
  world.notice = seconds(120);
  const auto with = RunPolicy(Market(campaign, world), DefaultPolicy(world, seconds(60)));

  EXPECT_LT(without.availability, 1 - begin);
  EXPECT_NEAR(with.availability, 1 - begin, kTiny);
}

TEST(SpotPolicy, WithoutSpotEverItIsOnDemand) {
  const auto world = SmallWorld();
  const auto campaign = Probe({std::vector<int>(1000, 0), std::vector<int>(1000, 0)});

  const auto score = RunPolicy(Market(campaign, world), DefaultPolicy(world, seconds(60)));

  EXPECT_NEAR(score.cost, 1, 0.01);
  EXPECT_GT(score.availability, 0.99);
}

TEST(SpotComparison, NobodyIsCheaperThanForesightAtItsAvailability) {
  const auto world = SmallWorld();
  const auto campaign = Probe({GoneBetween(600, 100, 130), GoneBetween(600, 110, 200)});
  const Market market(campaign, world);

  const auto entries = Compare(market, {DefaultPolicy(world, seconds(60))});

  ASSERT_EQ(entries.front().name, "oracle");
  EXPECT_EQ(entries.back().name, "default");
  for (const auto& entry : entries) {
    EXPECT_THAT(entry.score.availability, AllOf(Ge(0), Le(1))) << entry.name;
    if (entry.score.availability == 1) {
      EXPECT_GE(entry.score.cost, entries.front().score.cost) << entry.name;
    }
  }
}

}  // namespace
}  // namespace scaler::backtest::spot
