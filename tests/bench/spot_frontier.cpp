// What our mix of spot and on-demand costs and how available it is, beside what others do, over
// recorded availability of spot nodes. `spot_frontier DIRECTORY` reads DIRECTORY's
// spot_availability.csv.gz; without it there is nothing to show and that is no failure.
//
// The model of the world is scaler/backtest/spot's. Without a notice and with one of 120 s; the
// policy is the default one with three times after which it returns to spot. Beside the baselines
// there is the floor: of over a thousand fixed mixes, for each campaign the cheapest in hindsight
// that was there for 99.9 % of the time, and the cheapest that was there for as long as ours. Then
// what is aimed at: that availability at no more than 2.2 times the oracle's cost without a notice,
// and 1.6 times with one.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "scaler/backtest/spot/campaign_file.h"
#include "scaler/backtest/spot/comparison.h"
#include "scaler/backtest/spot/fixed_mix.h"
#include "scaler/backtest/spot/policy_run.h"

namespace {

using namespace scaler::backtest::spot;
using std::chrono::seconds;

constexpr double kAvailable = 0.999;

double MostCost(const World& world) { return world.notice > seconds(0) ? 1.6 : 2.2; }

/// Every fixed mix, on all cores.
std::vector<Score> PlayFixedMixes(const Market& market, const std::vector<FixedMix>& mixes) {
  std::vector<Score> scores(mixes.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      for (auto at = next.fetch_add(1); at < mixes.size(); at = next.fetch_add(1)) {
        scores[at] = RunFixedMix(market, mixes[at]);
      }
    });
  }
  threads.clear();  // Joins them.
  return scores;
}

std::string Described(const FixedMix& mix) {
  std::string zones;
  for (std::size_t zone = 0; zone < mix.zones.size(); ++zone) {
    zones += mix.zones[zone] ? " " + std::to_string(zone) : "";
  }
  return std::to_string(mix.dedicated) + " on-demand, " + std::to_string(mix.extra) +
         " extra, survives " + std::to_string(mix.survived) + ", quarantine " +
         std::to_string(mix.quarantine / std::chrono::minutes(1)) + " min, zones" + zones;
}

/// Returns its cost, as a multiple of the oracle's; empty where no mix was there for as long.
std::optional<double> PrintCheapest(const std::vector<FixedMix>& mixes,
                                    const std::vector<Score>& scores, double available,
                                    double oracle) {
  const FixedMix* best = nullptr;
  Score score;
  for (std::size_t i = 0; i < mixes.size(); ++i) {
    if (scores[i].availability >= available && (best == nullptr || scores[i].cost < score.cost)) {
      best = &mixes[i];
      score = scores[i];
    }
  }
  if (best == nullptr) {
    std::printf("  in hindsight, at %.5f: no fixed mix\n", available);
    return std::nullopt;
  }
  std::printf(
      "  in hindsight, at %.5f: cost %.3f   %.2f of the oracle's   availability %.5f (%s)\n",
      available, score.cost, score.cost / oracle, score.availability, Described(*best).c_str());
  return score.cost / oracle;
}

/// Why an aim was not met, as far as the mixes tell.
void PrintReason(const std::optional<double>& in_hindsight, double most, std::size_t mixes) {
  if (in_hindsight && *in_hindsight <= most) {
    std::printf(
        "  within reach of who knows the market: ours is dearer, or not there for as long\n");
  } else {
    std::printf("  out of reach of %zu fixed mixes even in hindsight: %s\n", mixes,
                in_hindsight ? "it is lost too often for that cost" : "it is lost too often");
  }
}

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
  const double oracle = entries.front().score.cost;
  double best_of_ours = 0;
  bool met = false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& [name, score] = entries[i];
    std::printf("  %-30s cost %.3f   %.2f of the oracle's   availability %.5f\n", name.c_str(),
                score.cost, score.cost / oracle, score.availability);
    if (i + policies.size() >= entries.size()) {
      best_of_ours = std::max(best_of_ours, score.availability);
      met = met || (score.availability >= kAvailable && score.cost <= MostCost(world) * oracle);
    }
  }
  const auto mixes = FixedMixes(market);
  const auto scores = PlayFixedMixes(market, mixes);
  const auto in_hindsight = PrintCheapest(mixes, scores, kAvailable, oracle);
  (void)PrintCheapest(mixes, scores, best_of_ours, oracle);
  std::printf("  aim, %.1f of the oracle's cost at %.3f, by any of ours: %s\n", MostCost(world),
              kAvailable, met ? "met" : "NOT met");
  if (!met) {
    PrintReason(in_hindsight, MostCost(world), mixes.size());
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
