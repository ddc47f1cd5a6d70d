/// How soon a lasting fall to a tenth is followed, and what the headroom for noise costs, beside
/// the HPA: `fall_bench [PHASES]`. For people; the bound itself is a test, FastProfile.
///
/// The model of the world is that of unit/scaler/policy/workload.h.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "unit/scaler/policy/fall.h"

namespace {

using scaler::policy::Fell;
using scaler::policy::kPerReplica;
using scaler::policy::Past;
using scaler::policy::ShopPolicy;
using scaler::policy::Workload;

struct Contender {
  const char* name;
  const char* keys;  ///< Of the spec.
  int decide_every;  ///< In halves of a second.
};

constexpr std::array<Contender, 7> kContenders = {{
    {"fast", "", 2},
    {"fast, no objective", "  objective: {overload: 50%}\n", 2},
    {"fast, hold: 0s", "  objective: {hold: 0s}\n", 2},
    {"fast, hold: 10m", "  objective: {hold: 10m}\n", 2},
    {"fast, hold: auto", "  objective: {hold: auto}\n", 2},
    {"steady", "  profile: steady\n", 2},
    {"hpa", "  profile: hpa\n", 30},
}};

void PrintFalls(int phases) {
  std::printf(
      "seconds until a lasting fall to a tenth is followed, %d random phases a cell: "
      "p50 / p99 / max (300: later or never)\n",
      phases);
  std::printf("  %-20s %20s %20s %20s %20s\n", "before it demand", "was steady",
              "fell and returned", "wandered", "was a burst");
  for (const auto& contender : kContenders) {
    std::printf("  %-20s", contender.name);
    const auto policy = ShopPolicy(contender.keys);
    for (const auto past : {Past::kSteady, Past::kReturns, Past::kWanders, Past::kBurst}) {
      std::vector<double> seconds;
      for (int phase = 0; phase < phases; ++phase) {
        const auto seed = 1000U + static_cast<std::uint32_t>(phase);
        seconds.push_back(Fell(policy, past, seed, contender.decide_every).seconds);
      }
      std::sort(seconds.begin(), seconds.end());
      const auto at = [&](double quantile) {
        const auto rank = std::ceil(quantile * static_cast<double>(seconds.size()));
        return seconds[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
      };
      std::printf("  %5.1f /%5.1f /%5.1f", at(0.5), at(0.99), seconds.back());
    }
    std::printf("\n");
  }
}

/// Around `mean` requests per second: slow noise, and now and then a burst for some minutes.
std::vector<double> NoisyRates(double mean, int hours, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<double> rates;
  double drift = 0;
  int burst = 0;
  for (int tick = 0; tick < hours * 7200; ++tick) {
    // Forgotten in two minutes, a fifth up or down.
    drift += -drift / 240 + 0.2 * std::sqrt(2.0 / 240) * normal(random);
    if (burst > 0) {
      --burst;
    } else if (uniform(random) < 1.0 / 3600) {
      burst = 120 + static_cast<int>(uniform(random) * 480);
    }
    rates.push_back(mean * std::exp(drift) * (burst > 0 ? 3 : 1));
  }
  return rates;
}

void PrintNoise(double mean, int hours) {
  std::printf("\nnoisy demand of %.0f requests/s with bursts, %d h, visitors by chance\n", mean,
              hours);
  std::printf("  %-20s %14s %10s %10s %10s\n", "", "replica hours", "excess", "changes",
              "reversals");
  const auto rates = NoisyRates(mean, hours, 7);
  for (const auto& contender : kContenders) {
    Workload workload(ShopPolicy(contender.keys), 1, true, contender.decide_every);
    double all = 0;
    double excess = 0;
    for (const double rate : rates) {
      workload.Pass(rate);
      all += rate;
      excess += std::max(0.0, rate - workload.Ready() * kPerReplica);
    }
    std::printf("  %-20s %14.1f %9.3f%% %10d %10d\n", contender.name,
                workload.replica_seconds / 3600, 100 * excess / all, workload.changes,
                workload.reversals);
  }
}

}  // namespace

int main(int argc, char** argv) {
  PrintFalls(argc > 1 ? std::max(1, std::atoi(argv[1])) : 200);
  PrintNoise(30, 24);
  PrintNoise(400, 24);
  return 0;
}
