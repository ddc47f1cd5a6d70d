#include "scaler/loop/lead_meter.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace scaler::loop {
namespace {

using platform::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;

platform::Replica One(std::string id, Phase phase = Phase::kStarting, std::uint32_t restarts = 0) {
  platform::Replica replica;
  replica.id = std::move(id);
  replica.phase = phase;
  replica.restarts = restarts;
  return replica;
}

class LeadMeterTest : public ::testing::Test {
 protected:
  LeadMeterTest() { shop_.id = {"local", "shop"}; }

  void StartsFor(milliseconds duration) {
    shop_.replicas = {One("shop-" + std::to_string(++number_))};
    meter_.Observe(shop_, now_);
    now_ += duration;
    shop_.replicas[0].phase = Phase::kReady;
    meter_.Observe(shop_, now_);
  }

  common::MonotonicTime now_{seconds(1000)};
  platform::Workload shop_;
  LeadMeter meter_;
  int number_ = 0;
};

TEST_F(LeadMeterTest, TakesTheFirstStartForWhatItIs) {
  EXPECT_EQ(meter_.Replica(), engine::Lead{}.replica);
  StartsFor(milliseconds(150));
  EXPECT_EQ(meter_.Replica(), milliseconds(150));
}

TEST_F(LeadMeterTest, LeavesOutAReplicaThatOnlyPauses) {
  StartsFor(seconds(1));
  shop_.replicas[0].phase = Phase::kStarting;
  shop_.replicas[0].has_served = true;
  meter_.Observe(shop_, now_);
  now_ += seconds(60);
  shop_.replicas[0].phase = Phase::kReady;
  meter_.Observe(shop_, now_);
  EXPECT_EQ(meter_.Replica(), seconds(1));
}

TEST_F(LeadMeterTest, StaysNearTheSlowStarts) {
  StartsFor(seconds(1));
  StartsFor(seconds(11));
  EXPECT_EQ(meter_.Replica(), seconds(11));
  StartsFor(seconds(1));
  EXPECT_EQ(meter_.Replica(), seconds(9));
}

TEST_F(LeadMeterTest, ARestartAfterABackOffIsNoStart) {
  shop_.replicas = {One("shop-1", Phase::kStarting, 1)};
  meter_.Observe(shop_, now_);
  shop_.replicas[0].phase = Phase::kReady;
  meter_.Observe(shop_, now_ + seconds(300));
  EXPECT_EQ(meter_.Replica(), engine::Lead{}.replica);
}

TEST_F(LeadMeterTest, WhoBeginsInTheMiddleOfAStartCountsFromWhenItWasMade) {
  shop_.replicas = {One("shop-1")};
  shop_.replicas[0].created = now_ - seconds(8);
  meter_.Observe(shop_, now_);
  shop_.replicas.push_back(One("shop-2"));
  shop_.replicas[1].created = now_ - seconds(500);  // Its word alone: another clock's.
  now_ += seconds(2);
  meter_.Observe(shop_, now_);
  shop_.replicas[0].phase = Phase::kReady;
  meter_.Observe(shop_, now_);
  EXPECT_EQ(meter_.Measured(), seconds(10));
  now_ += seconds(10);
  shop_.replicas[1].phase = Phase::kReady;
  meter_.Observe(shop_, now_);
  EXPECT_EQ(meter_.Measured(), seconds(10));
}

TEST_F(LeadMeterTest, WhoLooksLateMeasuresWhatThePlatformSaw) {
  meter_.Observe(shop_, now_);
  shop_.replicas = {One("shop-1")};
  shop_.replicas[0].created = now_ + milliseconds(10);
  meter_.Observe(shop_, now_ + milliseconds(60));
  shop_.replicas[0].phase = Phase::kReady;
  shop_.replicas[0].ready_changed = now_ + milliseconds(3010);
  meter_.Observe(shop_, now_ + milliseconds(3048));
  EXPECT_EQ(meter_.Measured(), seconds(3));
}

TEST_F(LeadMeterTest, TakesWhatAnotherHasMeasured) {
  EXPECT_EQ(meter_.Measured(), std::nullopt);
  meter_.Take(seconds(11));
  EXPECT_EQ(meter_.Replica(), seconds(11));
  StartsFor(seconds(1));
  EXPECT_EQ(meter_.Replica(), seconds(9));
}

TEST_F(LeadMeterTest, OneThatNeverBecameReadyIsForgotten) {
  shop_.replicas = {One("shop-1")};
  meter_.Observe(shop_, now_);
  shop_.replicas.clear();
  meter_.Observe(shop_, now_ + seconds(1));
  shop_.replicas = {One("shop-1", Phase::kReady)};
  meter_.Observe(shop_, now_ + seconds(500));
  EXPECT_EQ(meter_.Replica(), engine::Lead{}.replica);
}

}  // namespace
}  // namespace scaler::loop
