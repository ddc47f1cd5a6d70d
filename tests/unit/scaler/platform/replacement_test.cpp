#include "scaler/platform/replacement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace scaler::platform {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Standing Ready() { return {.ready = true, .worth = 2}; }
Standing Starting() { return {.worth = 1}; }
Standing Moving() { return {.ready = true, .moves = true, .worth = 2}; }

TEST(Replacement, StartsWhatIsMissingAndLetsTheNewestOfTheSurplusGo) {
  EXPECT_EQ(PlanReplacement(3, {Ready()}).start, 2);
  EXPECT_THAT(PlanReplacement(1, {Ready(), Ready(), Ready()}).leave, ElementsAre(2, 1));
  EXPECT_THAT(PlanReplacement(1, {Starting(), Ready()}).leave, ElementsAre(0))
      << "who serves stays";
}

TEST(Replacement, StartsAnotherForEachThatMovesAndKeepsItUntilThatIsReady) {
  const auto before = PlanReplacement(2, {Moving(), Ready()});
  EXPECT_EQ(before.start, 1);
  EXPECT_THAT(before.leave, IsEmpty());
  const auto starting = PlanReplacement(2, {Moving(), Ready(), Starting()});
  EXPECT_EQ(starting.start, 0);
  EXPECT_THAT(starting.leave, IsEmpty());
  EXPECT_THAT(starting.replaced, ElementsAre(0)) << "it needs no room elsewhere any more";
  EXPECT_THAT(PlanReplacement(2, {Moving(), Ready(), Ready()}).leave, ElementsAre(0));
}

TEST(Replacement, LetsWhatDoesNotServeGoAsSoonAsAnotherHasItsPlace) {
  auto sick = Moving();
  sick.ready = false;
  EXPECT_THAT(PlanReplacement(1, {sick}).leave, IsEmpty());
  EXPECT_THAT(PlanReplacement(1, {sick, Starting()}).leave, ElementsAre(0));
}

TEST(Replacement, LetsWhatIsDueGoThoughNothingIsReady) {
  auto due = Moving();
  due.due = true;
  const auto plan = PlanReplacement(1, {due});
  EXPECT_THAT(plan.leave, ElementsAre(0));
  EXPECT_EQ(plan.start, 1);
}

TEST(Replacement, StartsNothingForWhatMovesWhenFewerAreWanted) {
  const auto plan = PlanReplacement(1, {Moving(), Ready()});
  EXPECT_EQ(plan.start, 0);
  EXPECT_THAT(plan.leave, ElementsAre(0));
}

/// Whatever the mix: unless something is due, as many serve after the plan as did before, up to
/// the number that is wanted.
RC_GTEST_PROP(Replacement, NeverLetsReadinessFallBelowWhatIsWanted, ()) {
  const int wanted = *rc::gen::inRange(0, 6);
  std::vector<Standing> replicas;
  const int count = *rc::gen::inRange(0, 8);
  for (int i = 0; i < count; ++i) {
    Standing one;
    one.leaving = *rc::gen::inRange(0, 5) == 0;
    one.ready = *rc::gen::arbitrary<bool>();
    one.moves = *rc::gen::arbitrary<bool>();
    one.worth = one.ready ? 2 : 1;
    replicas.push_back(one);
  }
  const auto ready = [&] {
    return static_cast<int>(std::count_if(replicas.begin(), replicas.end(), [](const auto& one) {
      return one.ready && !one.leaving;
    }));
  };
  const int before = ready();
  const auto plan = PlanReplacement(wanted, replicas);
  for (const auto index : plan.leave) {
    RC_ASSERT(!replicas[index].leaving);
    replicas[index].leaving = true;
  }
  RC_ASSERT(ready() >= std::min(before, wanted));
  const auto stays = std::count_if(replicas.begin(), replicas.end(),
                                   [](const auto& one) { return !one.leaving && !one.moves; });
  RC_ASSERT(stays + plan.start == wanted);
}

}  // namespace
}  // namespace scaler::platform
