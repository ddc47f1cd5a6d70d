// A fail-over in mid-ramp changes no later decision beside an undisturbed twin: two clusters with
// the same demand, and in one of them leaders are killed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "common/log.h"
#include "simulation/cluster_world.h"
#include "support/sanitized.h"

namespace simulation {
namespace {

using std::chrono::seconds;

/// Seconds of a course; under sanitizers only until its first leader is followed.
constexpr int kLength = tests::kSanitized ? 600 : 1300;

constexpr const char* kPolicies = R"(
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: default, namespace: shops}
spec:
  target: {kind: Deployment, name: default}
  replicas: {min: 1, max: 40}
  signals: {requests: {perReplica: 20/s}}
---
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: fast, namespace: shops}
spec:
  target: {kind: Deployment, name: fast}
  profile: fast
  replicas: {min: 1, max: 40}
  objective: {hold: 0s}
  signals: {requests: {perReplica: 20/s}}
---
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: steady, namespace: shops}
spec:
  target: {kind: Deployment, name: steady}
  profile: steady
  replicas: {min: 1, max: 40}
  tolerance: 0%
  objective: {overload: 50%}
  signals: {requests: {perReplica: 20/s}}
---
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: flapping, namespace: shops}
spec:
  target: {kind: Deployment, name: flapping}
  replicas: {min: 1, max: 40}
  objective: {overload: 50%}
  signals: {requests: {perReplica: 20/s}}
---
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: limited, namespace: shops}
spec:
  target: {kind: Deployment, name: limited}
  replicas: {min: 1, max: 40}
  tolerance: 0%
  objective: {overload: 50%}
  signals: {requests: {perReplica: 20/s}}
  behavior:
    scaleUp: {policies: [{type: Pods, value: 3, periodSeconds: 15}]}
    scaleDown:
      stabilizationWindowSeconds: 60
      policies: [{type: Pods, value: 2, periodSeconds: 15}]
---
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: sleepy, namespace: shops}
spec:
  target: {kind: Deployment, name: sleepy}
  replicas: {min: 0, max: 40}
  idle: {after: 2m}
  tolerance: 0%
  objective: {overload: 50%}
  signals: {requests: {perReplica: 20/s}}
---
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: members, namespace: shops}
spec:
  target: {selector: {matchLabels: {plan: member}}}
  replicas: {min: 1, max: 40}
  tolerance: 0%
  objective: {overload: 50%}
  signals: {requests: {perReplica: 20/s}}
---
apiVersion: trimtab.io/v1alpha1
kind: ScalingGroup
metadata: {name: starter-plan}
spec:
  selector: {matchLabels: {plan: member}}
  limits: {replicas: 16}
---
apiVersion: trimtab.io/v1alpha1
kind: CapacityPolicy
metadata: {name: production}
spec:
  spare:
    survive: {loss: largestNode, per: cluster}
    shapes: {shop: {cpu: 500m, memory: 256Mi, count: 3}}
    by: placeholderPods
)";

const std::vector<std::string>& Shops() {
  static const auto* const shops = new std::vector<std::string>{
      "default", "fast", "steady", "flapping", "limited", "sleepy", "member-1", "member-2"};
  return *shops;
}

/// Up from 10/s to 250/s and down again, twice, the second time down at once.
double Ramp(int at) {
  const int second = at - 100;
  const auto between = [&](int from, int until, double low, double high) {
    return low + (high - low) * (second - from) / (until - from);
  };
  if (second < 150 || second >= 840) {
    return 10;
  }
  if (second < 240) {
    return between(150, 240, 10, 250);
  }
  if (second < 330) {
    return 250;
  }
  if (second < 420) {
    return between(330, 420, 250, 30);
  }
  if (second < 600) {
    return 30;
  }
  return second < 690 ? between(600, 690, 30, 190) : 190;
}

void Demand(int second, ClusterWorld& world) {
  for (const auto* const shop : {"default", "fast", "steady", "limited", "member-1"}) {
    world.SetRate(shop, Ramp(second));
  }
  world.SetRate("member-2", Ramp(second + 20));
  world.SetRate("sleepy", Ramp(second) <= 30 ? 0 : Ramp(second));
  world.SetRate("flapping", second / 30 % 2 == 0 ? 50 : 150);
  if (second == 480) {
    world.Notice("node-1", seconds(120));
  }
  if (second == 760) {
    world.Notice("node-2", seconds(120));
  }
}

/// Everything that was decided, second by second, in the order of Names.
using Course = std::vector<std::vector<int>>;

std::vector<std::string> Names() {
  auto names = Shops();
  names.insert(names.end(), {"drain of node-1", "drain of node-2", "placeholders"});
  return names;
}

std::vector<int> Look(const ClusterWorld& world) {
  std::vector<int> now;
  for (const auto& shop : Shops()) {
    now.push_back(world.Desired(shop));
  }
  now.push_back(world.IsDrained("node-1") ? 1 : 0);
  now.push_back(world.IsDrained("node-2") ? 1 : 0);
  now.push_back(world.Placeholders());
  return now;
}

/// A moment at which whoever leads is killed, and another process begins soon after.
struct Disturbance {
  int killed = 0;
  int led = kLength;  ///< When another led.
};

Course Play(std::vector<Disturbance>& disturbances) {
  common::log::Configure(common::log::Level::kError, common::log::Format::kText);
  ClusterWorld world(2, {.policies = kPolicies, .shops = Shops(), .nodes = 4});
  Course course;
  for (int second = 0; second < kLength && !testing::Test::HasFatalFailure(); ++second) {
    Demand(second, world);
    for (auto& disturbance : disturbances) {
      if (disturbance.killed == second) {
        world.Leader().Kill();
      }
      if (disturbance.killed + 5 == second) {
        world.AddScaler();
      }
      if (disturbance.killed < second && disturbance.led == kLength && world.Leaders() == 1) {
        disturbance.led = second;
      }
    }
    world.Run(seconds(1));
    course.push_back(Look(world));
  }
  return course;
}

const Course& Undisturbed() {
  static const auto* const course = [] {
    std::vector<Disturbance> none;
    return new Course(Play(none));
  }();
  return *course;
}

/// What may differ in time: nobody acts in the gap, and an agent's beat falls to another process at
/// another moment, some seconds earlier or later.
constexpr int kBeat = 6;

/// While nobody led, and until what could not be done in that time has been made up for within the
/// rate limits: as long again.
bool IsMadeUpFor(const std::vector<Disturbance>& disturbances, int second) {
  return std::none_of(disturbances.begin(), disturbances.end(), [&](const auto& each) {
    return second >= each.killed && second <= each.led + (each.led - each.killed) + kBeat;
  });
}

/// The longest gap that a decision at this second may come later by.
int GapBefore(const std::vector<Disturbance>& disturbances, int second) {
  int gap = 0;
  for (const auto& each : disturbances) {
    gap = each.killed <= second ? std::max(gap, each.led - each.killed) : gap;
  }
  return gap + kBeat;
}

/// A change that was never made, because its time fell into the gap, has not flapped either: so
/// nobody is killed before what flaps is held for it. And what a tolerance leaves as it is, is
/// another number where the gap left another: so those that climb have none.
///
/// Wherever the twin's number stands still for the gap's length, the number is the same; on its way
/// it is between the twin's of a gap before and a beat after.
void ExpectSame(const std::vector<Disturbance>& disturbances, const Course& course) {
  const auto& twin = Undisturbed();
  const auto names = Names();
  ASSERT_EQ(course.size(), twin.size());
  for (std::size_t which = 0; which < names.size(); ++which) {
    for (int second = 0; second < kLength; ++second) {
      if (!IsMadeUpFor(disturbances, second)) {
        continue;
      }
      int least = twin[static_cast<std::size_t>(second)][which];
      int most = least;
      const int last = std::min(kLength - 1, second + kBeat);
      for (int near = std::max(0, second - GapBefore(disturbances, second)); near <= last; ++near) {
        least = std::min(least, twin[static_cast<std::size_t>(near)][which]);
        most = std::max(most, twin[static_cast<std::size_t>(near)][which]);
      }
      const int is = course[static_cast<std::size_t>(second)][which];
      EXPECT_TRUE(is >= least && is <= most) << names[which] << " at " << second << " s: " << is
                                             << ", undisturbed " << least << " to " << most;
      if (is < least || is > most) {
        break;  // The first tells.
      }
    }
  }
}

TEST(Twin, TheCourseHasEverythingThatIsToBeDisturbed) {
  if (tests::kSanitized) {
    GTEST_SKIP() << "the whole course is played without sanitizers";
  }
  const auto& course = Undisturbed();
  const auto at = [&](int second, const char* name) {
    const auto names = Names();
    const auto found = std::find(names.begin(), names.end(), name);
    return course[static_cast<std::size_t>(second)]
                 [static_cast<std::size_t>(found - names.begin())];
  };
  EXPECT_GE(at(420, "default"), 13);
  EXPECT_GE(at(420, "steady"), 12);
  EXPECT_LE(at(kLength - 1, "steady"), 2);
  EXPECT_EQ(at(kLength - 1, "default"), 1);
  EXPECT_EQ(at(700, "flapping"), 7);  // Held up, for it flaps.
  EXPECT_EQ(at(680, "sleepy"), 0);
  EXPECT_EQ(at(420, "member-1") + at(420, "member-2"), 16);  // By the group's cap.
  EXPECT_EQ(at(479, "drain of node-1"), 0);
  EXPECT_EQ(at(500, "drain of node-1"), 1);
  EXPECT_GE(at(600, "placeholders"), 3);
}

class Killed : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Killed, LeadersChangeNoLaterDecision) {
  std::mt19937 random(GetParam());
  const auto between = [&](int from, int until) {
    return std::uniform_int_distribution<int>(from, until)(random);
  };
  std::vector<Disturbance> disturbances = {{.killed = between(250, 340)}};
  if (!tests::kSanitized) {
    disturbances.push_back({.killed = between(430, 520)});
  }
  const auto course = Play(disturbances);
  for (const auto& each : disturbances) {
    SCOPED_TRACE("killed at " + std::to_string(each.killed));
    EXPECT_LE(each.led - each.killed, 20);
  }
  ExpectSame(disturbances, course);
}

INSTANTIATE_TEST_SUITE_P(Twin, Killed, testing::Range(1U, tests::kSanitized ? 2U : 4U));

}  // namespace
}  // namespace simulation
