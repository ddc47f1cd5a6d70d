// What our mix of spot and on-demand costs and how available it is, beside what others do, over
// recorded availability of spot nodes. `spot_frontier DIRECTORY` reads DIRECTORY's
// spot_availability.csv.gz; without it there is nothing to show and that is no failure.
//
// The model of the world is scaler/backtest/spot's. Without a notice and with one of 120 s; the
// policy is the default one with three times after which it returns to spot.

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "scaler/backtest/spot/campaign_file.h"
#include "scaler/backtest/spot/comparison.h"
#include "scaler/backtest/spot/policy_run.h"

namespace {

using namespace scaler::backtest::spot;
using std::chrono::seconds;

void Print(const Campaign& campaign, const World& world) {
  const Market market(campaign, world);
  std::printf("%s, %zu zones, N=%d, %lld s of notice\n", campaign.name.c_str(),
              campaign.zones.size(), world.replicas,
              static_cast<long long>(world.notice / seconds(1)));
  std::vector<scaler::engine::capacity::CapacityPolicy> policies;
  for (const int after : {60, 300, 1800}) {
    policies.push_back(DefaultPolicy(world, seconds(after)));
    policies.back().name = "ours, return after " + std::to_string(after) + " s";
  }
  const auto entries = Compare(market, policies);
  for (const auto& [name, score] : entries) {
    std::printf("  %-30s cost %.3f   %.2f of the oracle's   availability %.5f\n", name.c_str(),
                score.cost, score.cost / entries.front().score.cost, score.availability);
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: spot_frontier DIRECTORY (with spot_availability.csv.gz)\n";
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
  for (const auto& campaign : *campaigns) {
    for (const int notice : {0, 120}) {
      World world;
      world.notice = seconds(notice);
      Print(campaign, world);
    }
  }
  return 0;
}
