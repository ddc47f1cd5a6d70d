#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "scaler/backtest/spot/campaign_file.h"
#include "scaler/backtest/spot/policy_run.h"
#include "simulation/campaign_replay.h"
#include "support/sanitized.h"

namespace simulation {
namespace {

namespace spot = scaler::backtest::spot;

/// Two zones that come and go, and one that stays away for hours.
spot::Campaign AShortCampaign() {
  spot::Campaign campaign{"short", std::chrono::minutes(5), {{"a", {}}, {"b", {}}, {"c", {}}}};
  const int ticks = tests::kSanitized ? 40 : 200;
  for (int tick = 0; tick < ticks; ++tick) {
    campaign.zones[0].nodes.push_back(tick % 23 < 17 ? 4 : 1);
    campaign.zones[1].nodes.push_back(tick % 31 < 9 ? 0 : 4);
    campaign.zones[2].nodes.push_back(tick < ticks / 2 ? 0 : 2);
  }
  return campaign;
}

/// One node was asked for in each of five zones, of which some go together; by a rule, no chance.
spot::Campaign ARestlessCampaign() {
  spot::Campaign campaign{"restless", std::chrono::seconds(100), {}};
  const std::size_t ticks = tests::kSanitized ? 150 : 900;
  for (const auto* zone : {"a", "b", "c", "d", "e"}) {
    campaign.zones.push_back({zone, std::vector<int>(ticks, 0)});
  }
  std::uint32_t number = 12345;
  for (std::size_t tick = 0; tick < ticks; ++tick) {
    number = number * 1664525U + 1013904223U;
    const auto chance = number >> 16U;
    for (std::size_t zone = 0; zone < campaign.zones.size(); ++zone) {
      const int before = tick == 0 ? 1 : campaign.zones[zone].nodes[tick - 1];
      const bool turns = (chance >> zone) % (before == 1 ? 37U : 11U) == 0;
      campaign.zones[zone].nodes[tick] = turns ? 1 - before : before;
    }
  }
  return campaign;
}

/// Both ask the engine, both place replicas by its rule: what is apart is how time and refusals
/// come to it. Far less than the 2 % and the 0.0005 that `campaign_replay` allows recorded ones.
void ExpectTheSame(const spot::Campaign& campaign) {
  for (const auto notice : {std::chrono::seconds(0), std::chrono::seconds(120)}) {
    spot::World world;
    world.notice = notice;
    const spot::Market market(campaign, world);
    const auto policy = spot::DefaultPolicy(world, std::chrono::minutes(5));
    const auto told = spot::RunPolicy(market, policy);
    const auto ran = ReplayCampaign(market, policy);
    EXPECT_LT(told.availability, 1) << "nothing was ever lost";
    EXPECT_NEAR(ran.cost, told.cost, 0.001 * told.cost) << notice.count() << " s of notice";
    EXPECT_NEAR(ran.availability, told.availability, 0.0001) << notice.count() << " s of notice";
  }
}

TEST(CampaignReplay, GivesTheCostAndTheAvailabilityOfTheBacktestWhereZonesRunShort) {
  ExpectTheSame(AShortCampaign());
}

TEST(CampaignReplay, GivesTheCostAndTheAvailabilityOfTheBacktestWhereZonesGoAndComeBack) {
  ExpectTheSame(ARestlessCampaign());
}

}  // namespace
}  // namespace simulation
