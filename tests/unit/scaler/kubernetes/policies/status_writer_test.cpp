#include "scaler/kubernetes/policies/status_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "unit/scaler/kubernetes/policies/objects_world.h"

namespace scaler::kubernetes::policies {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class StatusWriterTest : public ObjectsWorld {
 protected:
  void StartWriter() {
    Start();
    writer_ = std::make_unique<StatusWriter>(executor_, client_, *objects_, board_,
                                             [this] { return leads_; });
    writer_->Start();
  }

  /// The loop has a workload of shops/web with so many replicas.
  void Publish(int replicas, const std::string& problem = {}) {
    auto workload = std::make_shared<platform::Workload>();
    workload->id = {"shops", "web"};
    workload->desired = replicas;
    auto status = std::make_shared<loop::Status>();
    status->wall = executor_.Wall();
    loop::WorkloadStatus one;
    one.workload = workload;
    one.policy = "shops/web";
    one.problem = problem;
    status->workloads.push_back(one);
    board_.Put(status);
  }

  [[nodiscard]] int Patches() const { return api_.Count("PATCH", "/status"); }

  bool leads_ = true;
  loop::StatusBoard board_;
  std::unique_ptr<StatusWriter> writer_;
};

TEST_F(StatusWriterTest, WritesOnceWhatHoldsAndThenWhatChanges) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  StartWriter();
  executor_.RunFor(seconds(10));
  EXPECT_EQ(Patches(), 0) << "the loop has said nothing yet";
  Publish(2);
  executor_.RunFor(seconds(60));
  EXPECT_EQ(Patches(), 1);
  EXPECT_THAT(api_.Get(kPolicies, "shops", "web"), HasSubstr("\"desired\":2"));
  Publish(3);
  executor_.RunFor(seconds(60));
  EXPECT_EQ(Patches(), 2);
  EXPECT_THAT(api_.Get(kPolicies, "shops", "web"), HasSubstr("\"desired\":3"));
}

TEST_F(StatusWriterTest, WritesAnObjectAtMostEveryFewSeconds) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  StartWriter();
  for (int i = 0; i < 120; ++i) {
    Publish(i);
    executor_.RunFor(std::chrono::milliseconds(500));
  }
  EXPECT_LE(Patches(), 13);
  EXPECT_GE(Patches(), 9);
}

TEST_F(StatusWriterTest, LeavesAFollowersHandsOff) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  leads_ = false;
  StartWriter();
  Publish(2);
  executor_.RunFor(seconds(30));
  EXPECT_EQ(Patches(), 0);
  leads_ = true;
  executor_.RunFor(seconds(3));
  EXPECT_EQ(Patches(), 1);
}

TEST_F(StatusWriterTest, WritesNothingThatAnotherScalerHasWrittenAlready) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  StartWriter();
  Publish(2);
  executor_.RunFor(seconds(10));
  const auto before = Patches();
  writer_.reset();
  objects_.reset();
  StartWriter();
  executor_.RunFor(seconds(30));
  EXPECT_EQ(Patches(), before);
}

TEST_F(StatusWriterTest, MendsWhatSomebodyElseWrites) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  StartWriter();
  Publish(2);
  executor_.RunFor(seconds(10));
  api_.Merge(kPolicies, "shops", "web", R"({"status":{"desired":77}})");
  executor_.RunFor(seconds(10));
  EXPECT_THAT(api_.Get(kPolicies, "shops", "web"), HasSubstr("\"desired\":2"));
}

TEST_F(StatusWriterTest, GoesOnAfterConflictsAndObjectsThatAreGone) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  api_.Put(kPolicies, "shops", "api", SpecFor("api"));
  StartWriter();
  api_.FailNext("PATCH", kPolicies, {.status = 409});
  api_.FailNext("PATCH", "/apis/trimtab.io/v1alpha1/namespaces/shops", {.status = 409});
  api_.FailNext("PATCH", "/apis/trimtab.io/v1alpha1/namespaces/shops", {.status = 404});
  Publish(2);
  executor_.RunFor(seconds(20));
  EXPECT_THAT(api_.Get(kPolicies, "shops", "web"), HasSubstr("\"desired\":2"));
  EXPECT_THAT(api_.Get(kPolicies, "shops", "api"), HasSubstr("NoWorkload"));
}

TEST_F(StatusWriterTest, DoesNotInsistWhereItHasNoRights) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  StartWriter();
  api_.FailAll("PATCH", "/apis/trimtab.io", {.status = 403});
  Publish(2);
  executor_.RunFor(std::chrono::minutes(5));
  EXPECT_LE(Patches(), 6);
  api_.Relent();
  executor_.RunFor(seconds(70));
  EXPECT_THAT(api_.Get(kPolicies, "shops", "web"), HasSubstr("\"desired\":2"));
}

TEST_F(StatusWriterTest, TellsPeopleOfABadPolicyAndOfItsRepair) {
  api_.Put(kPolicies, "shops", "web", R"({"target":{"nam":"web"}})");
  StartWriter();
  Publish(2);
  executor_.RunFor(seconds(10));
  EXPECT_THAT(api_.Get(kPolicies, "shops", "web"), HasSubstr("\"reason\":\"Refused\""));
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  executor_.RunFor(seconds(10));
  EXPECT_THAT(api_.Get(kPolicies, "shops", "web"),
              testing::Not(HasSubstr("\"reason\":\"Refused\"")));
}

TEST_F(StatusWriterTest, SpreadsTheWritesOfManyObjects) {
  for (int i = 0; i < 300; ++i) {
    api_.Put(kPolicies, "shops", "p" + std::to_string(i), SpecFor("w"));
  }
  StartWriter();
  Publish(1);
  executor_.RunFor(seconds(5));
  EXPECT_LE(Patches(), 5 * 20);
  executor_.RunFor(seconds(30));
  EXPECT_EQ(Patches(), 300);
}

}  // namespace
}  // namespace scaler::kubernetes::policies
