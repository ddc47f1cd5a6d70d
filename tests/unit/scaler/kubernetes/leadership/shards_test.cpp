#include "scaler/kubernetes/leadership/shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "scaler/kubernetes/leadership/packing.h"

namespace scaler::kubernetes::leadership {
namespace {

using engine::Time;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr Time kNow = Time(std::chrono::hours(1000));

engine::State Some(int replicas) {
  engine::State state;
  state.highest = {{kNow - seconds(10), replicas}};
  state.scaled_up = {{kNow - seconds(5), 2}};
  state.last_active = kNow;
  return state;
}

TEST(PackingTest, PacksAndUnpacks) {
  for (const std::size_t size : {0U, 1U, 2U, 3U, 1000U, 100'000U}) {
    const std::string text(size, 'x');
    const auto packed = Pack(text);
    EXPECT_EQ(Unpack(packed, 1U << 20U).value_or("?"), text) << size;
    EXPECT_EQ(Pack(text), packed);
  }
}

TEST(PackingTest, WhatIsBrokenOrTooLargeIsRefused) {
  const auto packed = Pack(std::string(10'000, 'x') + "y");
  for (const std::string& broken :
       {std::string(), std::string("AAAA"), std::string("%%%%"), std::string("===="),
        packed.substr(0, packed.size() - 8), packed.substr(4), packed + "=", "A" + packed}) {
    EXPECT_FALSE(Unpack(broken, 1U << 20U)) << broken.substr(0, 20);
  }
  EXPECT_FALSE(Unpack(packed, 5000));
}

TEST(ShardsTest, AWorkloadIsAlwaysInTheSameShard) {
  EXPECT_EQ(ShardOf("shops/shop-1", 32), ShardOf("shops/shop-1", 32));
  EXPECT_EQ(ShardOf("shops/shop-1", 32), 5U);  // Of another version too.
  std::set<std::size_t> used;
  for (int i = 0; i < 1000; ++i) {
    used.insert(ShardOf("shops/shop-" + std::to_string(i), 32));
  }
  EXPECT_EQ(used.size(), 32U);
}

TEST(ShardsTest, ReadsWhatWasWritten) {
  auto text = JoinLines({EncodeKnown("shops/a", Some(3), kNow - minutes(9), kNow),
                         EncodeKnown("shops/b", Some(5), kNow - minutes(8), kNow)},
                        10'000);
  EXPECT_EQ(text.left_out, 0U);
  const auto content = DecodeShard(text.text, kNow + minutes(10));
  EXPECT_EQ(content.broken, 0U);
  ASSERT_EQ(content.known.size(), 2U);
  EXPECT_EQ(content.known.at("shops/a"), (loop::Known{Some(3), kNow - minutes(9), kNow}));
  EXPECT_EQ(content.known.at("shops/b").state, Some(5));
}

TEST(ShardsTest, ABrokenLineCostsOnlyItself) {
  const auto good = EncodeKnown("shops/a", Some(3), kNow - minutes(9), kNow);
  auto cut = good;
  cut.resize(cut.size() / 2);
  const auto content =
      DecodeShard(cut + "\n" + good + "\n\n{}\n[1]\n" + EncodeKnown("", Some(1), kNow, kNow) +
                      "\n" + EncodeKnown("x/backwards", Some(1), kNow, kNow - minutes(1)) + "\n" +
                      R"({"workload":"x/y","since_ms":1,"seen_ms":2,"state":{"highest":"many"}})",
                  kNow + minutes(10));
  EXPECT_EQ(content.known.size(), 1U);
  EXPECT_EQ(content.broken, 7U);
  EXPECT_NE(content.first_problem, "");
}

TEST(ShardsTest, WhatIsOfTheFutureIsNotBelieved) {
  const auto line = EncodeKnown("shops/a", Some(3), kNow, kNow + std::chrono::hours(1));
  const auto content = DecodeShard(line, kNow + minutes(10));
  EXPECT_EQ(content.broken, 1U);
  EXPECT_THAT(content.first_problem, HasSubstr("future"));
}

TEST(ShardsTest, TheLargestAreLeftOutOfWhatWouldBeTooLarge) {
  const auto joined = JoinLines({"aaaa", std::string(50, 'b'), "cccc", std::string(90, 'd')}, 20);
  EXPECT_EQ(joined.text, "aaaa\ncccc\n");
  EXPECT_EQ(joined.left_out, 2U);
}

}  // namespace
}  // namespace scaler::kubernetes::leadership
