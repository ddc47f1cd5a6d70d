// What must not matter: parts of the control plane that are killed, tokens that end, other writers,
// and scalers that are killed or stand still. Each ends at the right number, with none in between
// that the policy forbids.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
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

  /// Changes an annotation of the deployment as fast as one connection can, until it is killed.
  void WriteWithoutEnd(const std::string& writer, const std::string& deployment) const {
    const auto pki = Plane().Pki().string();
    const auto url = fmt::format(
        "https://127.0.0.1:{}/apis/apps/v1/namespaces/{}/deployments/{}?pretty=[1-1000000]",
        Plane().ApiPort(), namespace_, deployment);
    ASSERT_TRUE(Plane().Children().Start(
        writer,
        {"curl", "--silent", "--output", "/dev/null", "--cacert", pki + "/cluster.crt", "--cert",
         pki + "/admin.crt", "--key", pki + "/admin.key", "--request", "PATCH", "--header",
         "Content-Type: application/merge-patch+json", "--data",
         fmt::format(R"({{"metadata":{{"annotations":{{"writer":"{}"}}}}}})", writer), url},
        Plane().Directory() / (writer + ".log")));
  }

  /// How many of our writes found that the object had changed.
  [[nodiscard]] int Conflicts(const std::string& name) const {
    const auto all = Requests(Plane());
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const Request& request) {
      return request.name_space == namespace_ && request.name == name && request.code == 409;
    }));
  }

  /// From an instant to the first accepted write of the number after it; said in the output.
  [[nodiscard]] double SecondsUntilWritten(const std::string& name, int replicas, const char* what,
                                           std::chrono::system_clock::time_point since) const {
    for (const auto& request : Requests(Plane())) {
      if (request.name_space == namespace_ && request.name == name &&
          request.replicas == replicas && request.code == 200 && request.received > since) {
        const std::chrono::duration<double> seconds = request.answered - since;
        fmt::print("leader {}: the next write {:.1f} s later\n", what, seconds.count());
        return seconds.count();
      }
    }
    ADD_FAILURE() << "nobody has written " << replicas;
    return 0;
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
  for (const std::string writer : {"storm-a", "storm-b"}) {
    WriteWithoutEnd(writer, "storm");
  }
  for (const int wanted : {4, 6, 8, 10}) {
    Source().SetInFlight("storm", static_cast<std::uint64_t>(wanted) * 10);

    EXPECT_TRUE(Becomes("storm", wanted));
  }
  for (const auto* const writer : {"storm-a", "storm-b"}) {
    Plane().Children().Kill(writer);
  }
  EXPECT_GE(Conflicts("storm"), 1);
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

TEST_F(Faults, AFollowerGoesOnWhereTheLeaderEnded) {
  Begin("leader", 20, 1, 10);
  Scaler follower(Plane(), "follower-1", {Source().Address()});
  ASSERT_TRUE(Eventually([&] { return follower.IsReady(); }));
  const auto before = Leader();

  const auto killed = std::chrono::system_clock::now();
  OurScaler().Kill();
  Source().SetInFlight("leader", 70);

  EXPECT_TRUE(Recovers("leader", 7));
  const auto second = Leader();
  EXPECT_NE(second, before);
  // Its lease is over by its own clock before another acts.
  EXPECT_GE(SecondsUntilWritten("leader", 7, "killed", killed), 5);

  OurScaler().Start();
  ASSERT_TRUE(Eventually([] { return OurScaler().IsReady(); }));
  const auto ended = std::chrono::system_clock::now();
  Source().SetInFlight("leader", 90);
  EXPECT_TRUE(follower.Stop());
  EXPECT_NE(Leader(), second) << "it gives the lease back";

  EXPECT_TRUE(Recovers("leader", 9));
  EXPECT_GE(SecondsUntilWritten("leader", 9, "told to end", ended), 0);
  ExpectNoNumberBeyond("leader", 1, 10);
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
