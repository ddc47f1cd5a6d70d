#include "scaler/kubernetes/policies/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scaler::kubernetes::policies {
namespace {

using ::testing::HasSubstr;

ObjectStatus Full() {
  ObjectStatus status;
  status.observed_generation = 3;
  status.target = "web";
  status.mode = "active";
  status.workloads = 2;
  status.current = 5;
  status.desired = 6;
  status.conditions = {{"Ready", "True", "AsWanted", "2 workloads"},
                       {"Valid", "True", "Read", "no problems"}};
  status.last_decision = LastDecision{"2026-01-02T03:04:05Z", "shops/web", "scaled", 2, 3, "<cpu>"};
  status.problems = {"a", "b"};
  return status;
}

/// What the server has after the patch.
std::string Stored(const std::string& patch) {
  const auto begin = patch.find(R"({"status":)") + 10;
  return patch.substr(begin, patch.size() - begin - 1);
}

TEST(Status, ComesBackAsItWasWritten) {
  const auto seen = ReadStatus(Stored(StatusPatch(Full(), {}, "2026-01-02T03:04:06Z")));
  EXPECT_EQ(seen.fingerprint, FingerprintOf(Full()));
  EXPECT_EQ(Unpack(seen.transitions).at("Ready").at, "2026-01-02T03:04:06Z");
}

TEST(Transitions, ComeBackAsTheyWerePacked) {
  const Transitions all = {{"Held", {"False", "2026-01-02T03:04:05Z"}},
                           {"Ready", {"True", "2026-01-02T03:04:06Z"}}};
  EXPECT_EQ(Unpack(Pack(all)), all);
  EXPECT_EQ(Unpack(Pack({})), Transitions());
}

TEST(Transitions, LeaveOutWhatSomebodyElseHasMadeOfThem) {
  EXPECT_EQ(Pack({{"Two words", {"True", "t"}},
                  {"", {"True", "t"}},
                  {"Ready", {"a\nb", "t"}},
                  {"Held", {"True", ""}}}),
            "");
}

TEST(Status, OfNothingComesBackToo) {
  const ObjectStatus nothing;
  EXPECT_EQ(ReadStatus(Stored(StatusPatch(nothing, {}, "t"))).fingerprint, FingerprintOf(nothing));
  EXPECT_NE(FingerprintOf(nothing), FingerprintOf(Full()));
}

TEST(Status, KeepsTheTimeOfAConditionThatStays) {
  auto status = Full();
  const auto before = TransitionsOf(status, {}, "then");
  status.conditions[0].status = "False";
  const auto after = TransitionsOf(status, before, "now");
  EXPECT_EQ(after.at("Ready").at, "now");
  EXPECT_EQ(after.at("Valid").at, "then");
}

TEST(Status, TakesAwayWhatItDoesNotHaveAnyMore) {
  const auto patch = StatusPatch({}, {}, "now");
  EXPECT_THAT(patch, HasSubstr(R"("lastDecision":null)"));
  EXPECT_THAT(patch, HasSubstr(R"("problems":null)"));
  EXPECT_THAT(patch, HasSubstr(R"("workloads":null)"));
}

TEST(Status, OfAnotherShapeIsNoneOfOurs) {
  for (const auto* const json :
       {"", "[", "5", "[]", R"({"conditions":5,"lastDecision":[],"problems":{}})",
        R"({"conditions":[5,{"type":7}],"lastDecision":{"from":"x"},"problems":[1]})"}) {
    EXPECT_NE(ReadStatus(json).fingerprint, FingerprintOf(Full())) << json;
  }
}

}  // namespace
}  // namespace scaler::kubernetes::policies
