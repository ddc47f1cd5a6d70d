#include "scaler/engine/capacity/mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "scaler/engine/capacity/learn.h"

namespace scaler::engine::capacity {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr MixTerms kFourNodes{.needed = 4,
                              .dedicated_price = 1,
                              .coincidence = 0.02,
                              .most_shortfall = 0.001,
                              .hopeful_shortfall = 0.001,
                              .spare_dedicated = 0};

/// Its losses, an hour, and what they would be thought to be if a probe lasted.
Place Lost(double an_hour, double hopeful) {
  Place place;
  place.most = 20;
  place.price = 0.3;
  place.hazard = an_hour / 3600;
  place.hopeful_hazard = hopeful / 3600;
  place.gap = 140;
  place.may_probe = true;
  return place;
}

TEST(MixOfSpot, IsAllOfItWhereAPlaceIsHardlyEverLost) {
  const auto mix = BestMix({Lost(0.01, 0.01)}, kFourNodes);

  EXPECT_THAT(mix.nodes, ElementsAre(4));
  EXPECT_EQ(mix.stand_ins, 0);
}

TEST(MixOfSpot, LeavesOutAPlaceThatIsLostEveryHour) {
  const auto mix = BestMix({Lost(1, 0.9)}, kFourNodes);

  EXPECT_THAT(mix.nodes, Each(0));
  EXPECT_EQ(mix.stand_ins, 4);
}

TEST(ProbeOfSpot, IsOneNodeThatNothingCountsOnWhereItCouldBringSpotBack) {
  const std::vector<Place> places{Lost(2, 1.9), Lost(0.3, 0.05)};
  auto mix = BestMix(places, kFourNodes);
  ASSERT_THAT(mix.nodes, Each(0));

  AddProbe(places, kFourNodes, mix);

  EXPECT_THAT(mix.nodes, ElementsAre(0, 1)) << "in the place that is lost the least";
  EXPECT_EQ(mix.stand_ins, 4);
}

TEST(ProbeOfSpot, IsNotMadeWhereItCouldNotBringSpotBack) {
  const std::vector<Place> places{Lost(1, 0.9)};
  auto mix = BestMix(places, kFourNodes);

  AddProbe(places, kFourNodes, mix);

  EXPECT_THAT(mix.nodes, Each(0));
}

TEST(ProbeOfSpot, WaitsUntilThePlaceMayBeProbedButStaysWhereItIs) {
  std::vector<Place> places{Lost(0.12, 0.05)};
  places.front().may_probe = false;
  auto mix = BestMix(places, kFourNodes);
  AddProbe(places, kFourNodes, mix);
  EXPECT_THAT(mix.nodes, Each(0));

  places.front().have = 1;
  AddProbe(places, kFourNodes, mix);
  EXPECT_THAT(mix.nodes, ElementsAre(1));
}

TEST(ProbeOfSpot, IsNotNeededWhereTheMixUsesSpot) {
  const std::vector<Place> places{Lost(0.01, 0.01), Lost(0.3, 0.05)};
  auto mix = BestMix(places, kFourNodes);
  const auto before = mix.nodes;

  AddProbe(places, kFourNodes, mix);

  EXPECT_EQ(mix.nodes, before);
}

TEST(Gap, IsWhatIsToBeExpectedAndNotWhatIsToBeFeared) {
  PlaceMemory place;
  place.lead_seconds = 140;
  place.lead_deviation = 0;
  EXPECT_DOUBLE_EQ(GapSeconds(&place, 0), 140);
  EXPECT_DOUBLE_EQ(GapSeconds(&place, 120), 20);
  EXPECT_DOUBLE_EQ(GapSeconds(&place, 200), 0) << "the replacement is always ready first";
  place.lead_deviation = 20;
  EXPECT_DOUBLE_EQ(GapSeconds(&place, 200), 10) << "some take longer";
  EXPECT_GT(GapSeconds(nullptr, 0), 0) << "before anything was seen";
}

}  // namespace
}  // namespace scaler::engine::capacity
