#include "scaler/engine/group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace scaler::engine {
namespace {

using ::testing::ElementsAre;

const ScalingGroup kTen{.name = "starter", .max_replicas = 10, .max_cpu_cores = {}};

Claim Wants(const char* tenant, int wanted) {
  return {.tenant = tenant, .priority = 0, .floor = 0, .wanted = wanted, .cpu_cores = 0.5};
}

TEST(Share, GivesEverybodyWhatFits) {
  EXPECT_THAT(Share(kTen, {Wants("a", 4), Wants("b", 6)}), ElementsAre(4, 6));
}

TEST(Share, ASmallWishIsNotCutForALargeOne) {
  EXPECT_THAT(Share(kTen, {Wants("a", 100), Wants("b", 3)}), ElementsAre(7, 3));
}

TEST(Share, IsFairBetweenTenantsAndNotBetweenWorkloads) {
  EXPECT_THAT(Share(kTen, {Wants("a", 9), Wants("a", 9), Wants("a", 9), Wants("b", 9)}),
              ElementsAre(2, 2, 1, 5));
}

TEST(Share, AHigherPriorityIsServedFirst) {
  auto first = Wants("gold", 8);
  first.priority = 1;
  EXPECT_THAT(Share(kTen, {Wants("a", 9), first}), ElementsAre(2, 8));
}

TEST(Share, AMinimumIsAPromiseEvenBeyondTheCap) {
  auto promised = Wants("a", 12);
  promised.floor = 11;
  EXPECT_THAT(Share(kTen, {promised, Wants("b", 1)}), ElementsAre(11, 0));
}

TEST(Share, ACapOnCpuCountsWhatEachReplicaRequests) {
  auto large = Wants("a", 5);
  large.cpu_cores = 2;
  const ScalingGroup group{.name = "g", .max_replicas = {}, .max_cpu_cores = 3};
  EXPECT_THAT(Share(group, {large, Wants("b", 5)}), ElementsAre(1, 2));
}

RC_GTEST_PROP(Share, NeverExceedsTheCapNorTheWishNorCutsTheFloor, ()) {
  std::vector<Claim> claims;
  const auto count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i) {
    claims.push_back({.tenant = std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 4))),
                      .priority = *rc::gen::inRange(0, 3),
                      .floor = *rc::gen::inRange(0, 3),
                      .wanted = *rc::gen::inRange(0, 30),
                      .cpu_cores = *rc::gen::inRange(0, 4) / 2.0});
  }
  const ScalingGroup group{.name = "g",
                           .max_replicas = *rc::gen::inRange(0, 60),
                           .max_cpu_cores = *rc::gen::inRange(0, 60) / 2.0};
  const auto granted = Share(group, claims);
  int floors = 0;
  double floor_cores = 0;
  double cores = 0;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const int floor = std::min(claims[i].floor, claims[i].wanted);
    RC_ASSERT(granted[i] >= floor);
    RC_ASSERT(granted[i] <= claims[i].wanted);
    floors += floor;
    floor_cores += floor * claims[i].cpu_cores;
    cores += granted[i] * claims[i].cpu_cores;
  }
  RC_ASSERT(std::accumulate(granted.begin(), granted.end(), 0) <=
            std::max(floors, *group.max_replicas));
  RC_ASSERT(cores <= std::max(floor_cores, *group.max_cpu_cores) + 1e-6);
}

}  // namespace
}  // namespace scaler::engine
