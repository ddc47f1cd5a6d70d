#include "scaler/kubernetes/policies/policy_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/scratch_directory.h"
#include "unit/scaler/kubernetes/policies/objects_world.h"

namespace scaler::kubernetes::policies {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PolicyObjectsTest : public ObjectsWorld {
 protected:
  [[nodiscard]] std::vector<std::string> InForce() const {
    std::vector<std::string> all;
    for (const auto* policy : objects_->Set().All()) {
      all.push_back(FullName(*policy) + " for " + policy->target.name);
    }
    return all;
  }
  [[nodiscard]] std::string Problems() const { return ToString(objects_->Refused()); }
};

TEST_F(PolicyObjectsTest, FollowsWhatThereIsInAllNamespaces) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  api_.Put(kPolicies, "games", "web", SpecFor("web"));
  api_.Put(kGroups, "", "starter",
           R"({"selector":{"matchLabels":{"a":"b"}},"limits":{"replicas":9}})");
  Start();
  EXPECT_THAT(InForce(), ElementsAre("games/web for web", "shops/web for web"));
  EXPECT_EQ(objects_->Set().Groups().size(), 1U);
  api_.Put(kPolicies, "shops", "web", SpecFor("other"));
  api_.Remove(kPolicies, "games", "web");
  executor_.RunFor(seconds(2));
  EXPECT_THAT(InForce(), ElementsAre("shops/web for other"));
}

TEST_F(PolicyObjectsTest, KeepsTheLastGoodVersionOfABadObject) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  Start();
  api_.Put(kPolicies, "shops", "web", R"({"target":{"name":"other"},"replicas":{"max":-1}})");
  executor_.RunFor(seconds(2));
  EXPECT_THAT(InForce(), ElementsAre("shops/web for web"));
  EXPECT_THAT(Problems(), HasSubstr("ScalingPolicy shops/web: spec.replicas.max: "));
  api_.Put(kPolicies, "shops", "web", SpecFor("mended"));
  executor_.RunFor(seconds(2));
  EXPECT_THAT(InForce(), ElementsAre("shops/web for mended"));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(PolicyObjectsTest, HoldsNoPolicyBeforeItsGroupsAreKnown) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  api_.FailNext("GET", kGroups, {.status = 500});
  objects_ = std::make_unique<PolicyObjects>(executor_, client_, platform_);
  objects_->Start();
  executor_.RunFor(std::chrono::milliseconds(200));
  EXPECT_FALSE(objects_->Known());
  EXPECT_THAT(InForce(), IsEmpty());
  executor_.RunFor(seconds(5));
  EXPECT_TRUE(objects_->Known());
  EXPECT_THAT(InForce(), ElementsAre("shops/web for web"));
}

TEST_F(PolicyObjectsTest, GoesOnWithoutAKindThatTheServerDoesNotKnow) {
  tests::FakeApi bare(executor_);
  bare.Serve(kPolicies);
  bare.Serve(kConfigMaps);
  bare.Put(kPolicies, "shops", "web", SpecFor("web"));
  common::kubernetes::Client client(executor_, bare, *tokens_);
  PolicyObjects objects(executor_, client, platform_);
  objects.Start();
  executor_.RunFor(seconds(9));
  EXPECT_FALSE(objects.Known());
  executor_.RunFor(seconds(3));
  EXPECT_TRUE(objects.Known());
  EXPECT_EQ(objects.Set().All().size(), 1U);
}

TEST_F(PolicyObjectsTest, ReadsConfigMapsAndFilesWithTheObjectBeforeThem) {
  const auto text = [](const std::string& target) {
    return "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: web, "
           "namespace: shops}\nspec: " +
           SpecFor(target) + "\n";
  };
  const tests::ScratchDirectory directory;
  std::ofstream(directory.Path() / "p.yaml") << text("from-file");
  PolicyObjectsOptions options;
  options.directory = directory.Path();
  Start(options);
  EXPECT_THAT(InForce(), ElementsAre("shops/web for from-file"));
  api_.Put(kPolicies, "shops", "web", SpecFor("from-object"));
  executor_.RunFor(seconds(2));
  EXPECT_THAT(InForce(), ElementsAre("shops/web for from-object"));
  EXPECT_THAT(Problems(), HasSubstr("shops/web is given already in ScalingPolicy shops/web"));
  std::ofstream(directory.Path() / "p.yaml", std::ios::trunc) << "[";
  api_.Remove(kPolicies, "shops", "web");
  executor_.RunFor(seconds(5));
  EXPECT_THAT(Problems(), HasSubstr("p.yaml:1:"));
}

TEST_F(PolicyObjectsTest, ForgetsWhatWasDeletedWhileNobodyWatched) {
  api_.Put(kPolicies, "shops", "web", SpecFor("web"));
  api_.Put(kPolicies, "shops", "api", SpecFor("api"));
  Start();
  api_.CutWatches(true);
  api_.Remove(kPolicies, "shops", "web");
  api_.Compact();
  executor_.RunFor(std::chrono::minutes(2));
  EXPECT_THAT(InForce(), ElementsAre("shops/api for api"));
}

}  // namespace
}  // namespace scaler::kubernetes::policies
