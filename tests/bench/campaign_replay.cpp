// Whether the backtest of spot markets tells what the running parts do: each campaign through
// scaler/backtest/spot and through the loop's own part for nodes with the placement of replicas,
// cost and availability side by side. `campaign_replay DIRECTORY` reads DIRECTORY's
// spot_availability.csv.gz; without it there is nothing to show and that is no failure. Ends with 1
// where a cost differs by more than 2 % or an availability by more than 0.0005.

#include "simulation/campaign_replay.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "common/log.h"
#include "scaler/backtest/spot/campaign_file.h"
#include "scaler/backtest/spot/policy_run.h"

namespace {

using namespace scaler::backtest::spot;
using std::chrono::seconds;

constexpr double kMostCostApart = 0.02;
constexpr double kMostAvailabilityApart = 0.0005;

bool Compare(const Campaign& campaign, seconds notice) {
  World world;
  world.notice = notice;
  const Market market(campaign, world);
  const auto policy = DefaultPolicy(world, std::chrono::minutes(5));
  const auto told = RunPolicy(market, policy);
  const auto ran = simulation::ReplayCampaign(market, policy);
  const double cost = std::abs(ran.cost - told.cost) / told.cost;
  const double availability = std::abs(ran.availability - told.availability);
  const bool same = cost <= kMostCostApart && availability <= kMostAvailabilityApart;
  std::printf(
      "%-28s %3lld s of notice   cost %.4f, backtest %.4f (%.2f %%)   availability %.5f, "
      "backtest %.5f (%.5f)   %s\n",
      campaign.name.c_str(), static_cast<long long>(notice.count()), ran.cost, told.cost,
      cost * 100, ran.availability, told.availability, availability, same ? "same" : "DIFFERS");
  std::fflush(stdout);
  return same;
}

}  // namespace

int main(int argc, char** argv) {
  common::log::Configure(common::log::Level::kError, common::log::Format::kText);
  if (argc != 2) {
    std::cerr << "usage: campaign_replay DIRECTORY (with spot_availability.csv.gz)\n";
    return 2;
  }
  const auto file = std::filesystem::path(argv[1]) / "spot_availability.csv.gz";
  if (!std::filesystem::exists(file)) {
    std::cout << "skipped: there is no " << file.string() << "\n";
    return 0;
  }
  const auto campaigns = ReadCampaigns(file);
  if (!campaigns) {
    std::cerr << campaigns.error().what << "\n";
    return 1;
  }
  bool same = true;
  for (const auto& campaign : *campaigns) {
    for (const int notice : {0, 120}) {
      same = Compare(campaign, seconds(notice)) && same;
    }
  }
  return same ? 0 : 1;
}
