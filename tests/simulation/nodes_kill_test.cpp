#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "simulation/nodes_world.h"
#include "support/sanitized.h"

namespace simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// Thrown where the scaler is killed; nothing of it runs any more.
struct Killed {};

/// One story with everything in it: nodes are launched for work and spare, one goes with notice,
/// one because a person wants it, and some because they are not needed any more. The scaler is
/// killed at its n-th step, which is a wish to the provider or the platform, before it or after.
class KilledAtAStep {
 public:
  explicit KilledAtAStep(std::optional<int> kill_at) : kill_at_(kill_at) {
    world_.provider.on_call = [this](const std::string& what) { Step(what); };
    world_.hosts.on_wish = [this](const std::string& what) { Step(what); };
    world_.AddShop("one", 140);
    world_.AddShop("two", 70);
  }

  void Run() {
    Start();
    For(minutes(2));
    if (const auto node = ASpotNode()) {
      world_.Notice(*node, seconds(120));
    }
    For(seconds(150));
    if (const auto node = ASpotNode()) {
      Wish(*node);
    }
    For(minutes(2));
    world_.agent.SetRate("one", 10);
    For(minutes(16));
  }

  [[nodiscard]] int Steps() const { return steps_; }
  [[nodiscard]] const std::string& KilledAt() const { return killed_at_; }
  [[nodiscard]] NodesWorld& World() { return world_; }

 private:
  void Step(const std::string& what) {
    if (kill_at_ && steps_++ == *kill_at_) {
      killed_at_ = what;
      throw Killed();
    }
    steps_ += kill_at_ ? 0 : 1;
  }

  template <typename Call>
  void Survive(Call call) {
    try {
      call();
    } catch (const Killed&) {
      world_.KillScaler();
      Start();
    }
  }

  void Start() {
    Survive([this] { world_.StartScaler(); });
  }

  void For(seconds time) {
    const auto end = world_.executor.Monotonic() + time;
    while (world_.executor.Monotonic() < end) {
      Survive([&] { world_.executor.RunFor(end - world_.executor.Monotonic()); });
    }
  }

  void Wish(const std::string& node) {
    Survive([&] { EXPECT_TRUE(world_.fleet->Want(node, true)); });
  }

  [[nodiscard]] std::optional<std::string> ASpotNode() const {
    for (const auto& [name, node] : world_.provider.Nodes()) {
      if (node.pool == "spot" && world_.hosts.Holds(name)) {
        return name;
      }
    }
    return std::nullopt;
  }

  NodesWorld world_;
  std::optional<int> kill_at_;
  int steps_ = 0;
  std::string killed_at_;
};

/// Nothing is left of what was under way, and nothing was done that no decision had named.
void ExpectAllIsWell(NodesWorld& world, const std::string& killed_at) {
  SCOPED_TRACE("killed at " + killed_at);
  EXPECT_TRUE(world.hosts.AllServe());
  EXPECT_TRUE(world.SpareHolds());
  EXPECT_EQ(world.hosts.Pending(), 0);
  EXPECT_TRUE(world.Fleet().orders.empty()) << "an order is open";
  for (const auto& host : world.hosts.ListNodes().nodes) {
    EXPECT_FALSE(host.drain && !world.hosts.Holds(host.name)) << host.name << " was forgotten";
  }
  for (const auto& [name, node] : world.provider.Nodes()) {
    EXPECT_EQ(node.state, FakeProvider::Node::State::kRunning) << name;
  }
  for (const auto& node : world.provider.RemovedByUs()) {
    EXPECT_TRUE(world.WasNamed(node)) << node << " was removed and no decision says so";
  }
  world.ExpectEveryLineToReplay();
}

TEST(KilledScaler, ResumesOrUndoesWhateverStepOfALaunchOrADrainItIsKilledAt) {
  KilledAtAStep whole(std::nullopt);
  whole.Run();
  ExpectAllIsWell(whole.World(), "nothing");
  const auto nodes = whole.World().provider.Nodes().size();
  ASSERT_GT(whole.Steps(), 20);
  std::set<std::string> killed_at;
  for (int step = 0; step < whole.Steps(); step += tests::kSanitized ? 8 : 1) {
    KilledAtAStep story(step);
    story.Run();
    ExpectAllIsWell(story.World(), std::to_string(step) + ", " + story.KilledAt());
    EXPECT_LE(story.World().provider.Nodes().size(), nodes + 1) << "made twice";
    killed_at.insert(story.KilledAt());
    if (::testing::Test::HasFailure()) {
      return;
    }
  }
  if (tests::kSanitized) {
    return;  // Some of the steps, for they take long.
  }
  EXPECT_THAT(killed_at, ::testing::IsSupersetOf({"add", "add, done", "drain", "drain, done",
                                                  "remove", "remove, done"}));
}

}  // namespace
}  // namespace simulation
