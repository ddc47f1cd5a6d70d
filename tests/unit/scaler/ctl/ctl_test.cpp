#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/ctl/show.h"
#include "scaler/ctl/table.h"

namespace scaler::ctl {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(Ctl, ColumnsLineUpByCharactersNotBytes) {
  EXPECT_EQ(FormatTable({{"NAME", "X"}, {"sh\xC3\xB6p", "1"}, {"a", ""}}),
            "NAME  X\nsh\xC3\xB6p  1\na\n");
}

TEST(Ctl, AgesAreSaidAsPeopleSayThem) {
  EXPECT_EQ(FormatAge(0.9), "0s");
  EXPECT_EQ(FormatAge(192), "3m12s");
  EXPECT_EQ(FormatAge(7200), "2h");
  EXPECT_EQ(FormatAge(270'000), "3d3h");
  EXPECT_EQ(FormatAge(-5), "0s");
}

TEST(Ctl, StatusIsATableWithAgentsAndProblems) {
  const auto table = ShowStatus(R"({"workloads":[{"namespace":"local","name":"shop","desired":4,
      "ready":1,"policy":"local/shops","signal":"requests 80.0/s at 20.0/s","problem":"",
      "last_decision":{"outcome":"scaled","from":1,"to":4,"age_seconds":3.2},
      "replicas":[{"restarts":2},{"restarts":1}]}],
      "agents":[{"address":"127.0.0.1:9105","name":"","connected":false,"problem":"refused"}],
      "problems":["a.yaml:1:2: replicas: too few"]})");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_THAT(*table, HasSubstr("local/shop  1/4    3"));
  EXPECT_THAT(*table, HasSubstr("scaled 1 -> 4"));
  EXPECT_THAT(*table, HasSubstr("agent 127.0.0.1:9105: NOT CONNECTED: refused\n"));
  EXPECT_THAT(*table, HasSubstr("problem: a.yaml:1:2: replicas: too few\n"));
}

TEST(Ctl, StatusSaysThatItIsFrozenBeforeAnythingElse) {
  const auto table = ShowStatus(
      R"({"workloads":[],"agents":[],"problems":[],"freeze":{"reason":"storm","since":"T"}})");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_THAT(*table, ::testing::StartsWith("FROZEN since T: storm"));
}

TEST(Ctl, AStatusWithoutWorkloadsAgentsOrProblemsIsShown) {
  const auto table = ShowStatus("{}");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_EQ(*table, "no workloads\n\n");
  EXPECT_TRUE(ShowStatus(R"({"workloads":[{}],"agents":7,"problems":null})"));
}

TEST(Ctl, AnAnswerThatIsNoStatusIsAnError) {
  EXPECT_FALSE(ShowStatus("[]"));
  EXPECT_FALSE(ShowStatus("<html>"));
  EXPECT_FALSE(ParseDecisions("{}"));
  EXPECT_FALSE(ParseDecisions(R"({"decisions":[{"id":1}]})"));
}

/// What the API answers for one decision of a shop that is short of replicas and capped.
std::string Answer() {
  codec::Line line;
  line.workload = "local/shop";
  line.policy.name = "local/shops";
  line.policy.replicas = {.min = 1, .max = 3};
  line.policy.signals.requests = engine::RequestsSignal{20};
  line.observation.now = engine::Time(seconds(100));
  line.observation.desired_replicas = 1;
  line.observation.ready_replicas = 1;
  line.observation.demand = engine::Sampled<engine::Demand>{{80.25, 3, 1}, line.observation.now};
  line.observation.left_out = {{"cpu", "no agent measures a ready replica"}};
  line.decision = engine::Decide(line.policy, line.state, line.observation).decision;
  return R"({"decisions":[{"id":7,"time_ms":100000,"line":)" + codec::EncodeLine(line) + "}]}";
}

TEST(ShowStatus, SaysWhomAScalerFollows) {
  const auto of = [](const std::string& leadership) {
    return ShowStatus(R"({"leadership":)" + leadership + "}").value();
  };
  EXPECT_THAT(of(R"({"leads":false,"self":"scaler-b_1f","leader":"scaler-a_2e","problem":""})"),
              testing::StartsWith("FOLLOWER: scaler-b follows scaler-a, which alone writes\n\n"));
  EXPECT_THAT(of(R"({"leads":false,"self":"scaler-b_1f","leader":"","problem":"no lease"})"),
              testing::StartsWith("FOLLOWER: scaler-b writes nothing, and nobody leads: no lease"));
  EXPECT_THAT(of(R"({"leads":true,"self":"scaler-b_1f","leader":"scaler-b_1f"})"),
              testing::Not(testing::HasSubstr("FOLLOWER")));
  EXPECT_THAT(of("null"), testing::Not(testing::HasSubstr("FOLLOWER")));
}

TEST(Ctl, ExplainNamesInputsRulesAndWhatWasLeftOut) {
  const auto decisions = ParseDecisions(Answer());
  ASSERT_TRUE(decisions) << decisions.error().what;
  ASSERT_EQ(decisions->size(), 1U);
  EXPECT_TRUE(codec::Replays(decisions->front().line)) << "exact through the API";

  const auto text = Explain(decisions->front(), common::WallTime(seconds(112)));

  EXPECT_THAT(text, HasSubstr("(12s ago)  scaled 1 -> 3  #7\n"));
  EXPECT_THAT(text, HasSubstr("desired 1, ready 1; 80.2 requests/s, 3 in flight, 1 queued\n"));
  EXPECT_THAT(text, HasSubstr("requests: 80.2/s, 20/s a replica -> 5\n"));
  EXPECT_THAT(text, HasSubstr("max: 5 -> 3 (replicas.max)\n"));
  EXPECT_THAT(text, HasSubstr("cpu: no agent measures a ready replica\n"));
}

}  // namespace
}  // namespace scaler::ctl
