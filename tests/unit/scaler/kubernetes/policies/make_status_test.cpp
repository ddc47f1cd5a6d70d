#include "scaler/kubernetes/policies/make_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "scaler/kubernetes/policies/object_store.h"
#include "unit/scaler/kubernetes/policies/objects_world.h"

namespace scaler::kubernetes::policies {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ObjectRef kWeb{ObjectKind::kScalingPolicy, "shops", "web"};

class MakeStatus : public testing::Test {
 protected:
  void Put(ObjectKind kind, const std::string& name_space, const std::string& name,
           const std::string& spec) {
    const auto json = R"({"metadata":{"generation":4},"spec":)" + spec + "}";
    common::kubernetes::ObjectView view;
    view.name_space = name_space;
    view.name = name;
    view.uid = "u";
    view.json = json;
    EXPECT_TRUE(store_.Put(kind, view));
    auto load = policy::Combine(set_, store_.Sources());
    set_ = std::move(load.set);
    refused_ = std::move(load.problems);
  }

  engine::Decision& Workload(const std::string& name, engine::Outcome outcome, int from, int to) {
    auto workload = std::make_shared<platform::Workload>();
    workload->id = {"shops", name};
    workload->desired = from;
    workload->replicas.resize(static_cast<std::size_t>(from));
    auto decision = std::make_shared<engine::Decision>();
    decision->at = engine::Time(std::chrono::hours(30));
    decision->outcome = outcome;
    decision->current = from;
    decision->desired = to;
    auto& mutable_decision = *decision;
    loop::WorkloadStatus status;
    status.workload = workload;
    status.policy = "shops/web";
    status.decision = decision;
    status.change = decision;
    status_.workloads.push_back(status);
    return mutable_decision;
  }

  ObjectStatus Make(const ObjectRef& ref = kWeb) {
    return StatusMaker(status_, set_, refused_).Make(ref, *store_.Find(ref));
  }

  static std::string Of(const ObjectStatus& status, const std::string& type) {
    for (const auto& condition : status.conditions) {
      if (condition.type == type) {
        return condition.status + " " + condition.reason + ": " + condition.message;
      }
    }
    return "";
  }

  ObjectStore store_;
  policy::PolicySet set_;
  std::vector<common::yaml::Problem> refused_;
  loop::Status status_;
};

TEST_F(MakeStatus, SumsUpAllWorkloadsOfAPolicy) {
  Put(ObjectKind::kScalingPolicy, "shops", "web", SpecFor("web"));
  Workload("a", engine::Outcome::kKept, 2, 2);
  auto& scaled = Workload("b", engine::Outcome::kScaled, 3, 5);
  scaled.at += std::chrono::milliseconds(1500);
  scaled.recommendations = {{"cpu", 0.9, 0.7, 5}};
  const auto status = Make();
  EXPECT_EQ(status.observed_generation, 4);
  EXPECT_EQ(status.target, "web");
  EXPECT_EQ(status.mode, "active");
  EXPECT_EQ(status.workloads, 2);
  EXPECT_EQ(status.current, 5);
  EXPECT_EQ(status.desired, 7);
  EXPECT_EQ(Of(status, "Ready"), "True Scaling: 2 workloads");
  EXPECT_EQ(Of(status, "Valid"), "True Read: ");
  ASSERT_TRUE(status.last_decision);
  EXPECT_EQ(status.last_decision->time, "1970-01-02T06:00:01Z");
  EXPECT_EQ(status.last_decision->workload, "shops/b");
  EXPECT_THAT(status.last_decision->why, HasSubstr("cpu: 90% of the request"));
}

TEST_F(MakeStatus, SaysAllThatIsWrongWithABadPolicy) {
  Put(ObjectKind::kScalingPolicy, "shops", "web", R"({"target":{"nam":"web"},"replicas":{}})");
  const auto status = Make();
  EXPECT_THAT(Of(status, "Valid"), HasSubstr("False Refused: not in force: "));
  EXPECT_THAT(Of(status, "Valid"), HasSubstr("spec.replicas"));
  EXPECT_THAT(Of(status, "Ready"), HasSubstr("False Refused"));
  EXPECT_THAT(status.problems, SizeIs(testing::Gt(1)));
  EXPECT_THAT(status.problems, testing::Each(testing::StartsWith("spec.")));
}

TEST_F(MakeStatus, SaysThatTheLastGoodVersionStaysInForce) {
  Put(ObjectKind::kScalingPolicy, "shops", "web", SpecFor("web"));
  store_.Gone(ObjectKind::kScalingPolicy, {"shops", "web"});
  Put(ObjectKind::kScalingPolicy, "shops", "web", R"({"target":{"nam":"web"}})");
  Workload("a", engine::Outcome::kKept, 2, 2);
  const auto status = Make();
  EXPECT_THAT(Of(status, "Valid"), HasSubstr("the last good version stays in force"));
  EXPECT_EQ(status.workloads, 1);
}

TEST_F(MakeStatus, TellsWhatHoldsAndWhatLimits) {
  Put(ObjectKind::kScalingPolicy, "shops", "web", SpecFor("web"));
  auto& held = Workload("a", engine::Outcome::kHeld, 2, 2);
  held.left_out = {{"requests", "agent n1 is silent"}};
  Workload("b", engine::Outcome::kHeld, 2, 2);
  auto& limited = Workload("c", engine::Outcome::kKept, 5, 5);
  limited.clamps = {{engine::Rule::kMax, 9, 5, 5, {}}};
  const auto status = Make();
  EXPECT_EQ(Of(status, "Held"),
            "True Held: shops/a: requests: agent n1 is silent; and 1 workload more");
  EXPECT_THAT(Of(status, "Ready"), HasSubstr("False Held"));
  EXPECT_EQ(Of(status, "Limited"), "True AtMax: shops/c: max");
}

TEST_F(MakeStatus, TellsWhichGuardHasTheLastWordWithoutWhatMovesWithTheTime) {
  Put(ObjectKind::kScalingPolicy, "shops", "web", SpecFor("web"));
  auto& blue = Workload("blue", engine::Outcome::kKept, 5, 5);
  blue.clamps = {{engine::Rule::kBlueGreenHold, 1, 5, 37, "green"}};
  const auto status = Make();
  EXPECT_EQ(Of(status, "Limited"),
            "True BlueGreenHold: shops/blue: blue_green_hold: kept until green has served for "
            "guards.blueGreen.hold");
  EXPECT_EQ(Of(status, "Ready"), "True Scaling: 1 workload");

  blue.clamps.front().amount = 38;
  EXPECT_EQ(Of(Make(), "Limited"), Of(status, "Limited")) << "or it were written each second";
  blue.clamps = {{engine::Rule::kBlueGreenMatch, 1, 5, 5, "green"}};
  EXPECT_EQ(Of(Make(), "Limited"),
            "True BlueGreenMatch: shops/blue: blue_green_match: green serves, and this one is to "
            "take over from it");
  blue.clamps = {{engine::Rule::kRollout, 4, 5, 1, {}}};
  EXPECT_EQ(Of(Make(), "Limited"), "False WithinBounds: ");
}

TEST_F(MakeStatus, NamesACrashLoopBeforeAnyBound) {
  Put(ObjectKind::kScalingPolicy, "shops", "web", SpecFor("web"));
  Workload("a", engine::Outcome::kKept, 5, 5).clamps = {{engine::Rule::kMax, 9, 5, 5, {}}};
  Workload("b", engine::Outcome::kKept, 4, 4).clamps = {{engine::Rule::kCrashLoop, 9, 4, 2, {}}};
  Workload("c", engine::Outcome::kKept, 5, 5).clamps = {{engine::Rule::kMax, 9, 5, 5, {}}};
  EXPECT_EQ(Of(Make(), "Limited"),
            "True CrashLoop: shops/b: crash_loop: replicas do not stay up, and what that leaves "
            "waiting brings no more; and 2 workloads more");
}

TEST_F(MakeStatus, TellsThatNothingIsWritten) {
  Put(ObjectKind::kScalingPolicy, "shops", "web", SpecFor("web"));
  EXPECT_EQ(Of(Make(), "Ready"), "False NoWorkload: matches no workload");
  Workload("a", engine::Outcome::kDryRun, 2, 3);
  auto owned = *status_.workloads.front().workload;
  owned.owned_by = "HorizontalPodAutoscaler shops/h";
  status_.workloads.front().workload = std::make_shared<platform::Workload>(owned);
  EXPECT_EQ(Of(Make(), "Active"),
            "False OwnedByOthers: shops/a: HorizontalPodAutoscaler shops/h scales it");
  status_.freeze = loop::Freeze{"an incident", {}};
  EXPECT_EQ(Of(Make(), "Active"), "False Frozen: an incident");
  EXPECT_EQ(Make().mode, "frozen");
}

TEST_F(MakeStatus, IsOfABoundedSize) {
  std::string labels;
  for (int i = 0; i < 60; ++i) {
    labels += (i == 0 ? "" : ",") + std::string("\"label-") + std::to_string(i) + "\":\"value\"";
  }
  Put(ObjectKind::kScalingPolicy, "shops", "web",
      R"({"target":{"selector":{"matchLabels":{)" + labels +
          R"(}}},"replicas":{"max":5},"signals":{"cpu":{"utilization":"70%"}}})");
  for (int i = 0; i < 5000; ++i) {
    auto& held = Workload("w" + std::to_string(i), engine::Outcome::kHeld, 2, 2);
    held.left_out = {{"requests", std::string(3000, 'x')}};
  }
  EXPECT_LT(StatusPatch(Make(), {}, "now").size(), 6000U);
}

TEST_F(MakeStatus, OfAGroupSaysWhatItGrantsAndOfNodesWhoHolds) {
  const ObjectRef group{ObjectKind::kScalingGroup, "", "starter"};
  Put(ObjectKind::kScalingGroup, "", "starter",
      R"({"selector":{"matchLabels":{"tier":"starter"}},"limits":{"replicas":9}})");
  status_.groups.push_back({.group = {.name = "starter", .max_replicas = 9, .max_cpu_cores = {}},
                            .wanted = 12,
                            .granted = 9,
                            .cpu_cores = 0});
  const auto status = Make(group);
  EXPECT_EQ(status.target, "tier=starter");
  EXPECT_EQ(status.current, 9);
  EXPECT_EQ(status.desired, 12);
  EXPECT_THAT(Of(status, "Limited"), HasSubstr("True AtCap"));

  const ObjectRef nodes{ObjectKind::kCapacityPolicy, "", "b"};
  const std::string spec =
      R"({"pools":{"p":{"nodes":{"max":3},"provider":{"local":{"group":"g"}}}}})";
  Put(ObjectKind::kCapacityPolicy, "", "b", spec);
  EXPECT_THAT(Of(Make(nodes), "Active"), HasSubstr("False NoNodes"));
  Put(ObjectKind::kCapacityPolicy, "", "a", spec);
  EXPECT_THAT(Of(Make(nodes), "Ready"), HasSubstr("False AnotherHolds"));
}

TEST_F(MakeStatus, OfNodesHasWhatWasLastAskedForAndWhy) {
  const ObjectRef nodes{ObjectKind::kCapacityPolicy, "", "a"};
  Put(ObjectKind::kCapacityPolicy, "", "a",
      R"({"pools":{"p":{"nodes":{"max":3},"provider":{"local":{"group":"g"}}}}})");
  auto fleet = std::make_shared<fleet::FleetStatus>();
  status_.fleet = fleet;
  EXPECT_EQ(Make(nodes).last_decision, std::nullopt) << "nothing was asked for yet";

  engine::capacity::CapacityDecision change;
  change.at = engine::Time(std::chrono::seconds(1'790'000'000));
  engine::capacity::Action drain;
  drain.kind = engine::capacity::Action::Kind::kDrain;
  drain.reason = engine::capacity::Reason::kNotice;
  drain.pool = "p";
  drain.zone = "z";
  drain.node = "n1";
  change.actions = {drain, drain};
  change.actions[1].node = "n2";
  fleet->change = std::make_shared<const engine::capacity::CapacityDecision>(change);
  const auto status = Make(nodes);
  ASSERT_TRUE(status.last_decision);
  EXPECT_EQ(status.last_decision->time, "2026-09-21T14:13:20Z");
  EXPECT_EQ(status.last_decision->why,
            Sentence(change.actions[0]) + "; " + Sentence(change.actions[1]));
  const auto patch = StatusPatch(status, {}, "now");
  EXPECT_THAT(patch, HasSubstr(R"("lastDecision":{"time":"2026-09-21T14:13:20Z","workload":null,)"
                               R"("outcome":"scaled","from":null,"to":null,"why":")"));
  const auto read = ReadStatus(patch.substr(std::string(R"({"status":)").size(),
                                            patch.size() - std::string(R"({"status":})").size()));
  EXPECT_EQ(read.fingerprint, FingerprintOf(status)) << "it is not written again for nothing";

  // The next scaler has asked for nothing yet.
  fleet->change.reset();
  store_.Find(nodes)->seen = read;
  EXPECT_EQ(Make(nodes).last_decision, status.last_decision);
  EXPECT_EQ(FingerprintOf(Make(nodes)), read.fingerprint);
  change.at += std::chrono::seconds(-1);
  fleet->change = std::make_shared<const engine::capacity::CapacityDecision>(change);
  EXPECT_EQ(Make(nodes).last_decision, status.last_decision) << "another has led since";
  change.at += std::chrono::seconds(2);
  fleet->change = std::make_shared<const engine::capacity::CapacityDecision>(change);
  EXPECT_EQ(Make(nodes).last_decision->time, "2026-09-21T14:13:21Z");
}

}  // namespace
}  // namespace scaler::kubernetes::policies
