// What must not matter: parts of the control plane that are killed, tokens that end, other writers,
// and scalers that are killed or stand still. Each ends at the right number, with none in between
// that the policy forbids.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/cluster/support/audit.h"
#include "tests/cluster/support/story.h"

namespace cluster {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;

constexpr auto kPatience = std::chrono::seconds(120);

class Faults : public Story {
 protected:
  void ExpectNoNumberBeyond(const std::string& name, int min, int max) const {
    const auto written = Written(Plane(), namespace_, name);
    EXPECT_FALSE(written.empty());
    EXPECT_THAT(written, Each(AllOf(Ge(min), Le(max))));
  }

  /// As Becomes, but also while the API server is away.
  [[nodiscard]] bool Recovers(const std::string& name, int replicas) const {
    return Eventually(
        [&] { return Field("deployment/" + name, ".spec.replicas") == std::to_string(replicas); },
        kPatience);
  }

  [[nodiscard]] static std::string Leader() {
    return Plane()
        .Kubectl(
            {"get", "lease", "-n", "trimtab", "-o", "jsonpath={.items[*].spec.holderIdentity}"})
        .out;
  }
};

TEST_F(Faults, TheApiServerIsKilledInMidRamp) {
  Begin("api", 20, 1, 10);

  Plane().Kill("kube-apiserver");
  Source().SetInFlight("api", 70);
  Plane().Start("kube-apiserver");

  EXPECT_TRUE(Recovers("api", 7));
  ExpectNoNumberBeyond("api", 1, 10);
}

TEST_F(Faults, EtcdIsKilledInMidRamp) {
  Begin("etcd", 20, 1, 10);

  Plane().Kill("etcd");
  Source().SetInFlight("etcd", 70);
  Plane().Start("etcd");

  EXPECT_TRUE(Recovers("etcd", 7));
  ExpectNoNumberBeyond("etcd", 1, 10);
}

TEST_F(Faults, TheTokenEndsAndANewOneComes) {
  Begin("token", 20, 1, 10);

  // A token is for one account, and an account of the same name is another one.
  Plane().Must({"delete", "serviceaccount", "trimtab-scaler", "-n", "trimtab"});
  Plane().Must({"create", "serviceaccount", "trimtab-scaler", "-n", "trimtab"});
  Source().SetInFlight("token", 70);
  ASSERT_TRUE(Eventually([] { return OurScaler().Log().find("401") != std::string::npos; }));
  OurScaler().RenewToken();

  EXPECT_TRUE(Recovers("token", 7));
}

TEST_F(Faults, SomebodyElseWritesTheObjectAllTheTime) {
  Begin("storm", 20, 1, 10);
  const auto script =
      "while :; do i=$((i + 1)); \"$0\" --kubeconfig=\"$1\" annotate --overwrite "
      "deployment/storm -n \"$2\" storm=$i; done";
  ASSERT_TRUE(
      Plane().Children().Start("storm",
                               {"bash", "-c", script, SOURCE_DIR "/build/cluster/bin/kubectl",
                                (Plane().Pki() / "admin.kubeconfig").string(), namespace_},
                               Plane().Directory() / "storm.log"));
  for (const int wanted : {4, 6, 8, 10}) {
    Source().SetInFlight("storm", static_cast<std::uint64_t>(wanted) * 10);

    EXPECT_TRUE(Becomes("storm", wanted));
  }
  Plane().Children().Kill("storm");
  ExpectNoNumberBeyond("storm", 1, 10);
}

TEST_F(Faults, TheScalerIsKilledAndComesBack) {
  Begin("killed", 20, 1, 10);

  OurScaler().Kill();
  Source().SetInFlight("killed", 70);
  OurScaler().Start();

  EXPECT_TRUE(Recovers("killed", 7));
  ExpectNoNumberBeyond("killed", 1, 10);
}

TEST_F(Faults, AFollowerGoesOnWhereTheLeaderWasKilled) {
  Begin("leader", 20, 1, 10);
  Scaler follower(Plane(), "follower-1", {Source().Address()});
  ASSERT_TRUE(Eventually([&] { return follower.IsReady(); }));
  const auto before = Leader();

  OurScaler().Kill();
  Source().SetInFlight("leader", 70);

  EXPECT_TRUE(Recovers("leader", 7));
  EXPECT_NE(Leader(), before);
  ExpectNoNumberBeyond("leader", 1, 10);
  EXPECT_TRUE(follower.Stop());
  OurScaler().Start();
}

TEST_F(Faults, ALeaderThatStoodStillWritesNothingOfThePast) {
  Begin("paused", 20, 1, 10);
  Scaler follower(Plane(), "follower-2", {Source().Address()});
  ASSERT_TRUE(Eventually([&] { return follower.IsReady(); }));
  ASSERT_TRUE(Eventually([&] { return OurScaler().IsReady(); }));
  const auto before = Leader();

  OurScaler().Pause();
  Source().SetInFlight("paused", 70);
  ASSERT_TRUE(Recovers("paused", 7));
  EXPECT_NE(Leader(), before);
  OurScaler().Resume();
  Source().SetInFlight("paused", 90);
  EXPECT_TRUE(Recovers("paused", 9));

  EXPECT_EQ(Written(Plane(), namespace_, "paused"), (std::vector{2, 7, 9}));
  EXPECT_TRUE(follower.Stop());
}

}  // namespace
}  // namespace cluster
