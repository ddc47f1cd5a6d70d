#include "tests/demo/stage/capacity_account.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demo {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

common::MonotonicTime AtSecond(int second) { return common::MonotonicTime(seconds(1000 + second)); }

CapacityStatus Spare(bool ok) {
  CapacityStatus status;
  status.spare_ok = ok;
  return status;
}

TEST(CapacityAccountTest, KnowsForHowLongTheSpareWasThere) {
  CapacityAccount account;
  account.Look(CapacityStatus{}, AtSecond(0));  // Nothing was decided yet.
  account.Look(Spare(true), AtSecond(5));
  account.Look(Spare(false), AtSecond(8));
  account.Look(Spare(true), AtSecond(9));
  account.Look(Spare(true), AtSecond(15));
  EXPECT_DOUBLE_EQ(account.SpareOkShare(), 9.0 / 15);
}

TEST(CapacityAccountTest, AFallbackBeginsWhenTheStockOutIsHeard) {
  CapacityAccount account;
  account.Take({{1, AtSecond(1), false, true},   // Before.
                {2, AtSecond(12), true, false},  // Heard.
                {3, AtSecond(13), true, true},   // Ordered.
                {4, AtSecond(18), false, true}});
  EXPECT_EQ(account.LastLine(), 4U);
  EXPECT_THAT(account.FallbackSeconds({{AtSecond(10), AtSecond(20)}, {AtSecond(30), AtSecond(40)}}),
              ElementsAre(1.0));
}

TEST(CapacityAccountTest, TheReturnIsTheFirstSpotNodeAfterIt) {
  CapacityAccount account;
  const auto node = [](const char* name, bool spot, int ordered) {
    return CloudNode{name, spot ? "spot" : "dedicated", "a", spot, true, AtSecond(ordered)};
  };
  account.Look(CloudView{{node("a", true, 1), node("b", false, 22)}, {}});
  account.Look(CloudView{{node("b", false, 22), node("c", true, 27), node("d", true, 29)}, {}});
  EXPECT_THAT(account.ReturnSeconds({{AtSecond(10), AtSecond(20)}, {AtSecond(30), AtSecond(40)}}),
              ElementsAre(7.0));
  EXPECT_EQ(account.MostNodes(), 3U);
}

TEST(CapacityAccountTest, ComparesTheCostWithThatOfOnDemand) {
  CapacityAccount account;
  EXPECT_EQ(account.CostShareOfOnDemand(), std::nullopt);
  account.Look(CloudView{{}, {{"dedicated", {100, 10}}, {"spot", {300, 9}}}});
  EXPECT_DOUBLE_EQ(account.CostShareOfOnDemand().value(), 19.0 / 40);
}

}  // namespace
}  // namespace demo
