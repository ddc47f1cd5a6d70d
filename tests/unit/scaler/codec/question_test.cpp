#include "scaler/codec/question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/codec/codec.h"

namespace scaler::codec {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kShop =
    R"({"policy":{"replicas":{"min":1,"max":9},"objective":{"overload":1},)"
    R"("signals":{"requests":{"per_replica_per_second":20}}},)"
    R"("observation":{"now_ms":1000,"desired_replicas":1,"ready_replicas":1,)"
    R"("demand":{"value":{"arrivals_per_second":90},"at_ms":1000}}})";

std::string Problem(std::string_view from, std::string_view to) {
  std::string text(kShop);
  text.replace(text.find(from), from.size(), to);
  const auto question = DecodeQuestion(text);
  return question ? "none" : question.error().what;
}

TEST(Question, WhatIsNotGivenHasItsDefault) {
  const auto question = DecodeQuestion(kShop);
  ASSERT_TRUE(question) << question.error().what;
  EXPECT_EQ(question->policy.tolerance, 0.1);
  const auto step = engine::Decide(question->policy, question->state, question->observation);
  EXPECT_EQ(step.decision.desired, 5);
  EXPECT_THAT(EncodeStep(step), StartsWith(R"({"state":{)"));
  EXPECT_THAT(EncodeStep(step), HasSubstr(R"("desired":5)"));
}

TEST(Question, TheStateOfAnAnswerIsTheStateOfTheNextQuestion) {
  auto question = DecodeQuestion(kShop).value();
  const auto step = engine::Decide(question.policy, question.state, question.observation);
  const auto answer = EncodeStep(step);
  const auto state = answer.substr(0, answer.find(R"(,"decision")"));
  const auto next = DecodeQuestion(state + "," + std::string(kShop.substr(1)));
  ASSERT_TRUE(next) << next.error().what;
  EXPECT_EQ(next->state, step.state);
}

TEST(Question, ALineOfTheLedgerIsOne) {
  Line line;
  line.policy.signals.requests = engine::RequestsSignal{20};
  line.observation.demand = engine::Sampled<engine::Demand>{{90, 0, 0}, {}};
  const auto question = DecodeQuestion(EncodeLine(line));
  ASSERT_TRUE(question) << question.error().what;
  EXPECT_EQ(question->policy, line.policy);
  EXPECT_EQ(question->observation, line.observation);
}

TEST(Question, SaysWhereItIsWrong) {
  EXPECT_EQ(Problem("\"max\":9", "\"max\":\"9\""), "policy.replicas.max: expected a whole number");
  EXPECT_EQ(Problem("\"max\":9", "\"most\":9"), "policy.replicas.most: there is no such key");
  EXPECT_EQ(Problem("\"max\":9", "\"max\":0"), "policy.replicas: 0 <= min <= max must hold");
  EXPECT_EQ(Problem("second\":20", "second\":0"),
            "policy.signals.requests.per_replica_per_second: must be more than 0");
  EXPECT_EQ(Problem("\"now_ms\":1000", "\"now_ms\":9000000000000000000"),
            "observation.now_ms: out of range");
  EXPECT_EQ(Problem("\"observation\"", "\"seen\""), "observation: expected to be there");
}

}  // namespace
}  // namespace scaler::codec
