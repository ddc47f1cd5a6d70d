#include "tests/demo/stage/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace demo {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

Summary Example() {
  Summary summary;
  summary.seconds = 60;
  summary.totals.sent = 100;
  summary.totals.answered = 95;
  summary.totals.waking = 3;
  summary.totals.failed = {{Cause::kInjected, 1}, {Cause::kLostToScaling, 1}};
  summary.totals.failed_by_fate = {{"reset", 2}};
  summary.totals.scale_downs = 4;
  summary.load_steps = {{.tenant = "shop-04",
                         .began = MonotonicTime(),
                         .decision_seconds = 0.75,
                         .serving_seconds = std::nullopt}};
  summary.wakes = {
      {.tenant = "shop-09", .seconds = 1.0625, .decision_seconds = 0.25, .refused = 2}};
  summary.restarts = {{"oom_killed", 1}, {"completed", 2}};
  summary.alerts_received = {{.labels = {{"alertname", "OomKilled"}, {"workload", "shop-06"}},
                              .annotations = {},
                              .state = "active",
                              .starts_at = "2024-01-01T00:00:00Z"}};
  summary.counted = {.by_visitors = 98, .in_prometheus = 98, .resets = 0};
  summary.history = {.seen = 7, .forgotten = 0, .broken = 0, .held = 2};
  summary.complaints = {"agent: it has fallen silent"};
  FaultSummary fault{
      .plan = {.at = std::chrono::seconds(12), .kind = FaultKind::kKill, .part = "scaler"},
      .began_seconds = 12.25,
      .back_seconds = 14.5};
  fault.gap.answered = 40;
  fault.gap.failed = {{Cause::kInjected, 3}};
  fault.gap.failed_by_fate = {{"refused", 3}};
  fault.replicas = ReplicaChanges{.before = 8, .same = 7, .ended = {"shop-07-1"}, .twice = {}};
  summary.faults = {fault};
  summary.left_behind = {"cgroup /sys/fs/cgroup/memory/x"};
  return summary;
}

TEST(SummaryJson, HasEveryKey) {
  const auto parsed = json::parse(ToJson(Example()));

  EXPECT_EQ(parsed.at_pointer("/requests/sent").to_number<int>(), 100);
  EXPECT_EQ(parsed.at_pointer("/requests/answered").to_number<int>(), 95);
  EXPECT_EQ(parsed.at_pointer("/requests/waking").to_number<int>(), 3);
  EXPECT_EQ(parsed.at_pointer("/requests/failed").to_number<int>(), 2);
  EXPECT_EQ(parsed.at_pointer("/requests/lost_to_scaling").to_number<int>(), 1);
  EXPECT_EQ(parsed.at_pointer("/requests/failed_by_cause/other").to_number<int>(), 0);
  EXPECT_EQ(parsed.at_pointer("/load_steps/0/tenant"), "shop-04");
  EXPECT_EQ(parsed.at_pointer("/load_steps/0/decision_seconds"), 0.75);
  EXPECT_TRUE(parsed.at_pointer("/load_steps/0/serving_seconds").is_null());
  EXPECT_EQ(parsed.at_pointer("/scale_downs").to_number<int>(), 4);
  EXPECT_EQ(parsed.at_pointer("/wakes/0/tenant"), "shop-09");
  EXPECT_EQ(parsed.at_pointer("/wakes/0/refused").to_number<int>(), 2);
  EXPECT_EQ(parsed.at_pointer("/restarts/oom_killed").to_number<int>(), 1);
  EXPECT_EQ(parsed.at_pointer("/restarts/app_error").to_number<int>(), 0);
  EXPECT_EQ(parsed.at_pointer("/restarts/health_check").to_number<int>(), 0);
  EXPECT_EQ(parsed.at_pointer("/alerts_received/0/alertname"), "OomKilled");
  EXPECT_EQ(parsed.at_pointer("/requests_counted/in_prometheus").to_number<int>(), 98);
  EXPECT_EQ(parsed.at_pointer("/decisions/held").to_number<int>(), 2);
  EXPECT_EQ(parsed.at_pointer("/complaints/0"), "agent: it has fallen silent");
  EXPECT_EQ(parsed.at_pointer("/faults/0/kind"), "kill");
  EXPECT_EQ(parsed.at_pointer("/faults/0/back_seconds"), 14.5);
  EXPECT_EQ(parsed.at_pointer("/faults/0/failed_by_cause/injected").to_number<int>(), 3);
  EXPECT_EQ(parsed.at_pointer("/faults/0/failed_by_fate/refused").to_number<int>(), 3);
  EXPECT_EQ(parsed.at_pointer("/faults/0/replicas/ended/0"), "shop-07-1");
  EXPECT_EQ(parsed.at_pointer("/left_behind/0"), "cgroup /sys/fs/cgroup/memory/x");
}

TEST(SummaryJson, OfNothingIsComplete) {
  const auto parsed = json::parse(ToJson(Summary{}));

  EXPECT_EQ(parsed.at_pointer("/requests/failed").to_number<int>(), 0);
  EXPECT_TRUE(parsed.at_pointer("/wakes").as_array().empty());
  EXPECT_TRUE(parsed.at_pointer("/left_behind").as_array().empty());
}

TEST(SummaryText, TellsWhatMatters) {
  const auto text = ToText(Example());

  EXPECT_THAT(text, HasSubstr("100 sent in 60 s"));
  EXPECT_THAT(text, HasSubstr("Tenfold load on shop-04: decided after 0.75 s, served by a new "
                              "replica after never"));
  EXPECT_THAT(text, HasSubstr("OomKilled shop-06"));
  EXPECT_THAT(text, HasSubstr("98 by visitors, 98 in Prometheus, 0 counter resets"));
  EXPECT_THAT(text, HasSubstr("kill of scaler at 12.2 s, ready again 2.2 s later; in the gap 40 "
                              "answered, 3 failed (injected), 3 refused; 7 of 8 replicas"));
  EXPECT_THAT(text, HasSubstr("Left behind (removed now): cgroup"));
}

}  // namespace
}  // namespace demo
