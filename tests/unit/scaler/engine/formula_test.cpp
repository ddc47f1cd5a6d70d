#include "scaler/engine/formula.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scaler/engine/need.h"
#include "unit/scaler/engine/shop.h"

namespace scaler::engine {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

/// a is 3, b is 4, my-queue.of_2 is 5.
std::optional<double> Some(std::string_view name) {
  return name == "a"               ? std::optional(3.0)
         : name == "b"             ? std::optional(4.0)
         : name == "my-queue.of_2" ? std::optional(5.0)
                                   : std::nullopt;
}

double Value(std::string_view formula) {
  const auto result = EvaluateFormula(formula, Some);
  EXPECT_EQ(result.problem, "") << formula;
  return result.value;
}

TEST(Formula, ReckonsAsOneLearnsAtSchool) {
  EXPECT_EQ(Value("a"), 3);
  EXPECT_EQ(Value("a + b * 2"), 11);
  EXPECT_EQ(Value("(a + b) * 2"), 14);
  EXPECT_EQ(Value("a - b - 1"), -2);
  EXPECT_EQ(Value("12 / 2 / 3"), 2);
  EXPECT_EQ(Value(" 1.5*b "), 6);
  EXPECT_EQ(Value("0.125 * 2. + 10"), 10.25);
  EXPECT_EQ(Value("my-queue.of_2 - 1"), 4);
  EXPECT_EQ(Value("max(a, b)"), 4);
  EXPECT_EQ(Value("min(a, max(b, 1), 2.5)"), 2.5);
  EXPECT_EQ(Value("max(a)"), 3);
}

struct Wrong {
  std::string formula;
  std::size_t at;
  std::string problem;
};

TEST(Formula, SaysWhatIsWrongAndWhere) {
  for (const auto& [formula, at, problem] :
       {Wrong{"", 0, "expected a number, the name"}, Wrong{"a +", 3, "expected a number, the name"},
        Wrong{"a b", 2, "expected +, -, * or /"}, Wrong{"max(a, c)", 7, "there is no signal c"},
        Wrong{"a-b", 0, "there is no signal a-b"},
        Wrong{"avg(a, b)", 0, "there is no function avg; there are min and max"},
        Wrong{"a / b", 4, "can only be divided by a number"},
        Wrong{"a / 0.0", 4, "cannot be divided by 0"}, Wrong{"(a", 2, "expected )"},
        Wrong{"max(a; b)", 5, "expected , or )"}, Wrong{"-a", 0, "expected a number, the name"},
        Wrong{"max(1, c, 1)", 7, "there is no signal c"},
        Wrong{std::string(kLongestFormula + 1, '1'), 0, "is longer than 512 bytes"},
        Wrong{std::string(200, '('), 32, "too many parentheses"}}) {
    const auto result = EvaluateFormula(formula, Some);
    EXPECT_THAT(result.problem, HasSubstr(problem)) << formula;
    EXPECT_EQ(result.at, at) << formula;
  }
}

/// Requests need one replica for 20/s, the queue one for 10.
class WithFormula : public ::testing::Test {
 protected:
  WithFormula() {
    shop.policy.signals.external = {{"queue", ExternalSignal::Kind::kPerReplica, 10, "sum(queue)"}};
  }

  int SeeBoth(double rate, double queued) {
    const auto at = shop.observation.now + std::chrono::seconds(1);
    shop.observation.external = {{"queue", {queued, at}}};
    return shop.See(rate);
  }

  Shop shop;
};

TEST_F(WithFormula, NeedsAreAddedWhereItSaysSo) {
  EXPECT_EQ(SeeBoth(45, 20), 3) << "the largest, where there is no formula";
  shop.policy.formula = "requests + queue";
  EXPECT_EQ(SeeBoth(45, 20), 5);
  EXPECT_THAT(shop.last.recommendations, Contains(Recommendation{"formula", 5, 0, 5}));
}

TEST_F(WithFormula, PartsOfReplicasAreRoundedUpAndLessThanNoneIsNone) {
  shop.policy.formula = "queue * 1.1";
  EXPECT_EQ(SeeBoth(1, 20), 3);
  shop.policy.formula = "requests - 100";
  shop.policy.behavior.scale_down.stabilization_window = {};
  EXPECT_EQ(SeeBoth(1, 20), 1) << "somebody wants something";
}

TEST_F(WithFormula, NoNumberIsTooLargeForIt) {
  const auto huge = std::string(200, '9') + " * " + std::string(200, '9');
  for (const auto& formula : {huge, huge + " - " + huge.substr(0, 90), "requests + 0." + huge}) {
    shop.policy.formula = formula;
    SeeBoth(45, 20);
    EXPECT_LE(shop.last.desired, shop.policy.replicas.max) << formula;
    EXPECT_GE(shop.last.desired, shop.policy.replicas.min) << formula;
  }
}

TEST_F(WithFormula, WhatIsMissingInItLeavesTheNumber) {
  shop.policy.formula = "requests + queue";
  SeeBoth(45, 20);
  shop.observation.external.clear();
  EXPECT_EQ(shop.See(200), 5) << "nobody knows what the sum is";
  EXPECT_THAT(shop.last.left_out, Contains(LeftOut{"formula", "queue is missing"}));
  EXPECT_EQ(SeeBoth(45, 50), 8);
}

TEST_F(WithFormula, WhatItDoesNotNameChangesNothingButKeepsAwake) {
  shop.policy.formula = "requests";
  EXPECT_EQ(SeeBoth(19, 70), 1);
  for (int second = 0; second < 20; ++second) {
    EXPECT_EQ(SeeBoth(0, 70), 1) << "there is something to do";
  }
}

TEST_F(WithFormula, TroubleOfItsOwnRaisesNothing) {
  shop.policy.signals.queued = CountSignal{1};
  shop.policy.formula = "max(requests, queued)";
  SeeBoth(45, 0);
  auto& pods = shop.observation.pods;
  pods.assign(3, Pod());
  pods[0].last_end = Pod::End::kError;
  pods[0].last_end_at = shop.observation.now;
  pods[0].restarts = 3;
  for (auto& pod : pods) {
    pod.ready = &pod != pods.data();
  }
  shop.observation.now += std::chrono::seconds(1);
  shop.observation.demand = Sampled<Demand>{{70, 0, 9}, shop.observation.now};
  EXPECT_EQ(shop.Decide(), 4) << "requests alone; the queue grows because one of three is down";
}

TEST(CheckFormula, KnowsTheSignalsOfThePolicyByTheWordsOfPolicies) {
  Signals signals;
  signals.in_flight = CountSignal{3};
  EXPECT_EQ(CheckFormula("inFlight * 2", signals).problem, "");
  EXPECT_EQ(CheckFormula("cpu", signals).problem, "there is no signal cpu");
  EXPECT_EQ(CheckFormula("in_flight", signals).problem, "there is no signal in_flight");
}

}  // namespace
}  // namespace scaler::engine
