#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "simulation/nodes_world.h"
#include "support/sanitized.h"

namespace simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// An hour of a provider that fails, delays, lies and takes nodes, with demand that moves and
/// notices that are withdrawn, then peace.
class FaultyHour {
 public:
  explicit FaultyHour(std::uint32_t seed) : world_(seed), random_(seed) {
    world_.AddShop("one", 40);
    world_.AddShop("two", 40);
    world_.AddShop("three", 40);
    auto& faults = world_.provider.faults;
    faults.lost_answer = 0.15;
    faults.lost_order = 0.15;
    faults.slow_answer = 0.2;
    faults.forgets_node = 0.01;
    faults.never_boots = 0.1;
    faults.makes_fewer = 0.1;
    faults.fails_remove = 0.3;
    std::string production = kProduction;
    production.replace(production.find("min: 0"), 6, "min: 1");
    world_.WritePolicies(std::string(kShopsOnNodes) + production);
    world_.provider.on_remove = [this](const FakeProvider::Node& node) { CheckRemoval(node); };
    world_.StartScaler();
  }

  void Run() {
    for (int second = 0; second < 3600; ++second) {
      if (Chance(1.0 / 60)) {
        Disturb();
      }
      world_.executor.RunFor(seconds(1));
      Check();
    }
    world_.provider.faults = {};
    world_.provider.out_of_stock.clear();
    world_.notices.clear();
    for (int second = 0; second < 2400; ++second) {
      world_.executor.RunFor(seconds(1));
      Check();
    }
  }

  [[nodiscard]] NodesWorld& World() { return world_; }

  /// Nodes of which it was checked that their pool kept its least without them.
  [[nodiscard]] int Removals() const { return removals_; }

 private:
  [[nodiscard]] bool Chance(double chance) {
    return std::uniform_real_distribution<double>(0, 1)(random_) < chance;
  }
  [[nodiscard]] int Pick(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }

  void Disturb() {
    const std::string zone(1, static_cast<char>('a' + Pick(2)));
    switch (Pick(6)) {
      case 0:
        world_.agent.SetRate(Pick(1) == 0 ? "one" : "two", 20 * Pick(8));
        break;
      case 1:
        if (const auto node = ANode(); !node.empty()) {
          world_.provider.Take(node);
        }
        break;
      case 2:
        if (const auto node = ANode(); !node.empty()) {
          world_.Notice(node, seconds(30 + Pick(90)));
        }
        break;
      case 3:
        world_.notices.clear();  // Withdrawn.
        break;
      case 4:
        world_.provider.out_of_stock.insert("spot/" + zone);
        break;
      case 5:
        world_.provider.out_of_stock.clear();
        break;
      default:
        world_.KillScaler();
        world_.StartScaler();
    }
  }

  [[nodiscard]] std::string ANode() {
    const auto& nodes = world_.provider.Nodes();
    std::vector<std::string> running;
    for (const auto& [name, node] : nodes) {
      if (node.state == FakeProvider::Node::State::kRunning) {
        running.push_back(name);
      }
    }
    return running.empty()
               ? std::string()
               : running[static_cast<std::size_t>(Pick(static_cast<int>(running.size()) - 1))];
  }

  void Check() { ASSERT_LE(world_.hosts.Draining(), 1) << "more than disruption.nodesAtOnce"; }

  /// A loss may take a pool below its least; what we remove while nobody takes it never does.
  void CheckRemoval(const FakeProvider::Node& node) {
    const bool taken = std::any_of(world_.notices.begin(), world_.notices.end(),
                                   [&](const auto& notice) { return notice.node == node.name; });
    if (node.state != FakeProvider::Node::State::kRunning || taken) {
      return;
    }
    ++removals_;
    const auto& nodes = world_.provider.Nodes();
    const auto others = std::count_if(nodes.begin(), nodes.end(), [&](const auto& each) {
      return each.second.pool == node.pool && each.first != node.name &&
             each.second.state == FakeProvider::Node::State::kRunning;
    });
    EXPECT_GE(others, 1) << "nodes.min, without " << node.name;
  }

  NodesWorld world_;
  std::mt19937 random_;
  int removals_ = 0;
};

class NodesWithFaults : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(NodesWithFaults, RemoveNothingThatWasNotNamedAndComeToRestWithTheSpare) {
  FaultyHour hour(GetParam());
  hour.Run();
  auto& world = hour.World();
  EXPECT_TRUE(world.hosts.AllServe());
  EXPECT_EQ(world.hosts.Pending(), 0);
  EXPECT_TRUE(world.SpareHolds());
  EXPECT_GE(world.provider.Count("dedicated"), 1) << "nodes.min, and the floor";
  EXPECT_GE(world.provider.Count("spot"), 1) << "nodes.min";
  EXPECT_GT(hour.Removals(), 0);
  EXPECT_TRUE(world.Fleet().orders.empty());
  for (const auto& node : world.provider.RemovedByUs()) {
    EXPECT_TRUE(world.WasNamed(node)) << node;
  }
  const auto nodes = world.provider.Nodes();
  world.executor.RunFor(minutes(20));
  EXPECT_EQ(world.provider.Nodes().size(), nodes.size()) << "it has come to rest";
  world.ExpectEveryLineToReplay();
}

INSTANTIATE_TEST_SUITE_P(Seeds, NodesWithFaults, ::testing::Range(1U, tests::kSanitized ? 2U : 4U));

}  // namespace
}  // namespace simulation
