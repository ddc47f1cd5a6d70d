#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/support/fake_api/asking.h"

namespace tests {
namespace {

constexpr const char* kDeployments = "/apis/apps/v1/deployments";
constexpr const char* kScale = "/apis/apps/v1/namespaces/shops/deployments/web/scale";
constexpr const char* kPods = "/api/v1/pods";
constexpr const char* kBudgets = "/apis/policy/v1/poddisruptionbudgets";
constexpr const char* kEviction = "/api/v1/namespaces/shops/pods/web-1/eviction";
constexpr const char* kEvict =
    R"({"kind":"Eviction","apiVersion":"policy/v1","metadata":{"name":"web-1","namespace":"shops"}})";

class FakeApiSubresources : public Asking {
 protected:
  FakeApiSubresources() {
    api_.Serve(kDeployments);
    api_.Serve(kPods);
    api_.Serve(kBudgets);
    api_.PutObject(kDeployments,
                   R"({"metadata":{"name":"web","namespace":"shops"},"spec":{"replicas":2,)"
                   R"("selector":{"matchLabels":{"app":"web"}}},"status":{"replicas":1}})");
    api_.PutObject(kPods,
                   R"({"metadata":{"name":"web-1","namespace":"shops","labels":{"app":"web"}}})");
  }

  static std::string Scale(int replicas, const std::string& version) {
    return R"({"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"web",)"
           R"("namespace":"shops","resourceVersion":")" +
           version + R"("},"spec":{"replicas":)" + std::to_string(replicas) + "}}";
  }
};

TEST_F(FakeApiSubresources, AScaleSpeaksOfItsParent) {
  const auto scale = Ask("GET", kScale);
  EXPECT_EQ(scale.status, 200);
  EXPECT_TRUE(scale.Says(R"("kind":"Scale","apiVersion":"autoscaling/v1")"));
  EXPECT_TRUE(scale.Says(R"("spec":{"replicas":2})"));
  EXPECT_TRUE(scale.Says(R"("status":{"replicas":1,"selector":"app=web"})"));
  EXPECT_EQ(TextOf(scale.body, "resourceVersion"),
            TextOf(api_.Get(kDeployments, "shops", "web"), "resourceVersion"));
}

TEST_F(FakeApiSubresources, AScaleIsWrittenAtTheVersionThatWasRead) {
  const auto version = TextOf(Ask("GET", kScale).body, "resourceVersion");
  EXPECT_EQ(Ask("PUT", kScale, Scale(5, version)).status, 200);
  EXPECT_EQ(Ask("PUT", kScale, Scale(6, version)).status, 409);
  const auto whole = api_.Get(kDeployments, "shops", "web");
  EXPECT_NE(whole.find(R"("replicas":5)"), std::string::npos) << whole;
  EXPECT_NE(whole.find(R"("generation":2)"), std::string::npos) << whole;
  EXPECT_EQ(Ask("PATCH", kScale, R"({"spec":{"replicas":-1}})").status, 422);
  EXPECT_EQ(Ask("PATCH", kScale, R"({"spec":{"replicas":"3"}})").status, 400);
  EXPECT_EQ(
      Ask("PATCH", kScale, R"({"metadata":{"resourceVersion":"1"},"spec":{"replicas":4}})").status,
      409);
  EXPECT_EQ(Ask("PATCH", kScale, R"({"spec":{"replicas":4}})", "application/json").status, 415);
  EXPECT_EQ(Ask("DELETE", kScale).status, 405);
  EXPECT_EQ(Ask("PUT", kScale, Scale(5, "1").replace(9, 5, "Thing")).status, 400);
  EXPECT_EQ(Ask("GET", "/api/v1/namespaces/shops/pods/web-1/scale").status, 404);
}

TEST_F(FakeApiSubresources, AScaleOfZeroLeavesTheNumberOut) {
  EXPECT_TRUE(Ask("PATCH", kScale, R"({"spec":{"replicas":0}})").Says(R"("spec":{})"));
}

TEST_F(FakeApiSubresources, AnEvictionTakesThePod) {
  EXPECT_EQ(Ask("GET", kEviction).status, 405);
  EXPECT_EQ(Ask("POST", kEviction, R"({"kind":"Eviction"})").status, 400);
  EXPECT_EQ(Ask("POST", kEviction, kEvict).status, 201);
  EXPECT_EQ(Ask("POST", kEviction, kEvict).status, 404);
}

TEST_F(FakeApiSubresources, ABudgetIsRespectedAndUsedUp) {
  api_.PutObject(kBudgets,
                 R"({"metadata":{"name":"web","namespace":"shops"},)"
                 R"("spec":{"selector":{"matchLabels":{"app":"web"}}},)"
                 R"("status":{"disruptionsAllowed":0,"desiredHealthy":3,"currentHealthy":3}})");
  const auto refused = Ask("POST", kEviction, kEvict);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(TextOf(refused.body, "message"),
            "Cannot evict pod as it would violate the pod's disruption budget.");
  EXPECT_TRUE(refused.Says("The disruption budget web needs 3 healthy pods and has 3 currently"));
  api_.Merge(kBudgets, "shops", "web", R"({"status":{"disruptionsAllowed":1}})");
  EXPECT_EQ(Ask("POST", kEviction, kEvict).status, 201);
  EXPECT_NE(api_.Get(kBudgets, "shops", "web").find(R"("disruptionsAllowed":0)"),
            std::string::npos);
}

TEST_F(FakeApiSubresources, TwoBudgetsForAPodAreAnError) {
  for (const auto* const name : {"a", "b"}) {
    api_.PutObject(kBudgets, std::string(R"({"metadata":{"namespace":"shops","name":")") + name +
                                 R"("},"spec":{"selector":{"matchLabels":{"app":"web"}}}})");
  }
  EXPECT_EQ(Ask("POST", kEviction, kEvict).status, 500);
}

}  // namespace
}  // namespace tests
