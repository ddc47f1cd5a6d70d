#include <gtest/gtest.h>

#include <filesystem>

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

/// `campaign_replay` compares whole recorded campaigns.
TEST(CampaignReplay, GivesTheCostAndTheAvailabilityOfTheBacktest) {
  const auto campaign = AShortCampaign();
  for (const auto notice : {std::chrono::seconds(0), std::chrono::seconds(120)}) {
    spot::World world;
    world.notice = notice;
    const spot::Market market(campaign, world);
    const auto policy = spot::DefaultPolicy(world, std::chrono::minutes(5));
    const auto told = spot::RunPolicy(market, policy);
    const auto ran = ReplayCampaign(market, policy);
    EXPECT_NEAR(ran.cost, told.cost, 0.02 * told.cost) << notice.count() << " s of notice";
    EXPECT_NEAR(ran.availability, told.availability, 0.0005) << notice.count() << " s of notice";
  }
}

}  // namespace
}  // namespace simulation
