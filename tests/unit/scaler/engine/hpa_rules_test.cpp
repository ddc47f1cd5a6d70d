// The rules of Kubernetes' HorizontalPodAutoscaler for one metric, in the order in which it applies
// them. That the engine has every number right is for tests/differential; this is for readers.

#include <gtest/gtest.h>

#include "scaler/engine/hpa_calculator.h"

namespace scaler::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Time kHpaNow{std::chrono::hours(1'000'000)};
constexpr double kMebibyte = 1024.0 * 1024;

/// Pods that have been ready for half an hour, request half a core and 100 MiB each, and use as
/// much of both as the test says.
class Deployment {
 public:
  std::vector<Pod> pods;
  HpaSettings settings;

  explicit Deployment(int count, double share = 0) {
    for (int i = 0; i < count; ++i) {
      pods.push_back(Using(share));
    }
  }

  static Pod Using(double share) {
    Pod pod;
    pod.ready = true;
    pod.started = kHpaNow - minutes(60);
    pod.ready_changed = kHpaNow - minutes(30);
    pod.cpu_request_cores = 0.5;
    pod.memory_request_bytes = 100 * kMebibyte;
    pod.cpu_cores = Sampled<double>{0.5 * share, kHpaNow - seconds(10)};
    pod.memory_bytes = Sampled<double>{100 * kMebibyte * share, kHpaNow - seconds(10)};
    return pod;
  }

  Pod& Add(Pod pod) {
    pods.push_back(std::move(pod));
    return pods.back();
  }

  Pod& AddMissing() {
    auto& pod = Add(Using(0));
    pod.cpu_cores.reset();
    pod.memory_bytes.reset();
    return pod;
  }

  Pod& AddPending() {
    auto& pod = AddMissing();
    pod.phase = Pod::Phase::kPending;
    pod.ready = false;
    return pod;
  }

  /// Started, and not ready, so long ago.
  Pod& AddYoung(Duration age, double share) {
    auto& pod = Add(Using(share));
    pod.ready = false;
    pod.started = kHpaNow - age;
    pod.ready_changed = kHpaNow - age;
    return pod;
  }

  [[nodiscard]] HpaAnswer Cpu(int target_percent) const {
    return Ask(HpaResource::kCpu, target_percent);
  }

  [[nodiscard]] HpaAnswer Memory(int target_percent) const {
    return Ask(HpaResource::kMemory, target_percent);
  }

 private:
  [[nodiscard]] HpaAnswer Ask(HpaResource resource, int target_percent) const {
    return HpaUtilization(settings, {.pods = pods, .now = kHpaNow}, resource,
                          static_cast<int>(pods.size()), target_percent);
  }
};

TEST(HpaRules, TheTargetIsAShareOfWhatThePodsRequest) {
  const Deployment shop(4, 0.9);
  EXPECT_EQ(shop.Cpu(60).replicas, 6);
  EXPECT_EQ(shop.Cpu(60).usage, 90);
  EXPECT_EQ(shop.Memory(60).replicas, 6);
}

TEST(HpaRules, ThePercentageIsTruncatedToAnInteger) {
  // 89.8 % is 89 %, which is within the tolerance of 81 %; 90 % would not be.
  EXPECT_EQ(Deployment(10, 0.898).Cpu(81).usage, 89);
  EXPECT_EQ(Deployment(10, 0.898).Cpu(81).replicas, 10);
  EXPECT_EQ(Deployment(10, 0.9).Cpu(81).replicas, 12);
}

TEST(HpaRules, AmountsAreThousandthsThatRoundUp) {
  EXPECT_EQ(HpaMilli(0.3), 300);
  EXPECT_EQ(HpaMilli(0.3001), 301);
  EXPECT_EQ(HpaMilli(0), 0);
  EXPECT_GT(HpaMilli(1e300), 0);
}

TEST(HpaRules, WithinTheToleranceNothingChanges) {
  EXPECT_EQ(Deployment(10, 0.55).Cpu(50).replicas, 10);
  EXPECT_EQ(Deployment(10, 0.56).Cpu(50).replicas, 12);
  EXPECT_EQ(Deployment(10, 0.45).Cpu(50).replicas, 10);
  EXPECT_EQ(Deployment(10, 0.44).Cpu(50).replicas, 9);
}

TEST(HpaRules, TheTolerancesMayDiffer) {
  Deployment shop(10, 0.56);
  shop.settings.tolerance_up = 0.2;
  EXPECT_EQ(shop.Cpu(50).replicas, 10);
  shop.settings.tolerance_up = 0;
  EXPECT_EQ(shop.Cpu(50).replicas, 12);
}

TEST(HpaRules, PodsThatEndOrHaveFailedAreAsIfTheyWereNotThere) {
  Deployment shop(4, 0.9);
  shop.Add(Deployment::Using(0)).terminating = true;
  shop.Add(Deployment::Using(0)).phase = Pod::Phase::kFailed;
  EXPECT_EQ(shop.Cpu(60).replicas, 6);
}

TEST(HpaRules, APodWithoutASampleCountsAsIdleOnTheWayUp) {
  Deployment shop(4, 1.2);
  shop.AddMissing();
  EXPECT_EQ(shop.Cpu(60).replicas, 8);  // 480 % over five pods: 96 %, and not 120 % of four.
}

TEST(HpaRules, APodWithoutASampleCountsAsFullOnTheWayDown) {
  Deployment shop(4, 0.3);
  shop.AddMissing();
  EXPECT_EQ(shop.Cpu(60).replicas, 4);  // 220 % over five pods: 44 %.
}

TEST(HpaRules, WhereTheTargetIsMoreThanTheRequestAPodWithoutASampleIsAtTheTarget) {
  Deployment shop(1, 0.6);
  shop.AddMissing();
  EXPECT_EQ(shop.Cpu(200).replicas, 2);  // 260 % over two pods; 160 % would fit one.
}

TEST(HpaRules, WhatIsNotKnownNeverTurnsTheDirection) {
  Deployment up(1, 0.9);
  up.AddMissing();
  up.AddMissing();
  EXPECT_EQ(up.Cpu(60).replicas, 3);  // 30 % would be a reason to have fewer.
  Deployment down(1, 0.3);
  down.AddMissing();
  down.AddMissing();
  EXPECT_EQ(down.Cpu(50).replicas, 3);  // 76 % would be a reason to have more.
}

TEST(HpaRules, FewerMeasuredPodsNeverTurnTheDirection) {
  Deployment shop(2, 1.5);
  shop.AddMissing();
  for (int i = 0; i < 7; ++i) {
    shop.Add(Deployment::Using(0)).terminating = true;
  }
  // Three pods at 100 % of 80 % want four; ten are there, so that is no way up.
  EXPECT_EQ(shop.Cpu(80).replicas, 10);
}

TEST(HpaRules, PendingPodsCountAsIdleOnTheWayUpOnly) {
  Deployment up(4, 1.2);
  up.AddPending();
  EXPECT_EQ(up.Cpu(60).replicas, 8);
  Deployment down(4, 0.3);
  down.AddPending();
  EXPECT_EQ(down.Cpu(60).replicas, 2);
}

TEST(HpaRules, TheCpuUseOfAPodThatStartsSaysNothing) {
  Deployment shop(4, 0.6);
  shop.AddYoung(minutes(2), 5.0);
  EXPECT_EQ(shop.Cpu(60).replicas, 5);      // Within the tolerance.
  EXPECT_EQ(shop.Memory(60).replicas, 13);  // Its memory counts.
}

TEST(HpaRules, APodThatHasJustBecomeReadyCountsFromItsFirstWholeSampleOn) {
  Deployment shop(4, 0.6);
  auto& pod = shop.AddYoung(minutes(2), 5.0);
  pod.ready = true;
  pod.ready_changed = kHpaNow - seconds(24);  // The sample is of ten seconds ago and took 15 s.
  EXPECT_EQ(shop.Cpu(60).replicas, 5);
  pod.ready_changed = kHpaNow - seconds(25);
  EXPECT_EQ(shop.Cpu(60).replicas, 13);
}

TEST(HpaRules, AfterFiveMinutesOnlyAPodThatWasNeverReadySaysNothing) {
  Deployment shop(4, 0.6);
  auto& pod = shop.AddYoung(minutes(5), 5.0);
  EXPECT_EQ(shop.Cpu(60).replicas, 5);
  pod.ready_changed = *pod.started + seconds(30);  // So late, it must have been ready before.
  EXPECT_EQ(shop.Cpu(60).replicas, 13);
}

TEST(HpaRules, ExternalValuesAreARatioOfTheReadyPods) {
  const HpaSettings settings;
  EXPECT_EQ(HpaValue(settings, 4, 3, 2'000, 1'000).replicas, 6);
  EXPECT_EQ(HpaValue(settings, 4, 3, 1'100, 1'000).replicas, 4);
}

TEST(HpaRules, ExternalAveragesAreSharedByThePods) {
  const HpaSettings settings;
  EXPECT_EQ(HpaAverageValue(settings, 4, 90'000, 20'000).replicas, 5);
  EXPECT_EQ(HpaAverageValue(settings, 4, 90'000, 20'000).usage, 22'500);
  EXPECT_EQ(HpaAverageValue(settings, 4, 88'000, 20'000).replicas, 4);  // Within the tolerance.
}

TEST(HpaRules, FromNoReplicasTheRatioIsTheNumber) {
  const HpaSettings settings;
  EXPECT_EQ(HpaValue(settings, 0, {}, 2'500, 1'000).replicas, 3);
  EXPECT_EQ(HpaAverageValue(settings, 0, 2'500, 1'000).replicas, 3);
  EXPECT_EQ(HpaAverageValue(settings, 0, 0, 1'000).replicas, 0);
}

TEST(HpaRules, AverageUseNeedsNoRequests) {
  Deployment shop(4, 0.9);
  for (auto& pod : shop.pods) {
    pod.cpu_request_cores = 0;
  }
  const HpaPods pods{.pods = shop.pods, .now = kHpaNow};
  EXPECT_EQ(HpaAverageUsage(shop.settings, pods, HpaResource::kCpu, 4, 300).replicas, 6);
  EXPECT_EQ(shop.Cpu(60).error, "a pod does not say what it requests");
}

TEST(HpaRules, WithoutPodsOrSamplesThereIsNoAnswer) {
  EXPECT_EQ(Deployment(0).Cpu(60).error, "there are no pods");
  Deployment shop(0);
  shop.AddMissing();
  EXPECT_EQ(shop.Cpu(60).error, "no pod that counts is measured");
  EXPECT_EQ(HpaValue(shop.settings, 2, {}, 2'000, 1'000).error, "there are no pods");
}

TEST(HpaRules, WildMeasurementsGiveManyReplicasAndNoOverflow) {
  Deployment shop(3, 1e30);
  EXPECT_GT(shop.Cpu(60).replicas, 1'000'000);
  EXPECT_GT(shop.Memory(60).replicas, 100'000);
  EXPECT_GT(HpaAverageValue(shop.settings, 3, HpaMilli(1e30), 1).replicas, 1'000'000);
}

}  // namespace
}  // namespace scaler::engine
