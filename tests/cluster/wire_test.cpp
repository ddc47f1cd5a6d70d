// What passes between the scalers and the API server, and is cut, slow, refused, kept until its
// sender is dead, or too old; and clocks that are set. Several workloads go up and down all the
// time; each fault ends with all of them at the right number, and no write ever wanted one that the
// policy forbids.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/cluster/support/audit.h"
#include "tests/cluster/support/meddler.h"
#include "tests/cluster/support/scaler.h"
#include "tests/cluster/support/signal_source.h"
#include "tests/cluster/support/story.h"

namespace cluster {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;

constexpr auto kPatience = seconds(120);

/// One that is told its number by ten requests in flight a replica.
struct Shop {
  std::string name;
  int min = 1;
  int max = 10;
};

const std::vector<Shop>& Shops() {
  static const auto* const shops =
      new std::vector<Shop>{{"small", 1, 4}, {"wide", 1, 30}, {"never-few", 3, 12}};
  return *shops;
}

constexpr const char* kQuickly =
    "  behavior: {scaleDown: {stabilizationWindowSeconds: 2}}\n  guards: {flapping: ignore}\n";

class Wire : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Install();
    world_ = std::make_unique<World>();
    for (const auto& shop : Shops()) {
      Make(shop, kQuickly);
    }
  }
  static void TearDownTestSuite() { world_.reset(); }

  void TearDown() override {
    for (const auto& shop : Shops()) {
      EXPECT_THAT(Wanted(shop.name), Each(AllOf(Ge(shop.min), Le(shop.max)))) << shop.name;
    }
    if (HasFailure()) {
      for (const auto& scaler : world_->scalers) {
        const auto log = scaler->Log();
        fmt::print(stderr, "{}\n\n",
                   log.substr(log.size() - std::min<std::size_t>(log.size(), 5000)));
      }
    }
  }

  /// Every number that anybody of ours wanted, whatever the server said.
  static std::vector<int> Wanted(const std::string& name) {
    std::vector<int> numbers;
    for (const auto& request : Requests(Plane())) {
      if (request.name_space == world_->name_space && request.name == name && request.replicas) {
        numbers.push_back(*request.replicas);
      }
    }
    return numbers;
  }

  static int Replicas(const std::string& name) {
    const auto is = Plane().Kubectl(
        {"get", "deployment/" + name, "-n", world_->name_space, "-o", "jsonpath={.spec.replicas}"});
    return is.Ok() && !is.out.empty() ? std::stoi(is.out) : 0;
  }

  static void Demand(int replicas) {
    world_->demand = replicas;
    for (const auto& shop : Shops()) {
      world_->source.SetInFlight(shop.name, static_cast<std::uint64_t>(replicas) * 10);
    }
  }

  /// All of them come to what their policies make of the demand.
  [[nodiscard]] static bool AllFollow() {
    return Eventually(
        [] {
          return std::all_of(Shops().begin(), Shops().end(), [](const Shop& shop) {
            return Replicas(shop.name) == std::clamp(world_->demand, shop.min, shop.max);
          });
        },
        kPatience);
  }

  static void Make(const Shop& shop, const std::string& more) {
    Plane().Must({"apply", "-n", world_->name_space, "-f", "-"}, Deployment(shop.name, 1));
    Plane().Must({"apply", "-f", "-"},
                 Policy(world_->name_space, shop.name, shop.min, shop.max, more));
  }

  static Meddler& Between() { return world_->meddler; }

  /// Another scaler, through the same wire.
  static Scaler& Join() {
    world_->scalers.push_back(std::make_unique<Scaler>(
        Plane(), fmt::format("scaler-{}", world_->scalers.size() + 1),
        std::vector{world_->source.Address()},
        Scaler::World{.api_port = world_->meddler.Port(), .own_clock = true}));
    auto& scaler = *world_->scalers.back();
    EXPECT_TRUE(Eventually([&] { return scaler.IsReady(); }));
    return scaler;
  }

  static Scaler& Leader() { return *world_->scalers.back(); }

  struct World {
    World() = default;
    const std::string name_space = NewNamespace("wire");
    SignalSource source;
    Meddler meddler{Plane()};
    std::vector<std::unique_ptr<Scaler>> scalers;
    int demand = 1;
  };

  static std::unique_ptr<World> world_;
};

std::unique_ptr<Wire::World> Wire::world_;

TEST_F(Wire, WatchesAreCutInMidLine) {
  Join();
  Demand(3);
  ASSERT_TRUE(AllFollow());
  for (const int wanted : {6, 2, 12, 4}) {
    Between().CutWatches();
    Demand(wanted);

    EXPECT_TRUE(AllFollow()) << wanted;
  }
  EXPECT_GE(Between().Done().cut, 4);
}

TEST_F(Wire, EveryAnswerIsSlow) {
  Between().Behave({.delay = std::chrono::milliseconds(1500)});
  Demand(9);
  EXPECT_TRUE(AllFollow());
  Demand(2);
  EXPECT_TRUE(AllFollow());
  Between().Behave({});
}

TEST_F(Wire, TooManyRequestsAreRepeatedWhenTheServerSays) {
  Between().Behave({.refuses_scale = true});
  Demand(8);
  EXPECT_TRUE(Eventually([] { return Between().Done().refused >= 6; }));
  Between().Behave({});

  EXPECT_TRUE(AllFollow());
  EXPECT_EQ(Between().Done().too_soon, 0);
}

TEST_F(Wire, EveryWatchIsTooOld) {
  Plane().Compact();
  Between().Behave({.old_versions = true});
  Between().BreakAll();
  Demand(3);
  EXPECT_TRUE(AllFollow());
  Demand(11);
  EXPECT_TRUE(AllFollow());
  Between().Behave({});

  EXPECT_GE(Between().Done().gone, 4);
  Demand(5);
  EXPECT_TRUE(AllFollow());
}

TEST_F(Wire, TheClockIsSetForwardsAndBack) {
  for (const auto ahead : {std::chrono::hours(1), std::chrono::hours(0)}) {
    Leader().SetClock(ahead);
    Demand(ahead > std::chrono::hours(0) ? 10 : 3);

    EXPECT_TRUE(AllFollow());
  }
}

TEST_F(Wire, AWriteThatArrivesAfterItsWritersDeathChangesNothing) {
  auto& leader = Leader();
  Join();
  Between().Behave({.keeps_scale = true});
  Demand(7);
  ASSERT_TRUE(Eventually([] { return Between().Done().kept >= 3; }));
  leader.Kill();
  Between().Behave({});
  ASSERT_TRUE(AllFollow());
  const auto before = Wanted("wide").size();

  Between().Release();

  ASSERT_TRUE(Eventually([&] { return Wanted("wide").size() > before; }));
  EXPECT_TRUE(AllFollow());
  for (const auto& request : Requests(Plane())) {
    if (request.name_space == world_->name_space && request.replicas == 7) {
      EXPECT_TRUE(request.code == 409 || request.code == 200) << request.code;
    }
  }
}

TEST_F(Wire, ALeaderThatIsKilledInMidRampLeavesItsWindowsToTheNext) {
  constexpr auto kWindow = seconds(25);
  const Shop shop{"ramp", 1, 20};
  Make(shop, fmt::format("  behavior: {{scaleDown: {{stabilizationWindowSeconds: {}}}}}\n",
                         kWindow.count()));
  const auto fall = [&](const std::function<void()>& disturb) {
    world_->source.SetInFlight(shop.name, 60);
    EXPECT_TRUE(Eventually([&] { return Replicas(shop.name) == 6; }));
    const auto began = std::chrono::steady_clock::now();
    world_->source.SetInFlight(shop.name, 20);
    disturb();
    EXPECT_TRUE(Eventually([&] { return Replicas(shop.name) == 2; }));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const double twin = fall([] {});
  auto& leader = Leader();
  Join();
  Demand(4);
  EXPECT_TRUE(AllFollow());

  const double disturbed = fall([&] {
    // In the middle of writes: they are carried out, and nobody hears of it.
    Between().Behave({.keeps_answers = true});
    Demand(9);
    EXPECT_TRUE(AllFollow());
    leader.Kill();
    Between().Behave({});
    Demand(12);
  });

  EXPECT_TRUE(AllFollow());
  fmt::print("the fall was followed after {:.1f} s, undisturbed {:.1f} s\n", disturbed, twin);
  EXPECT_NEAR(disturbed, twin, 5);
  EXPECT_THAT(Wanted(shop.name), Each(AllOf(Ge(shop.min), Le(shop.max))));
}

}  // namespace
}  // namespace cluster
