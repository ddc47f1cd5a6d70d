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

std::string Line(const std::string& workload, const engine::State& state, Time since, Time seen) {
  return EncodeKnown(workload, {state, since, seen, {}});
}

TEST(ShardsTest, ReadsWhatWasWritten) {
  const auto text = JoinLines(
      {EncodeKnown("shops/a", {Some(3), kNow - minutes(9), kNow, std::chrono::milliseconds(2500)}),
       Line("shops/b", Some(5), kNow - minutes(8), kNow)},
      10'000);
  EXPECT_EQ(text.left_out, 0U);
  const auto content = DecodeShard(text.text, kNow + minutes(10));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->broken, 0U);
  ASSERT_EQ(content->known.size(), 2U);
  EXPECT_EQ(content->known.at("shops/a"),
            (loop::Known{Some(3), kNow - minutes(9), kNow, std::chrono::milliseconds(2500)}));
  EXPECT_EQ(content->known.at("shops/b").state, Some(5));
  EXPECT_EQ(content->known.at("shops/b").lead, std::nullopt);
}

TEST(ShardsTest, ABrokenLineCostsOnlyItself) {
  const auto good = Line("shops/a", Some(3), kNow - minutes(9), kNow);
  auto cut = good;
  cut.resize(cut.size() / 2);
  const auto content =
      DecodeShard(Header() + cut + "\n" + good + "\n\n{}\n[1]\n" + Line("", Some(1), kNow, kNow) +
                      "\n" + Line("x/backwards", Some(1), kNow, kNow - minutes(1)) + "\n" +
                      R"({"workload":"x/y","since_ms":1,"seen_ms":2,"state":{"highest":"many"}})",
                  kNow + minutes(10));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->known.size(), 1U);
  EXPECT_EQ(content->broken, 7U);
  EXPECT_NE(content->first_problem, "");
}

TEST(ShardsTest, WhatIsOfTheFutureIsNotBelieved) {
  const auto line = Line("shops/a", Some(3), kNow, kNow + std::chrono::hours(1));
  const auto content = DecodeShard(Header() + line, kNow + minutes(10));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->broken, 1U);
  EXPECT_THAT(content->first_problem, HasSubstr("future"));

  codec::CapacityMemory nodes;
  nodes.state.seen_until = kNow + std::chrono::hours(1);
  EXPECT_FALSE(DecodeNodes(EncodeNodes(nodes), kNow + minutes(10)));
}

TEST(ShardsTest, AnotherVersionIsRefusedAsAWhole) {
  const auto line = Line("shops/a", Some(3), kNow, kNow);
  EXPECT_TRUE(DecodeShard("", kNow));
  for (const std::string& other : {line, std::string("{\"checkpoint\":1}\n") + line,
                                   std::string("{\"checkpoint\":3}\n") + line,
                                   std::string("{\"checkpoint\":\"2\"}\n") + line}) {
    const auto content = DecodeShard(other, kNow);
    ASSERT_FALSE(content) << other;
    EXPECT_THAT(content.error().what, HasSubstr("version"));
  }
  EXPECT_THAT(DecodeShard("{\"checkpoint\":3}\n", kNow).error().what,
              HasSubstr("of version 3, and this scaler knows version 2"));
}

TEST(ShardsTest, ReadsWhatIsRememberedOfNodes) {
  codec::CapacityMemory nodes;
  nodes.policy = "nodes";
  nodes.state.seen_until = kNow;
  nodes.state.drained = {{kNow - minutes(3), 2}};
  nodes.nodes = {{.name = "node-1", .pool = "spot", .zone = "a", .was_ready = true}};
  EXPECT_EQ(DecodeNodes(EncodeNodes(nodes), kNow).value(), nodes);
  EXPECT_FALSE(DecodeNodes(codec::EncodeCapacityMemory(nodes), kNow));
  EXPECT_FALSE(DecodeNodes(Header() + "{\"nodes\":1}", kNow));
}

TEST(ShardsTest, TheLargestAreLeftOutOfWhatWouldBeTooLarge) {
  const auto joined = JoinLines({"aaaa", std::string(50, 'b'), "cccc", std::string(90, 'd')}, 20);
  EXPECT_EQ(joined.text, Header() + "aaaa\ncccc\n");
  EXPECT_EQ(joined.left_out, 2U);
  EXPECT_EQ(JoinLines({std::string(50, 'b')}, 20).text, "");
}

}  // namespace
}  // namespace scaler::kubernetes::leadership
