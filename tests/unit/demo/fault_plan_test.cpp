#include "tests/demo/stage/fault_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/demo/stage/replicas.h"

namespace demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string WhyNot(const std::vector<std::string>& texts,
                   std::optional<milliseconds> duration = std::nullopt) {
  const auto faults = ParseFaults(texts, duration);
  return faults ? "it was taken" : faults.error().what;
}

TEST(FaultPlan, ReadsEachKindAndSortsByTime) {
  const auto faults = ParseFaults({"30s:rotate:log_writer", "12s:kill:scaler", "20s:pause:agent:8s",
                                   "1500ms:absent:prometheus", "14s:kill:haproxy:2s"},
                                  seconds(60));

  ASSERT_TRUE(faults) << faults.error().what;
  EXPECT_THAT(*faults,
              ElementsAre(PlannedFault{milliseconds(1500), FaultKind::kAbsent, "prometheus", {}},
                          PlannedFault{seconds(12), FaultKind::kKill, "scaler", seconds(1)},
                          PlannedFault{seconds(14), FaultKind::kKill, "haproxy", seconds(2)},
                          PlannedFault{seconds(20), FaultKind::kPause, "agent", seconds(8)},
                          PlannedFault{seconds(30), FaultKind::kRotate, "log_writer", {}}));
}

TEST(FaultPlan, SaysWhatIsWrongAndWhatThereIs) {
  EXPECT_THAT(WhyNot({"12s"}), HasSubstr("TIME:KIND:PART"));
  EXPECT_THAT(WhyNot({"12s:kill:scaler:1s:2s"}), HasSubstr("TIME:KIND:PART"));
  EXPECT_THAT(WhyNot({"soon:kill:scaler"}), HasSubstr("\"soon:kill:scaler\": "));
  EXPECT_THAT(WhyNot({"12s:kil:scaler"}), HasSubstr("there is no fault \"kil\"; there are kill"));
  EXPECT_THAT(WhyNot({"12s:kill:scalar"}),
              HasSubstr("there is no part \"scalar\"; there are agent"));
  EXPECT_THAT(WhyNot({"12s:kill:scaler:x"}), HasSubstr("\"12s:kill:scaler:x\": "));
  EXPECT_THAT(WhyNot({"12s:absent:agent:2s"}), HasSubstr("takes no second time"));
  EXPECT_THAT(WhyNot({"12s:rotate:agent"}), HasSubstr("only log_writer"));
}

TEST(FaultPlan, RefusesWhatOverlapsOrOutlastsTheRun) {
  EXPECT_THAT(WhyNot({"5s:pause:agent", "9s:kill:agent"}), HasSubstr("is not over by then"));
  EXPECT_THAT(WhyNot({"5s:absent:agent", "4s:kill:agent"}), HasSubstr("is not over by then"));
  EXPECT_THAT(WhyNot({"58s:kill:agent:3s"}, seconds(60)), HasSubstr("when the run ends, after 1m"));
  EXPECT_EQ(WhyNot({"5s:pause:agent", "9s:kill:scaler", "11s:kill:agent"}), "it was taken");
}

TEST(ReplicaChangesTest, TellAnotherProcessFromTheSameOne) {
  const Replicas before = {{"a-1", {{10, 100}}}, {"b-1", {{11, 100}}}, {"c-1", {{12, 100}}}};
  const Replicas after = {{"a-1", {{10, 100}}}, {"b-1", {{11, 900}}}, {"d-1", {{13, 1}, {14, 2}}}};

  const auto changes = Compare(before, after);

  EXPECT_EQ(changes.before, 3U);
  EXPECT_EQ(changes.same, 1U);
  EXPECT_THAT(changes.ended, ElementsAre("b-1", "c-1"));
  EXPECT_THAT(changes.twice, ElementsAre("d-1"));
}

TEST(FindReplicas, SeesShopsOnly) { EXPECT_THAT(FindReplicas({1, ::getpid()}), IsEmpty()); }

}  // namespace
}  // namespace demo
