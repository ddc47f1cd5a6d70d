#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "common/log.h"
#include "simulation/cluster_world.h"
#include "support/sanitized.h"

namespace simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using testing::Pair;

constexpr const char* kSpare = R"(
apiVersion: trimtab.io/v1alpha1
kind: CapacityPolicy
metadata: {name: production}
spec:
  spare:
    shapes: {shop: {cpu: 500m, memory: 256Mi, count: 3}}
    by: placeholderPods
)";

constexpr int kLength = 420;  ///< Seconds of a course.

/// What the shops were scaled to, second by second.
using Course = std::vector<std::pair<int, int>>;

/// What happens to whom at a second of a course.
using Events = std::map<int, std::function<void(ClusterWorld&)>>;

/// A ramp up, a fall, a smaller one.
void Demand(int second, ClusterWorld& world) {
  if (second >= 60 && second < 150) {
    world.SetRate("shop-1", 10 + (second - 60) * 4);
  }
  if (second == 200) {
    world.SetRate("shop-1", 55);
  }
  if (second == 100) {
    world.SetRate("shop-2", 150);
  }
  if (second == 130) {
    world.SetRate("shop-2", 15);
  }
}

Course Play(const Events& events, ClusterWorld& world) {
  Course course;
  for (int second = 0; second < kLength; ++second) {
    Demand(second, world);
    if (const auto event = events.find(second); event != events.end()) {
      event->second(world);
    }
    world.Run(seconds(1));
    course.emplace_back(world.Desired("shop-1"), world.Desired("shop-2"));
  }
  return course;
}

const Course& Undisturbed() {
  static const auto* const course = [] {
    common::log::Configure(common::log::Level::kError, common::log::Format::kText);
    ClusterWorld world(2);
    return new Course(Play({}, world));
  }();
  return *course;
}

/// Each number is the twin's of that moment; on its way, where another agent's beat shows the same
/// rise in other steps, it is between the twin's of three seconds before and after.
void ExpectSame(const Course& course, int from) {
  constexpr int kApart = 3;
  const auto& twin = Undisturbed();
  ASSERT_EQ(course.size(), twin.size());
  for (int second = from; second < kLength; ++second) {
    auto least = twin[static_cast<std::size_t>(second)];
    auto most = least;
    const int last = std::min(kLength - 1, second + kApart);
    for (int near = std::max(0, second - kApart); near <= last; ++near) {
      const auto& [shop_1, shop_2] = twin[static_cast<std::size_t>(near)];
      least = {std::min(least.first, shop_1), std::min(least.second, shop_2)};
      most = {std::max(most.first, shop_1), std::max(most.second, shop_2)};
    }
    const auto& [shop_1, shop_2] = course[static_cast<std::size_t>(second)];
    ASSERT_TRUE(shop_1 >= least.first && shop_1 <= most.first)
        << "shop-1 at " << second << " s: " << shop_1 << ", undisturbed " << least.first << " to "
        << most.first;
    ASSERT_TRUE(shop_2 >= least.second && shop_2 <= most.second)
        << "shop-2 at " << second << " s: " << shop_2 << ", undisturbed " << least.second << " to "
        << most.second;
  }
}

TEST(Succession, TheCourseHasRampsToDisturb) {
  const auto& course = Undisturbed();
  EXPECT_EQ(course[59].first, 1);
  EXPECT_GE(course[199].first, 10);
  EXPECT_LE(course[kLength - 1].first, 6);
  EXPECT_GE(course[129].second, 4);
  ClusterWorld world(1);
  world.SetRate("shop-2", 100);
  world.Run(seconds(30));
  EXPECT_GE(world.writes, 1);  // They are looked at.
}

TEST(Succession, ALeaderThatEndsHandsOverInMidRamp) {
  for (const int at : {80, 110, 215, 330}) {
    SCOPED_TRACE(at);
    ClusterWorld world(2);
    const auto course = Play({{at,
                               [](ClusterWorld& in) {
                                 auto& leader = in.Leader();
                                 leader.succession->Stop([&leader] {
                                   leader.executor.Post([&leader] { leader.Kill(); });
                                 });
                               }}},
                             world);
    ExpectSame(course, at + 4);
  }
}

TEST(Succession, ALeaderThatIsKilledIsFollowedAndNoWindowStartsAnew) {
  // Not in the steepest ramp up, which cannot be made up for within the rate limits.
  for (const int at : {165, 205, 260}) {
    SCOPED_TRACE(at);
    ClusterWorld world(3);
    const auto course = Play({{at, [](ClusterWorld& in) { in.Leader().Kill(); }}}, world);
    ExpectSame(course, at + (at == 165 ? 20 : 60));
    EXPECT_EQ(world.Leaders(), 1);
  }
}

TEST(Succession, ALeaderThatDiesInTheMiddleOfAWriteLeavesTheNextToDecide) {
  ClusterWorld world(2);
  world.SetRate("shop-2", 100);
  const int before = world.writes;
  for (int step = 0; step < 3000 && world.writes == before; ++step) {
    world.Run(milliseconds(20));
  }
  ASSERT_GT(world.writes, before);
  world.Leader().Kill();  // The answer is on its way.
  world.Run(seconds(60));
  EXPECT_EQ(world.Leaders(), 1);
  EXPECT_EQ(world.Desired("shop-2"), 5);
}

TEST(Succession, ALeaderThatIsStoppedPastItsLeaseAndWokenDoesNothing) {
  ClusterWorld world(2);
  ClusterScaler* stopped = nullptr;
  const auto course = Play({{165,
                             [&](ClusterWorld& in) {
                               stopped = &in.Leader();
                               stopped->executor.Pause();
                             }},
                            {190, [&](ClusterWorld&) { stopped->executor.Resume(); }}},
                           world);
  ExpectSame(course, 185);
  EXPECT_EQ(world.Leaders(), 1);
  EXPECT_FALSE(stopped->Leads());
  const auto status = stopped->board.Get();
  ASSERT_TRUE(status->leadership);
  EXPECT_FALSE(status->leadership->leads);
  EXPECT_EQ(status->leadership->leader, world.Leader().name);
}

TEST(Succession, ALeaderThatIsStoppedForAMomentGoesOn) {
  ClusterWorld world(2);
  auto& leader = world.Leader();
  const auto course = Play({{165, [&](ClusterWorld&) { leader.executor.Pause(); }},
                            {170, [&](ClusterWorld&) { leader.executor.Resume(); }}},
                           world);
  ExpectSame(course, 175);
  EXPECT_TRUE(leader.Leads());
}

TEST(Succession, AServerThatIsAwayChangesNothingLater) {
  for (const int away : {5, 12, 30}) {
    SCOPED_TRACE(away);
    ClusterWorld world(2);
    const auto cut = [](bool is_cut) {
      return [is_cut](ClusterWorld& in) {
        for (const auto& scaler : in.scalers) {
          scaler->link.Cut(is_cut);
        }
      };
    };
    const auto course = Play({{155, cut(true)}, {155 + away, cut(false)}}, world);
    ExpectSame(course, 155 + away + 35);
    EXPECT_EQ(world.Leaders(), 1);
  }
}

TEST(Succession, AClockThatJumpsChangesNothing) {
  for (const int hours : {1, -1}) {
    SCOPED_TRACE(hours);
    ClusterWorld world(2);
    const auto course = Play(
        {{170, [&](ClusterWorld& in) { in.executor.JumpWallClock(std::chrono::hours(hours)); }}},
        world);
    ExpectSame(course, 175);
  }
}

TEST(Succession, AScalerThatBeginsAloneGoesOnFromTheCheckpoint) {
  ClusterWorld world(1);
  const auto course = Play({{240,
                             [](ClusterWorld& in) {
                               auto& leader = in.Leader();
                               leader.succession->Stop([&leader] {
                                 leader.executor.Post([&leader] { leader.Kill(); });
                               });
                             }},
                            {242, [](ClusterWorld& in) { in.AddScaler(); }}},
                           world);
  ExpectSame(course, 250);
}

TEST(Succession, ACheckpointThatWasDeletedIsLeftToTheNextScalerAllTheSame) {
  ClusterWorld world(1);
  const auto course = Play({{238,
                             [](ClusterWorld& in) {
                               for (const auto& name : in.api.Names(kMaps)) {
                                 in.api.Remove(kMaps, "trimtab", name.substr(name.find('/') + 1));
                               }
                             }},
                            {240,
                             [](ClusterWorld& in) {
                               auto& leader = in.Leader();
                               leader.succession->Stop([&leader] {
                                 leader.executor.Post([&leader] { leader.Kill(); });
                               });
                             }},
                            {242, [](ClusterWorld& in) { in.AddScaler(); }}},
                           world);
  ExpectSame(course, 250);
}

/// What each workload's demand has taught a scaler.
std::map<std::string, scaler::engine::DemandMemory> LearntBy(const ClusterScaler& scaler) {
  std::map<std::string, scaler::engine::DemandMemory> learnt;
  scaler.loop->ForEachKnown([&](const std::string& workload, const scaler::loop::KnownView& known) {
    learnt[workload] = known.state.demand.value_or(scaler::engine::DemandMemory());
  });
  return learnt;
}

TEST(Succession, WhoJoinsLateHasSoonLearntWhatTheLeaderHas) {
  ClusterWorld world(1);
  for (int second = 0; second < 200; ++second) {
    world.SetRate("shop-1", 60 + second % 20 * 4);
    world.Run(seconds(1));
  }
  world.AddScaler();
  for (int second = 0; second < 90; ++second) {
    world.SetRate("shop-1", 60 + second % 20 * 4);
    world.Run(seconds(1));
  }
  const auto leaders = LearntBy(*world.scalers.front());
  auto followers = LearntBy(*world.scalers.back());
  ASSERT_TRUE(world.scalers.front()->Leads());
  const auto trials = [](const scaler::engine::DemandMemory& memory) {
    return std::accumulate(memory.errors.trials.begin(), memory.errors.trials.end(), 0U);
  };
  for (const auto& [workload, learnt] : leaders) {
    SCOPED_TRACE(workload);
    EXPECT_GT(trials(learnt), 1000U);
    EXPECT_EQ(followers[workload].errors, learnt.errors);
    EXPECT_EQ(followers[workload].leniency, learnt.leniency);
  }
}

/// Of a checkpoint's objects by name, since the request with this number.
std::map<std::string, int> WritesOfCheckpoint(const ClusterWorld& world, std::size_t from) {
  std::map<std::string, int> writes;
  const auto& requests = world.api.Requests();
  for (auto request = requests.begin() + static_cast<std::ptrdiff_t>(from);
       request != requests.end(); ++request) {
    if (request->method != "GET" && request->target.find("/configmaps") != std::string::npos) {
      ++writes[request->target.substr(request->target.rfind('/') + 1)];
    }
  }
  return writes;
}

TEST(Succession, AFleetAtRestWritesOnlyThatItIs) {
  ClusterWorld world(1, {.policies = std::string(kClusterShops) + "---" + kSpare,
                         .shops = {"shop-1", "shop-2"},
                         .nodes = 1});
  world.SetRate("shop-1", 100);
  world.Run(seconds(40));
  world.SetRate("shop-1", 0);
  world.SetRate("shop-2", 0);
  world.Run(seconds(640));  // For ten minutes it is learnt that nobody comes back.
  const int rest = tests::kSanitized ? 2 : 10;
  const auto from = world.api.Requests().size();
  world.Run(minutes(rest));
  auto writes = WritesOfCheckpoint(world, from);
  EXPECT_LE(writes["trimtab-state-nodes"], 2);
  writes.erase("trimtab-state-nodes");
  EXPECT_THAT(writes,
              ElementsAre(Pair("trimtab-state-index", AllOf(Ge(2 * rest - 1), Le(2 * rest)))));
  world.SetRate("shop-2", 100);
  world.Run(seconds(40));
  EXPECT_THAT(WritesOfCheckpoint(world, from), Contains(Pair("trimtab-state-12", Ge(1))));
}

TEST(Succession, ABrokenCheckpointCostsOnlyItself) {
  ClusterWorld world(1);
  world.Run(seconds(90));
  for (const auto& name : world.api.Names(kMaps)) {
    world.api.Merge(kMaps, "trimtab", name.substr(name.find('/') + 1),
                    R"({"binaryData":{"states.jsonl.gz":"AAAA"}})");
  }
  EXPECT_GE(world.api.Names(kMaps).size(), 2U);
  world.Leader().Kill();
  world.AddScaler();
  world.Run(seconds(40));
  EXPECT_EQ(world.Leaders(), 1);
  world.SetRate("shop-2", 100);
  world.Run(seconds(60));
  EXPECT_EQ(world.Desired("shop-2"), 5);
}

}  // namespace
}  // namespace simulation
