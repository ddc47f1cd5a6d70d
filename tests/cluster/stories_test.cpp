// What a user sees on a real cluster: trimtab-scaler under the manifests' service account, pods
// that KWOK plays, and a source of signals in the place of an agent.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/cluster/support/audit.h"
#include "tests/cluster/support/story.h"

namespace cluster {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Stories : public Story {};

TEST_F(Stories, ReplicasFollowAStepOfTheLoadWithinThePolicysBounds) {
  Begin("web", 5, 2, 6);

  Source().SetInFlight("web", 45);
  EXPECT_TRUE(Becomes("web", 5));
  Source().SetInFlight("web", 450);
  EXPECT_TRUE(Becomes("web", 6));

  EXPECT_FALSE(Written(Plane(), namespace_, "web").empty());
  EXPECT_THAT(Written(Plane(), namespace_, "web"),
              Each(testing::AllOf(testing::Ge(2), testing::Le(6))));
}

TEST_F(Stories, APolicySaysWhatItCameToAndLeavesNothingBehind) {
  Begin("shop", 20, 1, 10);
  Source().SetInFlight("shop", 50);
  ASSERT_TRUE(Becomes("shop", 5));

  EXPECT_TRUE(Eventually([&] {
    return Ask({"describe", "scalingpolicy/shop"}).find("in_flight") != std::string::npos;
  })) << Ask({"describe", "scalingpolicy/shop"});
  Plane().Must({"delete", "scalingpolicy/shop", "-n", namespace_, "--timeout=30s"});

  EXPECT_EQ(Ask({"get", "scalingpolicies,configmaps,leases", "-o", "name"}),
            "configmap/kube-root-ca.crt\n");
  EXPECT_EQ(Field("deployment/shop", ".metadata.annotations.trimtab\\.io"), "");
  EXPECT_EQ(Field("deployment/shop", ".spec.replicas"), "5");
}

TEST_F(Stories, ALastingFallIsFollowed) {
  Begin("fall", 80, 1, 10);

  Source().SetInFlight("fall", 10);

  EXPECT_TRUE(Eventually([&] { return Field("deployment/fall", ".spec.replicas") == "1"; },
                         std::chrono::seconds(120)));
}

TEST_F(Stories, ATargetThatIsMadeAnewIsScaledAnew) {
  Begin("again", 40, 1, 10);

  Plane().Must({"delete", "deployment/again", "-n", namespace_});
  Apply(Deployment("again", 1));

  EXPECT_TRUE(Becomes("again", 4));
}

TEST_F(Stories, APolicyThatIsEditedInMidRampHoldsAtOnce) {
  Begin("edited", 60, 1, 10);

  Source().SetInFlight("edited", 90);
  Apply(Policy(namespace_, "edited", 1, 3));
  EXPECT_TRUE(Becomes("edited", 3));
  Apply(Policy(namespace_, "edited", 1, 20));

  EXPECT_TRUE(Becomes("edited", 9));
}

TEST_F(Stories, ANamespaceThatIsDeletedTakesItsWorkloadAndNothingElse) {
  Begin("doomed", 30, 1, 10);
  const auto other = NewNamespace("other");
  Plane().Must({"apply", "-n", other, "-f", "-"}, Deployment("survivor", 1));
  Source().SetInFlight("survivor", 20);
  Plane().Must({"apply", "-f", "-"}, Policy(other, "survivor", 1, 10));

  Plane().Must({"delete", "namespace", namespace_, "--wait=false"});
  Source().SetInFlight("doomed", 90);
  Source().SetInFlight("survivor", 70);

  const auto survivor = [&] {
    return Plane().Must(
        {"get", "deployment/survivor", "-n", other, "-o", "jsonpath={.spec.replicas}"});
  };
  EXPECT_TRUE(Eventually([&] { return survivor() == "7"; }));
  EXPECT_TRUE(Eventually(
      [&] {
        return !Plane().Kubectl({"get", "namespace", namespace_}).Ok();
      },
      std::chrono::seconds(120)));
}

TEST_F(Stories, WhatAnHpaScalesIsNeverWritten) {
  Apply(Deployment("theirs", 3));
  Apply(R"(apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: theirs}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: theirs}
  minReplicas: 1
  maxReplicas: 5
)");
  Source().SetInFlight("theirs", 90);
  Apply(Policy(namespace_, "theirs", 1, 10));
  // What is decided later is written: then the other one would have been, too.
  Begin("ours", 20, 1, 10);
  Source().SetInFlight("theirs", 95);
  Source().SetInFlight("ours", 50);
  EXPECT_TRUE(Becomes("ours", 5));

  EXPECT_EQ(Field("deployment/theirs", ".spec.replicas"), "3");
  EXPECT_THAT(Written(Plane(), namespace_, "theirs"), IsEmpty());
  EXPECT_THAT(OurScaler().Get("/api/v1/status"), HasSubstr("HorizontalPodAutoscaler"));
}

TEST_F(Stories, ARollOutUnderLoadChangesNoNumber) {
  Begin("rolling", 50, 1, 10);
  const auto before = Written(Plane(), namespace_, "rolling");
  ASSERT_EQ(before.back(), 5);

  Plane().Must({"patch", "deployment/rolling", "-n", namespace_, "-p",
                R"({"spec":{"template":{"metadata":{"annotations":)"
                R"({"pod-ready.stage.kwok.x-k8s.io/delay":"1500ms",)"
                R"("pod-ready.stage.kwok.x-k8s.io/jitter-delay":"1500ms"}},"spec":{"containers":)"
                R"([{"name":"server","image":"shop:2"}]}}}})"});
  Plane().Must({"rollout", "status", "deployment/rolling", "-n", namespace_, "--timeout=120s"});

  EXPECT_EQ(Written(Plane(), namespace_, "rolling"), before);
  Source().SetInFlight("rolling", 70);
  EXPECT_TRUE(Becomes("rolling", 7));
}

}  // namespace
}  // namespace cluster
