// What the profile fast promises of a fall, with the engine itself on a clock of its own.

#include <gtest/gtest.h>

#include "unit/scaler/policy/fall.h"

namespace scaler::policy {
namespace {

class FastProfile : public ::testing::TestWithParam<Past> {};

TEST_P(FastProfile, FollowsALastingFallToATenthWithinAMinute) {
  const auto policy = ShopPolicy();
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const auto fall = Fell(policy, GetParam(), seed);
    EXPECT_GT(fall.from, fall.need) << "seed " << seed;
    EXPECT_LE(fall.seconds, 60) << "seed " << seed << ": from " << fall.from << " to " << fall.need;
  }
}

INSTANTIATE_TEST_SUITE_P(AfterAnyPast, FastProfile,
                         ::testing::Values(Past::kSteady, Past::kReturns, Past::kWanders,
                                           Past::kBurst));

}  // namespace
}  // namespace scaler::policy
