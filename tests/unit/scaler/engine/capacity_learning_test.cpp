#include "scaler/engine/capacity_learning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/scaler/engine/shop.h"

namespace scaler::engine {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::DoubleNear;
using ::testing::Optional;

/// Two replicas whose CPU grows with the requests: all of it at 50 requests/s each.
class Worker {
 public:
  LearnedCapacity capacity;
  WorkSample sample;

  Worker() {
    sample.seen = Time(seconds(1'000'000));
    sample.ready_replicas = 2;
    sample.cpu_target = 0.8;
  }

  void Work(double rate, int for_seconds, bool measures_cpu = true) {
    for (int i = 0; i < for_seconds; ++i) {
      sample.seen += seconds(1);
      sample.arrivals_per_second = rate;
      sample.cpu = measures_cpu ? std::optional(rate / 2 / 50) : std::nullopt;
      LearnCapacity(sample, capacity);
    }
  }
};

TEST(LearnedCapacity, IsUnknownUntilAMinutesWorkWasSeen) {
  Worker worker;
  worker.Work(60, 30);
  EXPECT_FALSE(CapacityOf(worker.capacity));
  worker.Work(60, 60);
  EXPECT_THAT(CapacityOf(worker.capacity), Optional(DoubleNear(40, 0.1)));
}

TEST(LearnedCapacity, ALightLoadPromisesNoMoreThanTwiceItself) {
  Worker worker;
  worker.Work(12, 200);
  EXPECT_THAT(CapacityOf(worker.capacity), Optional(DoubleNear(12, 0.1)));
}

TEST(LearnedCapacity, NothingThatTellsALimitLeavesItUnknown) {
  Worker worker;
  worker.Work(60, 300, /*measures_cpu=*/false);
  EXPECT_FALSE(CapacityOf(worker.capacity));
}

TEST(LearnedCapacity, LatencyAloneProvesWhatWasCarriedWell) {
  Worker worker;
  worker.sample.latency_seconds = 0.1;
  worker.sample.latency_bound_seconds = 0.3;
  worker.Work(40, 300, /*measures_cpu=*/false);
  EXPECT_THAT(CapacityOf(worker.capacity), Optional(DoubleNear(20, 0.1)));
  worker.sample.latency_seconds = 0.5;
  worker.Work(44, 300, /*measures_cpu=*/false);
  EXPECT_THAT(CapacityOf(worker.capacity), Optional(DoubleNear(0.95 * 22, 0.1)));
}

TEST(LearnedCapacity, RequestsInFlightSayWhatAReplicaTakes) {
  Worker worker;
  worker.sample.in_flight = 8;  // At 40/s: a request takes 0.2 s, so that 5 at a time are 25/s.
  worker.sample.in_flight_per_replica = 5;
  worker.Work(40, 300, /*measures_cpu=*/false);
  EXPECT_THAT(CapacityOf(worker.capacity), Optional(DoubleNear(25, 0.1)));
}

TEST(LearnedCapacity, NeverJumps) {
  Worker worker;
  worker.Work(60, 100);
  const double before = *CapacityOf(worker.capacity);
  worker.sample.queued = 5;
  worker.Work(10, 1);
  EXPECT_GE(*CapacityOf(worker.capacity), 0.98 * before);
  worker.sample.seen += hours(100);
  worker.Work(10, 1);
  EXPECT_GE(*CapacityOf(worker.capacity), 0.8 * before);
}

TEST(LearnedCapacity, WithoutWorkItRests) {
  Worker worker;
  worker.Work(60, 100);
  const auto before = worker.capacity;
  worker.Work(0, 100);
  EXPECT_EQ(worker.capacity, before);
}

TEST(LearnedCapacity, LetsAShopWakeHoldsItAndThenSizesItByWhatItShowed) {
  Shop shop;
  shop.policy.signals.requests = RequestsSignal{};
  EXPECT_EQ(shop.See(30), 1);
  shop.observation.desired_replicas = 5;
  for (int second = 0; second < 200; ++second) {
    shop.UseCpu(0.2, 5);  // 40 % of what they request, at 6 requests/s each.
    shop.See(30);
    if (second == 10) {
      EXPECT_EQ(shop.last.desired, 5);
    }
  }
  EXPECT_EQ(shop.last.desired, 3);
}

}  // namespace
}  // namespace scaler::engine
