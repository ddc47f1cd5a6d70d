#include "scaler/kubernetes/events/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "unit/scaler/kubernetes/policies/objects_world.h"

namespace scaler::kubernetes::events {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kEvents = "/apis/events.k8s.io/v1/events";

class AnnouncerTest : public policies::ObjectsWorld {
 protected:
  void StartAll() {
    api_.Serve(kEvents);
    api_.Put(policies::kPolicies, "shops", "all", policies::SpecFor("web"));
    Start();
    announcer_ = std::make_unique<Announcer>(
        executor_, recorder_, *objects_, board_,
        [](const platform::WorkloadId& id) {
          return std::optional(
              Reference{"apps/v1", "Deployment", id.name_space, id.name, "uid-of-" + id.name});
        },
        [this] { return leads_; });
    Publish(nullptr);
    announcer_->Start();
    executor_.RunFor(seconds(1));
  }

  [[nodiscard]] std::shared_ptr<const engine::Decision> Decision(engine::Outcome outcome, int from,
                                                                 int to) const {
    auto decision = std::make_shared<engine::Decision>();
    decision->at =
        engine::Time(std::chrono::floor<engine::Duration>(executor_.Wall().time_since_epoch()));
    decision->outcome = outcome;
    decision->current = from;
    decision->desired = to;
    decision->recommendations = {{"cpu", 0.9, 0.7, to}};
    return decision;
  }

  void Publish(std::shared_ptr<const engine::Decision> change, const std::string& problem = {},
               const std::string& owned_by = {}) {
    auto workload = std::make_shared<platform::Workload>();
    workload->id = {"shops", "web"};
    workload->owned_by = owned_by;
    auto status = std::make_shared<loop::Status>();
    status->wall = executor_.Wall();
    status->now =
        engine::Time(std::chrono::floor<engine::Duration>(status->wall.time_since_epoch()));
    loop::WorkloadStatus one;
    one.workload = workload;
    one.policy = "shops/all";
    one.change = std::move(change);
    one.problem = problem;
    status->workloads.push_back(one);
    board_.Put(status);
    executor_.RunFor(seconds(1));
  }

  /// What was posted, in order.
  [[nodiscard]] std::vector<std::string> Bodies() const {
    std::vector<std::string> bodies;
    for (const auto& seen : api_.Requests()) {
      if (seen.method == "POST") {
        bodies.push_back(seen.body);
      }
    }
    return bodies;
  }

  bool leads_ = true;
  loop::StatusBoard board_;
  Recorder recorder_{executor_, client_};
  std::unique_ptr<Announcer> announcer_;
};

TEST_F(AnnouncerTest, TellsWhatWasScaledAndWhyToTheWorkloadAndThePolicy) {
  StartAll();
  const auto change = Decision(engine::Outcome::kScaled, 2, 5);
  Publish(change);
  Publish(change);
  EXPECT_THAT(
      Bodies(),
      ElementsAre(
          AllOf(HasSubstr(R"("regarding":{"apiVersion":"apps/v1","kind":"Deployment")"),
                HasSubstr("scaled 2 -> 5: cpu: 90% of the request"), HasSubstr("uid-of-web")),
          AllOf(HasSubstr(R"("regarding":{"apiVersion":"trimtab.io/v1alpha1")"),
                HasSubstr("shops/web: scaled 2 -> 5"))));
}

TEST_F(AnnouncerTest, TellsOfNodesThatAreEmptiedAndThatTheyMayStay) {
  api_.Put(
      policies::kCapacity, "", "spare",
      R"({"spare":{"by":"placeholderPods","shapes":{"a":{"cpu":1,"memory":"1Gi","count":1}}}})");
  StartAll();
  const auto publish = [this](engine::capacity::Action::Kind kind) {
    engine::capacity::CapacityDecision change;
    change.at = Decision(engine::Outcome::kKept, 1, 1)->at;
    engine::capacity::Action action;
    action.kind = kind;
    action.node = "n1";
    action.zone = "a";
    action.reason = engine::capacity::Reason::kNotice;
    change.actions = {action};
    auto fleet = std::make_shared<fleet::FleetStatus>();
    fleet->change = std::make_shared<const engine::capacity::CapacityDecision>(change);
    engine::capacity::CapacityPolicy policy;
    policy.name = "spare";
    fleet->policy = std::make_shared<const engine::capacity::CapacityPolicy>(policy);
    auto status = std::make_shared<loop::Status>();
    status->wall = executor_.Wall();
    status->now = change.at;
    status->fleet = fleet;
    board_.Put(status);
    executor_.RunFor(seconds(2));
    return Sentence(action);
  };

  const auto drained = publish(engine::capacity::Action::Kind::kDrain);
  EXPECT_THAT(
      Bodies(),
      ElementsAre(AllOf(HasSubstr(R"("kind":"Node")"), HasSubstr(drained),
                        HasSubstr(R"("reason":"Draining")"), HasSubstr(R"("namespace":"default")")),
                  AllOf(HasSubstr(R"("kind":"CapacityPolicy")"), HasSubstr(drained))));
  publish(engine::capacity::Action::Kind::kUncordon);
  ASSERT_EQ(Bodies().size(), 4U);
  EXPECT_THAT(Bodies()[2], HasSubstr(R"("reason":"DrainEnded")"));
}

TEST_F(AnnouncerTest, SaysNothingOfWhatWasDecidedBeforeItBegan) {
  const auto old = Decision(engine::Outcome::kScaled, 2, 5);
  executor_.RunFor(seconds(60));
  StartAll();
  Publish(old);
  EXPECT_THAT(Bodies(), IsEmpty());
}

TEST_F(AnnouncerTest, SaysNothingAsAFollower) {
  leads_ = false;
  StartAll();
  Publish(Decision(engine::Outcome::kScaled, 2, 5));
  EXPECT_THAT(Bodies(), IsEmpty());
  leads_ = true;
  executor_.RunFor(seconds(2));
  EXPECT_THAT(Bodies(), IsEmpty()) << "the leader before it has said it";
  Publish(Decision(engine::Outcome::kScaled, 5, 6));
  EXPECT_EQ(Bodies().size(), 2U);
}

TEST_F(AnnouncerTest, WarnsOfWhatHoldsFailsOrIsSomebodyElses) {
  StartAll();
  Publish(Decision(engine::Outcome::kHeld, 2, 2));
  EXPECT_THAT(Bodies().back(), AllOf(HasSubstr("Warning"), HasSubstr("held at 2")));
  Publish(nullptr, "the server said no");
  EXPECT_THAT(Bodies().back(), HasSubstr("the server said no"));
  Publish(nullptr, "", "HorizontalPodAutoscaler shops/h");
  EXPECT_THAT(Bodies().back(), HasSubstr("HorizontalPodAutoscaler shops/h scales it too"));
}

TEST_F(AnnouncerTest, TellsAPolicyThatItIsRefusedOnce) {
  StartAll();
  api_.Put(policies::kPolicies, "shops", "all", R"({"target":{"nam":"web"}})");
  executor_.RunFor(seconds(60));
  EXPECT_THAT(Bodies(), ElementsAre(AllOf(HasSubstr(R"("reason":"Refused")"),
                                          HasSubstr("spec.target.nam: unknown key"))));
}

}  // namespace
}  // namespace scaler::kubernetes::events
