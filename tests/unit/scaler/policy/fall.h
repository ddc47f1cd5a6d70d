#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include "scaler/policy/read.h"
#include "unit/scaler/policy/workload.h"

namespace scaler::policy {

/// What came before a fall.
enum class Past {
  kSteady,   ///< The same demand all the time.
  kReturns,  ///< It fell before, and came back every time.
  kWanders,  ///< Up and down by a few percent.
  kBurst,    ///< It had never been so high.
};

inline constexpr double kPerReplica = 20;  ///< Requests per second.

/// With all the defaults, but for `more` keys of the spec.
inline engine::Policy ShopPolicy(const std::string& more = {}) {
  common::yaml::Problems problems("shop.yaml");
  const auto documents = ReadText(
      "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: shop}\nspec:\n"
      "  target: {name: shop}\n  replicas: {max: 10000}\n"
      "  signals: {requests: {perReplica: 20/s}}\n" +
          more,
      problems);
  return documents.policies.at(0).terms.policy;
}

struct Fall {
  int from = 0;        ///< Replicas before it.
  int need = 0;        ///< And those that demand needs afterwards.
  double seconds = 0;  ///< Until the number is, and stays, what demand needs.
};

/// A lasting fall to a tenth at a random moment from a random height, with demand that does not
/// change after it. The same for the same seed. `decide_every`: as Workload's.
inline Fall Fell(const engine::Policy& policy, Past past, std::uint32_t seed,
                 int decide_every = 2) {
  Workload workload(policy, seed, false, decide_every);
  const auto random = [&](double from, double to) {
    return from + (to - from) * static_cast<double>(workload.random()) / 4294967296.0;
  };
  const double high = std::exp(random(std::log(30.0), std::log(4000.0)));
  const double low = high / 10;
  const auto any_time = [&](double least, double most) {
    return std::chrono::seconds(static_cast<int>(random(least, most)));
  };
  workload.Pass(low, std::chrono::seconds(30));
  for (int i = 0; i < (past == Past::kReturns ? 6 : 0); ++i) {
    workload.Pass(high, any_time(100, 300));
    workload.Pass(low, any_time(100, 300));
  }
  for (int i = 0; i < (past == Past::kWanders ? 900 : 0); ++i) {
    workload.Pass(high * random(0.9, 1));
  }
  workload.Pass(high, past == Past::kBurst ? any_time(5, 60) : any_time(60, 400));
  if (workload.random() % 2 != 0) {
    workload.Pass(high);  // The other half of a second.
  }

  Fall fall;
  fall.from = workload.Desired();
  fall.need = static_cast<int>(std::ceil(low / kPerReplica - 1e-9));
  for (int tick = 1; tick <= 600; ++tick) {
    workload.Pass(low);
    if (workload.Desired() != fall.need) {
      fall.seconds = tick * Workload::kTickSeconds;
    }
  }
  return fall;
}

}  // namespace scaler::policy
