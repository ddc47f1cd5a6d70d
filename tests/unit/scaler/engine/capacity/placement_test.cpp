#include "scaler/engine/capacity/placement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "scaler/engine/capacity/packing.h"
#include "unit/scaler/engine/capacity/cluster.h"

namespace scaler::engine::capacity {
namespace {

Berth ANode(const std::string& name, const std::string& zone,
            CapacityType type = CapacityType::kOnDemand, double cores = 4) {
  Berth berth;
  berth.name = name;
  berth.zone = zone;
  berth.type = type;
  berth.free = {static_cast<std::int64_t>(cores * 1000), 1LL << 34, 20};
  return berth;
}

Workload AShop(Placement::Spot spot = Placement::Spot::kPrefer) {
  Workload workload;
  workload.name = "local/shop";
  workload.cpu_cores = 1;
  workload.spot = spot;
  return workload;
}

std::string Where(const Workload& workload, int unplaced, const std::vector<Berth>& berths) {
  const auto placed = Place(workload, unplaced, 3, berths);
  return placed.berth < 0 ? placed.why_not : berths[static_cast<std::size_t>(placed.berth)].name;
}

TEST(Placement, PutsWhatPrefersSpotThereAndNeverWhatMustNotBe) {
  const std::vector<Berth> nodes = {ANode("dedicated", "a"),
                                    ANode("spot", "a", CapacityType::kSpot)};
  EXPECT_EQ(Where(AShop(), 1, nodes), "spot");
  EXPECT_EQ(Where(AShop(Placement::Spot::kNever), 1, nodes), "dedicated");
  EXPECT_EQ(Where(AShop(Placement::Spot::kNever), 1, {nodes[1]}), "fits on none of 1 node: 1 spot");
  EXPECT_EQ(Where(AShop(Placement::Spot::kOnly), 1, {nodes[0]}),
            "fits on none of 1 node: 1 not spot");
}

TEST(Placement, SaysWhatKeepsAPodFromEachNode) {
  auto drains = ANode("one", "a");
  drains.closed = "drains";
  auto tainted = ANode("two", "a");
  tainted.taints = {"team=build"};
  auto full = ANode("three", "b", CapacityType::kOnDemand, 0.5);
  auto crowded = ANode("four", "b");
  crowded.free.pods = 0;
  auto little = ANode("five", "b");
  little.free.memory_bytes = 1;
  auto shop = AShop();
  shop.memory_bytes = 1000;
  EXPECT_EQ(Where(shop, 1, {drains, tainted, full, crowded, little}),
            "fits on none of 5 nodes: 1 drains, 1 full of pods, 1 short of cpu, 1 short of memory, "
            "1 tainted");
  EXPECT_EQ(Where(shop, 1, {}), "there is no node");
}

TEST(Placement, SpreadsAsFarAsTheWorkloadHasToBe) {
  auto first = ANode("first", "a");
  first.same = 1;
  const auto beside = ANode("beside", "a");
  const auto far = ANode("far", "b", CapacityType::kOnDemand, 1);
  auto shop = AShop(Placement::Spot::kNever);
  shop.min_zones = 2;
  EXPECT_EQ(Where(shop, 1, {first, beside, far}), "far");
  shop.min_zones = 1;
  shop.min_nodes = 2;
  EXPECT_EQ(Where(shop, 1, {first}), "fits on none of 1 node: 1 a node that it is on already");
  EXPECT_EQ(Where(shop, 2, {first}), "first") << "the other of the two may still spread it";
}

TEST(Placement, GoesWhereTheFewestOfTheWorkloadAreAndThenToTheFullest) {
  auto first = ANode("first", "a", CapacityType::kOnDemand, 3);
  first.same = 1;
  const auto empty = ANode("empty", "a");
  const auto fuller = ANode("fuller", "a", CapacityType::kOnDemand, 2);
  EXPECT_EQ(Where(AShop(), 1, {first, empty, fuller}), "fuller");
  EXPECT_EQ(Where(AShop(), 1, {first, empty, fuller, ANode("other-zone", "b")}), "other-zone");
  EXPECT_EQ(Where(AShop(), 1, {ANode("two", "a"), ANode("one", "a")}), "one") << "by name";
}

/// Pods of one size and without spreading: what the engine's packing places, one by one does too.
RC_GTEST_PROP(Placement, PlacesOneByOneWhatThePackingPlacesAtOnce, ()) {
  Cluster cluster;
  cluster.WithSpot({});
  std::vector<Berth> berths;
  const int nodes = *rc::gen::inRange(0, 6);
  for (int i = 0; i < nodes; ++i) {
    auto& node = cluster.AddNode(i % 2 == 0 ? "a" : "b", i % 3 == 0 ? "spot" : "dedicated");
    node.kind.cpu_cores = *rc::gen::inRange(0, 5);
    Berth berth;
    berth.name = node.name;
    berth.zone = node.zone;
    berth.type = node.type;
    berth.free = RoomOf(node.kind);
    berths.push_back(berth);
  }
  const int pods = *rc::gen::inRange(0, 20);
  auto& shop = cluster.AddWorkload("shop", 1, pods);
  shop.spot =
      *rc::gen::element(Placement::Spot::kPrefer, Placement::Spot::kNever, Placement::Spot::kOnly);
  shop.min_nodes = *rc::gen::inRange(1, 4);
  shop.min_zones = *rc::gen::inRange(1, 3);

  const auto world = Prepare(cluster.policy, cluster.state, cluster.observation);
  Packing packing(world, Packing::Which::kReady);
  const int at_once = packing.Place(0, pods);
  int one_by_one = 0;
  for (int left = pods; left > 0; --left) {
    const auto placed = Place(shop, left, 3, berths);
    if (placed.berth < 0) {
      continue;  // The next one may stand where this one may not.
    }
    auto& berth = berths[static_cast<std::size_t>(placed.berth)];
    berth.free.Add(RequestOf(shop.cpu_cores, shop.memory_bytes), -1);
    ++berth.same;
    ++one_by_one;
  }
  RC_ASSERT(one_by_one == at_once);
}

}  // namespace
}  // namespace scaler::engine::capacity
