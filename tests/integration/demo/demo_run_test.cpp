// The demo as a newcomer runs it, for a minute, and what it must show.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <map>

#include "integration/demo/demo_process.h"
#include "tests/demo/traffic/course.h"

namespace demo {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using ::testing::IsEmpty;

/// One run of a minute for all tests here.
class DemoRun : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    DemoProcess run({"--for", "60s"});
    const auto ending = run.AwaitEnd(seconds(200));
    said_ = ReadAll(run.Log());
    EXPECT_EQ(ending, "exit code 0") << said_;
    leftovers_ = run.Leftovers();
    const auto text = ReadAll(run.SummaryFile());
    boost::system::error_code error;
    summary_ = json::parse(text, error);
    ASSERT_FALSE(error) << "no summary: " << text << said_;
    // What a failure needs to be understood, and a look at how good it was otherwise.
    std::cout << text;
  }

  static const json::value& At(std::string_view pointer) { return summary_.at_pointer(pointer); }
  static int NumberAt(std::string_view pointer) { return At(pointer).to_number<int>(); }

  // NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
  static inline json::value summary_;
  static inline std::string said_;
  static inline std::vector<std::string> leftovers_;
  // NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)
};

TEST_F(DemoRun, EveryFailedRequestWasInjected) {
  EXPECT_GT(NumberAt("/requests/sent"), 2500);
  EXPECT_EQ(NumberAt("/requests/lost_to_scaling"), 0);
  EXPECT_EQ(NumberAt("/requests/failed_by_cause/other"), 0);
  EXPECT_EQ(NumberAt("/requests/failed"),
            NumberAt("/requests/failed_by_cause/injected") +
                NumberAt("/requests/failed_by_cause/lost_to_reclaim"));
  EXPECT_EQ(
      NumberAt("/requests/sent"),
      NumberAt("/requests/answered") + NumberAt("/requests/waking") + NumberAt("/requests/failed"));
  // Three shops with three visitors a second each, which are away for some seconds.
  EXPECT_LT(NumberAt("/requests/failed"), 100);
}

TEST_F(DemoRun, PrometheusHasAsManyRequestsAsTheVisitors) {
  EXPECT_EQ(NumberAt("/requests_counted/in_prometheus"), NumberAt("/requests_counted/by_visitors"));
  EXPECT_EQ(NumberAt("/requests_counted/resets"), 0);
}

TEST_F(DemoRun, ATenfoldStepIsDecidedInTwoSecondsAndServedByNewReplicas) {
  const auto& steps = At("/load_steps").as_array();
  EXPECT_GE(steps.size(), 2U);
  for (const auto& step : steps) {
    SCOPED_TRACE(json::serialize(step));
    ASSERT_TRUE(step.at("decision_seconds").is_double());
    ASSERT_TRUE(step.at("serving_seconds").is_double());
    EXPECT_LT(step.at("decision_seconds").as_double(), 2);
    // A shop starts in a moment: what is decided serves soon.
    EXPECT_LT(step.at("serving_seconds").as_double(), 4);
  }
}

TEST_F(DemoRun, AFallIsFollowedDown) { EXPECT_GE(NumberAt("/scale_downs"), 2); }

TEST_F(DemoRun, IdleShopsReachZeroAndWake) {
  std::map<std::string, int> wakes;
  for (const auto& wake : At("/wakes").as_array()) {
    SCOPED_TRACE(json::serialize(wake));
    ++wakes[std::string(wake.at("tenant").as_string())];
    // The waking page returns once a second.
    EXPECT_LE(wake.at("refused").to_number<double>(), wake.at("seconds").to_number<double>() + 1.5);
  }
  for (const auto& tenant : DemoCourse().tenants) {
    if (tenant.phases.empty()) {
      EXPECT_EQ(wakes[tenant.name], 2) << tenant.name << " sleeps, is visited, sleeps, is visited";
    }
  }
  EXPECT_GE(NumberAt("/scaled_to_zero"), 32);
  EXPECT_THAT(At("/still_waking").as_array(), IsEmpty());
}

TEST_F(DemoRun, EachFaultIsCountedUnderItsOwnReason) {
  EXPECT_EQ(NumberAt("/restarts/app_error"), 1);
  EXPECT_EQ(NumberAt("/restarts/health_check"), 1);
  EXPECT_EQ(NumberAt("/restarts/oom_killed"), AreCgroupsPossible() ? 1 : 0);
}

TEST_F(DemoRun, TheOomKillRaisesAnAlert) {
  if (!AreCgroupsPossible()) {
    GTEST_SKIP() << "nothing limits memory here: cgroups cannot be made";
  }
  const auto& alerts = At("/alerts_received").as_array();
  const bool received = std::any_of(alerts.begin(), alerts.end(), [](const json::value& alert) {
    const auto name = std::string(alert.at("alertname").as_string());
    const auto* const workload = alert.at("labels").as_object().if_contains("workload");
    return name == "ContainerOOMKilled" && workload != nullptr && *workload == "shop-06";
  });
  EXPECT_TRUE(received) << json::serialize(alerts);
}

TEST_F(DemoRun, ANodeThatIsTakenWithNoticeLosesNothing) {
  if (!AreCgroupsPossible()) {
    GTEST_SKIP() << "without cgroups it cannot be told who is on which node";
  }
  const auto& reclaims = At("/capacity/reclaims").as_array();
  EXPECT_THAT(At("/capacity/problems").as_array(), IsEmpty());
  ASSERT_EQ(reclaims.size(), 2U);
  const auto& noticed = reclaims[1];
  SCOPED_TRACE(json::serialize(noticed));
  EXPECT_EQ(noticed.at("notice_seconds").to_number<double>(), 8);
  EXPECT_GT(noticed.at("replicas").to_number<int>(), 0);
  EXPECT_EQ(noticed.at("requests_lost").to_number<int>(), 0);
  ASSERT_FALSE(noticed.at("emptied_seconds").is_null());
  EXPECT_LT(noticed.at("emptied_seconds").to_number<double>(), 8);
  EXPECT_EQ(NumberAt("/capacity/drain_deadline_missed"), 0);
}

/// What was under way on the node may be lost, and nothing of the shops that are never on spot.
TEST_F(DemoRun, ANodeThatIsTakenWithoutNoticeLosesAtMostWhatWasUnderWay) {
  if (!AreCgroupsPossible()) {
    GTEST_SKIP() << "without cgroups it cannot be told who is on which node";
  }
  const auto& reclaims = At("/capacity/reclaims").as_array();
  ASSERT_FALSE(reclaims.empty());
  const auto& taken = reclaims[0];
  SCOPED_TRACE(json::serialize(taken));
  EXPECT_EQ(taken.at("notice_seconds").to_number<double>(), 0);
  EXPECT_GT(taken.at("replicas").to_number<int>(), 0);
  for (const auto& tenant : taken.at("tenants").as_array()) {
    EXPECT_GT(tenant.as_string(), "shop-03") << "a critical shop was on spot";
  }
  EXPECT_EQ(NumberAt("/capacity/requests_lost"),
            NumberAt("/requests/failed_by_cause/lost_to_reclaim"));
  for (const auto& loss : At("/losses").as_array()) {
    EXPECT_GT(loss.at("tenant").as_string(), "shop-03") << json::serialize(loss);
  }
}

TEST_F(DemoRun, OnDemandStandsInForSpotAndSpotComesBack) {
  const auto& fallback = At("/capacity/fallback_seconds").as_array();
  ASSERT_FALSE(fallback.empty());
  for (const auto& began : fallback) {
    EXPECT_LT(began.to_number<double>(), 5);
  }
  EXPECT_FALSE(At("/capacity/return_seconds").as_array().empty());
  EXPECT_GT(At("/capacity/spare_ok_share").to_number<double>(), 0.3);
  EXPECT_LT(At("/capacity/cost_share_of_on_demand").to_number<double>(), 0.9);
}

TEST_F(DemoRun, NothingIsLeftBehind) {
  EXPECT_THAT(At("/left_behind").as_array(), IsEmpty());
  EXPECT_THAT(leftovers_, IsEmpty());
}

class DemoInterrupted : public ::testing::TestWithParam<int> {};

TEST_P(DemoInterrupted, LeavesNothing) {
  DemoProcess run({});
  ASSERT_TRUE(run.AwaitWords("5 s: ", seconds(60))) << ReadAll(run.Log());

  run.Signal(GetParam());

  EXPECT_EQ(run.AwaitEnd(seconds(60)), "exit code 0") << ReadAll(run.Log());
  EXPECT_THAT(run.Leftovers(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Signals, DemoInterrupted, ::testing::Values(SIGINT, SIGTERM),
                         [](const auto& test) {
                           return test.param == SIGINT ? "CtrlC" : "Terminated";
                         });

TEST(DemoStart, AnInterruptionWhileItStartsLeavesNothing) {
  DemoProcess run({});
  ASSERT_TRUE(run.AwaitWords("Waiting for", seconds(30))) << ReadAll(run.Log());

  run.Signal(SIGTERM);

  EXPECT_EQ(run.AwaitEnd(seconds(60)), "exit code 130") << ReadAll(run.Log());
  EXPECT_THAT(run.Leftovers(), IsEmpty());
}

}  // namespace
}  // namespace demo
