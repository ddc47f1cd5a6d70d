#include "scaler/signals/agent_view.h"

#include <gtest/gtest.h>

namespace scaler::signals {
namespace {

using common::signal::ContainerSignal;
using common::signal::Frame;
using common::signal::TenantSignal;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = AgentView::Verdict;

class AgentViewTest : public ::testing::Test {
 protected:
  AgentView view_{seconds(2)};
  common::MonotonicTime now_{seconds(1000)};

  static Frame FrameOf(std::uint64_t sequence, bool full, std::uint64_t arrivals,
                       std::uint64_t epoch = 1) {
    Frame frame;
    frame.agent = "node-1";
    frame.epoch = epoch;
    frame.sequence = sequence;
    frame.full = full;
    TenantSignal tenant;
    tenant.tenant = "shop";
    tenant.arrivals_total = arrivals;
    tenant.in_flight = 2;
    frame.tenants = {tenant};
    return frame;
  }

  Verdict Fold(const Frame& frame, milliseconds later = milliseconds(500)) {
    now_ += later;
    return view_.Fold(frame, now_);
  }
};

TEST_F(AgentViewTest, RatesComeFromTheCounterOverTheWindow) {
  EXPECT_EQ(Fold(FrameOf(1, true, 100)), Verdict::kTaken);
  EXPECT_EQ(view_.FindTenant("shop"), std::nullopt) << "one reading has no rate";
  Fold(FrameOf(2, false, 110));
  Fold(FrameOf(3, false, 120));
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 20);
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->in_flight, 2);
  for (std::uint64_t beat = 4; beat < 8; ++beat) {
    Fold(FrameOf(beat, false, 120));
  }
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 0);
}

TEST_F(AgentViewTest, ATenantThatAFrameDoesNotNameHasNotChanged) {
  Fold(FrameOf(1, true, 0));
  Fold(FrameOf(2, false, 100));
  Frame heartbeat = FrameOf(3, false, 0);
  heartbeat.tenants.clear();
  Fold(heartbeat, seconds(1));
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 100 / 1.5);
}

TEST_F(AgentViewTest, WhileTheIngressIsSilentItsLastWordStaysAndAges) {
  Fold(FrameOf(1, true, 0));
  Fold(FrameOf(2, false, 20), seconds(2));
  const auto told_at = now_;
  auto silent = FrameOf(3, false, 20);
  silent.tenants.front().in_flight.reset();
  Fold(silent);
  Frame heartbeat = FrameOf(4, false, 0);
  heartbeat.tenants.clear();
  Fold(heartbeat, seconds(8));

  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 10);
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->in_flight, 2);
  EXPECT_EQ(view_.FindTenant("shop")->read_at, told_at);
}

TEST_F(AgentViewTest, ASilenceOfTheIngressIsNoFallWhenItAnswersAgain) {
  Fold(FrameOf(1, true, 0));
  Fold(FrameOf(2, false, 20), seconds(2));
  auto silent = FrameOf(3, false, 20);
  silent.tenants.front().in_flight.reset();
  Fold(silent, seconds(10));

  Fold(FrameOf(4, false, 22));
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 10);
  EXPECT_EQ(view_.FindTenant("shop")->read_at, now_);
  Fold(FrameOf(5, false, 34), seconds(1));
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 10);
  Fold(FrameOf(6, false, 46), seconds(1));
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 12) << "a window later";
}

TEST_F(AgentViewTest, WhoHasWaitedForASilentIngressIsNoBurst) {
  Fold(FrameOf(1, true, 0));
  Fold(FrameOf(2, false, 20), seconds(2));
  auto silent = FrameOf(3, false, 20);
  silent.tenants.front().in_flight.reset();
  Fold(silent, seconds(9));

  Fold(FrameOf(4, false, 80), seconds(1));
  Fold(FrameOf(5, false, 130), seconds(1));
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 10);
}

TEST_F(AgentViewTest, AnIngressThatNeverAnsweredTellsNothing) {
  for (std::uint64_t beat = 1; beat < 10; ++beat) {
    auto silent = FrameOf(beat, beat == 1, 0);
    silent.tenants.front().in_flight.reset();
    Fold(silent);
  }
  EXPECT_FALSE(view_.FindTenant("shop"));
}

TEST_F(AgentViewTest, ARepeatChangesNothing) {
  Fold(FrameOf(1, true, 0));
  Fold(FrameOf(2, false, 10));
  EXPECT_EQ(Fold(FrameOf(2, false, 999)), Verdict::kRepeated);
  EXPECT_EQ(Fold(FrameOf(1, true, 999)), Verdict::kRepeated);
  Fold(FrameOf(3, false, 20));
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 20 / 2.0);
}

TEST_F(AgentViewTest, AGapAsksForAFullFrame) {
  Fold(FrameOf(1, true, 0));
  EXPECT_EQ(Fold(FrameOf(3, false, 10)), Verdict::kGap);
  EXPECT_EQ(Fold(FrameOf(4, false, 10)), Verdict::kGap) << "only a full frame helps";
  EXPECT_EQ(Fold(FrameOf(1, true, 20)), Verdict::kTaken) << "a new connection may count anew";
}

TEST_F(AgentViewTest, AStreamThatBeginsWithoutAFullFrameIsAGap) {
  EXPECT_EQ(Fold(FrameOf(1, false, 0)), Verdict::kGap);
}

TEST_F(AgentViewTest, AReconnectWithinTheEpochKeepsTheRate) {
  Fold(FrameOf(1, true, 0));
  Fold(FrameOf(2, false, 10), seconds(1));
  view_.Disconnected();
  EXPECT_EQ(Fold(FrameOf(1, true, 20), seconds(1)), Verdict::kTaken);
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 10);
}

TEST_F(AgentViewTest, ANewEpochHasNoRateUntilItIsKnown) {
  Fold(FrameOf(1, true, 1000));
  Fold(FrameOf(2, false, 1010), seconds(1));
  view_.Disconnected();
  Fold(FrameOf(1, true, 3, 2));
  EXPECT_EQ(view_.FindTenant("shop"), std::nullopt) << "not known is not zero";
  Fold(FrameOf(2, false, 13, 2), seconds(1));
  EXPECT_DOUBLE_EQ(view_.FindTenant("shop")->arrivals_per_second, 10);
  EXPECT_EQ(Fold(FrameOf(9, true, 2000, 1)), Verdict::kRepeated) << "from before the restart";
}

TEST_F(AgentViewTest, WhatAFullFrameDoesNotNameIsGone) {
  Fold(FrameOf(1, true, 0));
  Fold(FrameOf(2, false, 0), seconds(1));
  view_.Disconnected();
  Frame empty = FrameOf(1, true, 0);
  empty.tenants.clear();
  Fold(empty, seconds(1));
  EXPECT_EQ(view_.FindTenant("shop"), std::nullopt);
}

TEST_F(AgentViewTest, ContainersHaveTheirCpuAndEnd) {
  ContainerSignal container;
  container.name_space = "local";
  container.workload = "shop";
  container.replica = "shop-1";
  container.cpu_seconds_total = 5;
  Frame frame = FrameOf(1, true, 0);
  frame.containers = {container};
  Fold(frame);
  ASSERT_EQ(view_.ContainersOf("local", "shop").size(), 1U);
  EXPECT_EQ(view_.ContainersOf("local", "shop").front().cpu_cores, std::nullopt);
  container.cpu_seconds_total = 5.5;
  frame = FrameOf(2, false, 0);
  frame.containers = {container};
  Fold(frame, seconds(1));
  EXPECT_DOUBLE_EQ(view_.ContainersOf("local", "shop").front().cpu_cores.value(), 0.5);
  frame = FrameOf(3, false, 0);
  frame.gone_containers = {ContainerKey(container)};
  Fold(frame);
  EXPECT_TRUE(view_.ContainersOf("local", "shop").empty());
}

}  // namespace
}  // namespace scaler::signals
