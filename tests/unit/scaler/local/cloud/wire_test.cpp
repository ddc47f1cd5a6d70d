#include "scaler/local/cloud/wire.h"

#include <gmock/gmock.h>

#include "unit/scaler/local/cloud/small_cloud.h"

namespace scaler::local::cloud {
namespace {

using ::testing::HasSubstr;

TEST(Wire, AListingComesBackAsItWas) {
  SmallCloud world;
  const auto name = world.Running("spot", "a");
  ASSERT_TRUE(world.Do({.what = Mischief::What::kReclaim, .node = name}));
  ASSERT_TRUE(world.Do({.what = Mischief::What::kTrouble, .zone = "b"}));
  const auto text = Encode(world.cloud.List(world.now));
  const auto again = DecodeListing(text);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(Encode(*again), text);
  EXPECT_EQ(again->nodes[0].node.kind, world.cloud.Latest().nodes[0].kind);
  EXPECT_EQ(again->nodes[0].reclaim->at, world.Last().reclaim->at);
}

TEST(Wire, AStateComesBackAsItWasAndGoesOn) {
  SmallCloud world;
  (void)world.Running("spot", "a");
  (void)world.Order("dedicated", "b");
  const auto text = Encode(world.cloud.Latest());
  const auto again = DecodeState(text);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(Encode(*again), text);
  Cloud reborn(world.spec, *again);
  EXPECT_EQ(reborn.NextChange(), world.cloud.NextChange());
  EXPECT_FALSE(reborn.Add({"token-1", "spot", "a", 1}, world.now));
  EXPECT_EQ(reborn.Latest().nodes.size(), 2U);
}

TEST(Wire, WhatIsNoStateIsRefusedWithThePlace) {
  EXPECT_THAT(DecodeState("{").error().what, HasSubstr("not JSON"));
  EXPECT_THAT(DecodeState("{}").error().what, HasSubstr("state.v: expected to be there"));
  auto text = Encode(State{});
  text.replace(text.find("\"v\":1"), 5, "\"v\":9");
  EXPECT_THAT(DecodeState(text).error().what, HasSubstr("version 9"));
}

TEST(Wire, OrdersRefusalsAndWishesComeBackAsTheyWere) {
  const auto order = DecodeOrder(Encode(platform::NodeOrder{"t", "p", "z", 3}));
  ASSERT_TRUE(order);
  EXPECT_EQ(order->nodes, 3);
  const auto refusal =
      DecodeRefusal(Encode(platform::Refusal{platform::Refusal::Why::kQuota, "no \"more\""}));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->why, platform::Refusal::Why::kQuota);
  EXPECT_EQ(refusal->what, "no \"more\"");
  const auto mischief = DecodeMischief(Encode(Mischief{
      .what = Mischief::What::kTrouble, .kind = Trouble::Kind::kSlowBoots, .share = 0.25}));
  ASSERT_TRUE(mischief);
  EXPECT_EQ(mischief->kind, Trouble::Kind::kSlowBoots);
  EXPECT_FALSE(mischief->after);
  EXPECT_DOUBLE_EQ(mischief->share, 0.25);
  EXPECT_FALSE(DecodeOrder(R"({"token":"t","pool":"p","zone":"z","nodes":99999999999})"));
  EXPECT_FALSE(DecodeMischief("[]"));
  EXPECT_FALSE(DecodeListing(R"({"revision":1,"nodes":2})"));
  EXPECT_FALSE(DecodeListing(R"({"revision":1,"nodes":[2]})"));
}

}  // namespace
}  // namespace scaler::local::cloud
