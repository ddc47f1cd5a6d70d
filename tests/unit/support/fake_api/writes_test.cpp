#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/support/fake_api/asking.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kLeases = "/apis/coordination.k8s.io/v1/leases";
constexpr const char* kOurs = "/apis/coordination.k8s.io/v1/namespaces/trimtab/leases";
constexpr const char* kOne = "/apis/coordination.k8s.io/v1/namespaces/trimtab/leases/scaler";
constexpr const char* kMaps = "/api/v1/namespaces/trimtab/configmaps";

std::string Lease(const std::string& holder, const std::string& version = "",
                  const std::string& name = "scaler") {
  return R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":")" + name +
         "\"" + (version.empty() ? "" : R"(,"resourceVersion":")" + version + "\"") +
         R"(},"spec":{"holderIdentity":")" + holder + R"(","leaseDurationSeconds":15}})";
}

class FakeApiWrites : public Asking {
 protected:
  FakeApiWrites() {
    api_.Serve(kLeases);
    api_.Serve("/api/v1/configmaps");
    api_.Serve("/apis/trimtab.io/v1alpha1/scalingpolicies",
               {.kind = "ScalingPolicy", .has_status = true, .has_generation = true});
  }
};

TEST_F(FakeApiWrites, WhatIsCreatedHasWhatTheServerAdds) {
  const auto made = Ask("POST", kOurs, Lease("a"));
  EXPECT_EQ(made.status, 201);
  EXPECT_NE(TextOf(made.body, "uid"), "");
  EXPECT_NE(TextOf(made.body, "resourceVersion"), "");
  EXPECT_EQ(TextOf(made.body, "creationTimestamp"), "1970-01-02T00:00:00Z");
  EXPECT_EQ(TextOf(made.body, "namespace"), "trimtab");
  EXPECT_TRUE(made.Says(R"("kind":"Lease")"));
  EXPECT_EQ(Ask("GET", kOne).body, made.body);
  EXPECT_THAT(api_.Names(kLeases), ElementsAre("trimtab/scaler"));
}

TEST_F(FakeApiWrites, OfOneNameThereIsOneObject) {
  Ask("POST", kOurs, Lease("a"));
  const auto again = Ask("POST", kOurs, Lease("b"));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(TextOf(again.body, "reason"), "AlreadyExists");
  EXPECT_TRUE(again.Says(R"(leases.coordination.k8s.io \"scaler\" already exists)"));
}

TEST_F(FakeApiWrites, ANewObjectNeedsANameAKindAndItsOwnNamespace) {
  EXPECT_EQ(Ask("POST", kOurs, Lease("a", "", "")).status, 422);
  EXPECT_EQ(Ask("POST", kOurs, Lease("a", "", "No_Name")).status, 422);
  EXPECT_EQ(Ask("POST", kOurs, Lease("a", "7")).status, 400);
  EXPECT_EQ(Ask("POST", kOurs, R"({"metadata":{"name":"x"}})").status, 400);
  EXPECT_EQ(
      Ask("POST", kOurs, R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}})").status,
      400);
  EXPECT_EQ(Ask("POST", kOurs, "{").status, 400);
  EXPECT_EQ(Ask("POST", kLeases, Lease("a")).status, 404);
  EXPECT_EQ(Ask("POST", kOne, Lease("a")).status, 405);
  EXPECT_EQ(Ask("POST", kOurs, Lease("a"), "text/plain").status, 415);
  EXPECT_THAT(api_.Names(kLeases), ElementsAre());
}

TEST_F(FakeApiWrites, AStalePutIsAConflict) {
  const auto made = Ask("POST", kOurs, Lease("a"));
  const auto version = TextOf(made.body, "resourceVersion");
  const auto put = Ask("PUT", kOne, Lease("b", version));
  EXPECT_EQ(put.status, 200);
  EXPECT_NE(TextOf(put.body, "resourceVersion"), version);
  EXPECT_EQ(TextOf(put.body, "uid"), TextOf(made.body, "uid"));
  const auto late = Ask("PUT", kOne, Lease("c", version));
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(TextOf(late.body, "reason"), "Conflict");
  EXPECT_EQ(Ask("PUT", kOne, Lease("c")).status, 422);
  EXPECT_EQ(Ask("PUT", kOne, Lease("c", version, "other")).status, 400);
  EXPECT_EQ(Ask("PUT", std::string(kOne) + "-2", Lease("c", version, "scaler-2")).status, 404);
  EXPECT_TRUE(Ask("GET", kOne).Says(R"("holderIdentity":"b")"));
}

TEST_F(FakeApiWrites, TheSameContentMakesNoNewVersion) {
  const auto made = Ask("POST", kOurs, Lease("a"));
  const auto version = TextOf(made.body, "resourceVersion");
  EXPECT_EQ(TextOf(Ask("PUT", kOne, Lease("a", version)).body, "resourceVersion"), version);
}

TEST_F(FakeApiWrites, AMergePatchChangesWhatItNames) {
  Ask("POST", kOurs, Lease("a"));
  const auto patched =
      Ask("PATCH", kOne, R"({"spec":{"holderIdentity":null,"leaseTransitions":3}})");
  EXPECT_EQ(patched.status, 200);
  EXPECT_FALSE(patched.Says("holderIdentity"));
  EXPECT_TRUE(patched.Says(R"("leaseTransitions":3)"));
  EXPECT_TRUE(patched.Says(R"("leaseDurationSeconds":15)"));
  EXPECT_EQ(Ask("PATCH", kOne, "{}", "application/json").status, 415);
  EXPECT_EQ(Ask("PATCH", kOne, "{}", "application/json-patch+json").status, 415);
  EXPECT_EQ(Ask("PATCH", kOne, R"({"metadata":{"resourceVersion":"1"}})").status, 409);
  EXPECT_EQ(Ask("PATCH", kOurs, "{}").status, 405);
  EXPECT_EQ(Ask("PATCH", kOne, R"({"spec":{"renewTime":"yesterday"}})").status, 422);
  EXPECT_EQ(Ask("PATCH", kOne, R"({"spec":{"renewTime":"2026-11-21T03:10:12.345678Z"}})").status,
            200);
}

TEST_F(FakeApiWrites, ADeletionMayHavePreconditions) {
  const auto made = Ask("POST", kOurs, Lease("a"));
  EXPECT_EQ(Ask("DELETE", kOne, R"({"preconditions":{"uid":"another"}})").status, 409);
  EXPECT_EQ(Ask("DELETE", kOne, R"({"preconditions":{"resourceVersion":"1"}})").status, 409);
  EXPECT_EQ(
      Ask("DELETE", kOne, R"({"preconditions":{"uid":")" + TextOf(made.body, "uid") + R"("}})")
          .status,
      200);
  EXPECT_EQ(Ask("GET", kOne).status, 404);
  EXPECT_EQ(Ask("DELETE", kOne).status, 404);
}

TEST_F(FakeApiWrites, WhatHasFinalizersGoesWhenTheyAreGone) {
  Ask("POST", kMaps,
      R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","finalizers":["x/y"]}})");
  const auto one = std::string(kMaps) + "/a";
  EXPECT_EQ(Ask("DELETE", one).status, 200);
  EXPECT_TRUE(Ask("GET", one).Says("deletionTimestamp"));
  EXPECT_EQ(Ask("PATCH", one, R"({"metadata":{"finalizers":[]}})").status, 200);
  EXPECT_EQ(Ask("GET", one).status, 404);
}

TEST_F(FakeApiWrites, AConfigMapIsBounded) {
  const auto map = [](std::size_t bytes) {
    return R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"k":")" +
           std::string(bytes, 'x') + "\"}}";
  };
  EXPECT_EQ(Ask("POST", kMaps, map(1024 * 1024 + 1)).status, 422);
  EXPECT_EQ(Ask("POST", kMaps, map(1024 * 1024)).status, 201);
  EXPECT_EQ(
      Ask("PATCH", std::string(kMaps) + "/a", R"({"data":null,"binaryData":{"z":"%%%%"}})").status,
      422);
}

TEST_F(FakeApiWrites, StatusIsApartFromTheRest) {
  const std::string all = "/apis/trimtab.io/v1alpha1/namespaces/shops/scalingpolicies";
  const auto one = all + "/web";
  const auto made =
      Ask("POST", all,
          R"({"kind":"ScalingPolicy","apiVersion":"trimtab.io/v1alpha1","metadata":{"name":"web"},)"
          R"("spec":{"max":3},"status":{"desired":1}})");
  EXPECT_EQ(made.status, 201);
  EXPECT_FALSE(made.Says("status"));
  EXPECT_TRUE(made.Says(R"("generation":1)"));
  const auto told = Ask("PATCH", one + "/status", R"({"spec":{"max":9},"status":{"desired":2}})");
  EXPECT_TRUE(told.Says(R"("max":3)"));
  EXPECT_TRUE(told.Says(R"("desired":2)"));
  EXPECT_TRUE(told.Says(R"("generation":1)"));
  const auto edited = Ask("PATCH", one, R"({"spec":{"max":9},"status":{"desired":7}})");
  EXPECT_TRUE(edited.Says(R"("max":9)"));
  EXPECT_TRUE(edited.Says(R"("desired":2)"));
  EXPECT_TRUE(edited.Says(R"("generation":2)"));
  EXPECT_EQ(Ask("PATCH", std::string(kMaps) + "/a/status", "{}").status, 404);
}

TEST_F(FakeApiWrites, NothingIsMadeInANamespaceThatIsNotThereOrGoes) {
  api_.Serve("/api/v1/namespaces");
  EXPECT_EQ(Ask("POST", kOurs, Lease("a")).status, 404);
  api_.PutObject("/api/v1/namespaces",
                 R"({"metadata":{"name":"trimtab","deletionTimestamp":"1970-01-02T00:00:00Z"}})");
  EXPECT_EQ(Ask("POST", kOurs, Lease("a")).status, 403);
}

TEST_F(FakeApiWrites, AFaultMayStand) {
  api_.FailAll("", "/apis/coordination.k8s.io/", {.status = 403});
  EXPECT_EQ(Ask("POST", kOurs, Lease("a")).status, 403);
  EXPECT_EQ(Ask("GET", kOne).status, 403);
  api_.Relent();
  EXPECT_EQ(Ask("POST", kOurs, Lease("a")).status, 201);
}

}  // namespace
}  // namespace tests
