#include "unit/scaler/kubernetes/nodes/nodes_fixture.h"

namespace scaler::kubernetes::nodes {
namespace {

using engine::capacity::Survive;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr double kGiB = 1024.0 * 1024 * 1024;
constexpr const char* kShop = "trimtab-placeholder-shape-shop";

class Placeholders : public NodesFixture {
 protected:
  Placeholders() {
    PutNode("n1");
    policy_.spare.shapes = {{"shop", 0.5, kGiB, 3}};
  }

  [[nodiscard]] std::string Deployment(const std::string& name) const {
    return api_.Get(kDeploymentsPath, "trimtab", name);
  }
  void SetPolicy() {
    fleet_->SetPolicy(std::make_shared<const engine::capacity::CapacityPolicy>(policy_));
  }
};

TEST_F(Placeholders, AreADeploymentForEachShape) {
  Start();
  RunFor(seconds(3));
  EXPECT_THAT(api_.Names(kDeploymentsPath), ElementsAre(std::string("trimtab/") + kShop));
  EXPECT_THAT(Deployment(kShop), AllOf(HasSubstr(R"("replicas":3)"), HasSubstr(R"("cpu":"500m")"),
                                       HasSubstr(R"("memory":"1073741824")"),
                                       HasSubstr(R"("priorityClassName":"trimtab-placeholder")"),
                                       HasSubstr(R"("terminationGracePeriodSeconds":0)"),
                                       HasSubstr(R"("automountServiceAccountToken":false)"),
                                       HasSubstr(R"("whenUnsatisfiable":"ScheduleAnyway")")));
}

TEST_F(Placeholders, AreWrittenOnceAndOnlyWhenSomethingChanges) {
  Start();
  RunFor(seconds(60));
  EXPECT_EQ(api_.Count("POST", "/deployments"), 1);
  EXPECT_EQ(api_.Count("PUT", "/"), 0);
  api_.Merge(kDeploymentsPath, "trimtab", kShop, R"({"status":{"readyReplicas":2}})");
  RunFor(seconds(60));
  EXPECT_EQ(api_.Count("PUT", "/"), 0);
  policy_.spare.shapes[0].count = 5;
  SetPolicy();
  RunFor(seconds(3));
  EXPECT_EQ(api_.Count("PUT", "/"), 1);
  EXPECT_THAT(Deployment(kShop), HasSubstr(R"("replicas":5)"));
}

TEST_F(Placeholders, AreMendedWhenSomebodyElseScalesOrDeletesThem) {
  Start();
  RunFor(seconds(3));
  api_.Merge(kDeploymentsPath, "trimtab", kShop, R"({"spec":{"replicas":0}})");
  RunFor(seconds(3));
  EXPECT_THAT(Deployment(kShop), HasSubstr(R"("replicas":3)"));
  api_.Remove(kDeploymentsPath, "trimtab", kShop);
  RunFor(seconds(3));
  EXPECT_THAT(Deployment(kShop), HasSubstr(R"("replicas":3)"));
}

TEST_F(Placeholders, GoWithTheirPolicy) {
  api_.PutObject(kPoliciesPath, R"({"metadata":{"name":"production"}})");
  Start();
  RunFor(seconds(3));
  EXPECT_THAT(Deployment(kShop), AllOf(HasSubstr(R"("kind":"CapacityPolicy")"),
                                       HasSubstr(R"("name":"production","uid":"uid-2")")));
  fleet_->SetPolicy(nullptr);
  RunFor(seconds(20));
  EXPECT_THAT(api_.Names(kDeploymentsPath), testing::SizeIs(1)) << "it may be back in a moment";
  RunFor(seconds(15));
  EXPECT_THAT(api_.Names(kDeploymentsPath), IsEmpty());
}

TEST_F(Placeholders, OfAnotherLifeGoTooAndOthersDeploymentsStay) {
  api_.PutObject(kDeploymentsPath,
                 R"({"metadata":{"namespace":"trimtab","name":"trimtab-placeholder-shape-old",
      "labels":{"app.kubernetes.io/name":"trimtab-placeholder",
                "app.kubernetes.io/managed-by":"trimtab-scaler"}},"spec":{"replicas":2}})");
  api_.PutObject(kDeploymentsPath,
                 R"({"metadata":{"namespace":"trimtab","name":"trimtab-scaler"},"spec":{}})");
  Start();
  RunFor(seconds(5));
  EXPECT_THAT(api_.Names(kDeploymentsPath),
              ElementsAre(std::string("trimtab/") + kShop, "trimtab/trimtab-scaler"));
  has_policy_ = false;
  Stop();
  Start();
  RunFor(seconds(45));
  EXPECT_THAT(api_.Names(kDeploymentsPath), ElementsAre("trimtab/trimtab-scaler"));
}

TEST_F(Placeholders, StandInForTheLargestNodeOfEachZone) {
  PutNode("n2", "b", R"({"taints":[{"key":"team","value":"x","effect":"NoSchedule"}]})");
  PutPod("agent-1", {.node = "n1", .owner = "DaemonSet"});
  policy_.spare.shapes.clear();
  policy_.spare.survive = Survive{.per_zone = true};
  Start();
  RunFor(seconds(3));
  EXPECT_THAT(Deployment("trimtab-placeholder-loss-a"),
              AllOf(HasSubstr(R"("cpu":"3500m")"),
                    HasSubstr(R"("nodeSelector":{"topology.kubernetes.io/zone":"a"})"),
                    HasSubstr(R"("tolerations":[])")))
      << "what a DaemonSet takes of a node it takes of the next one, too";
  EXPECT_THAT(Deployment("trimtab-placeholder-loss-b"),
              AllOf(HasSubstr(R"("cpu":"4000m")"), HasSubstr(R"("key":"team")")));
}

TEST_F(Placeholders, AreFreeRoomAndNoNeed) {
  Start();
  RunFor(seconds(3));
  for (const auto* name : {"ours-1", "ours-2"}) {
    api_.PutObject(kPodsPath, std::string(R"({"metadata":{"namespace":"trimtab","name":")") + name +
                                  R"(","labels":{"app.kubernetes.io/name":"trimtab-placeholder"}},
        "spec":{"nodeName":"n1","containers":[{"name":"c",
        "resources":{"requests":{"cpu":"1900m"}}}]},"status":{"phase":"Running"}})");
  }
  RunFor(seconds(5));
  EXPECT_THAT(nodes_->ListNodes().pods, IsEmpty());
  const auto status = fleet_->Status();
  ASSERT_EQ(status->decision->spare.size(), 1U);
  EXPECT_TRUE(status->decision->spare[0].holds);
}

TEST_F(Placeholders, TellWhatIsThereAndWhyTheRestIsNot) {
  api_.FailNext("POST", "/apis/apps/v1/namespaces/trimtab/deployments",
                {.status = 403, .body = R"({"kind":"Status","message":"no right"})"});
  Start();
  RunFor(std::chrono::milliseconds(800));
  auto kept = nodes_->ListNodes().kept;
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_THAT(kept[0].problem, HasSubstr("no right"));
  RunFor(seconds(3));
  api_.Merge(kDeploymentsPath, "trimtab", kShop, R"({"status":{"readyReplicas":2,"conditions":[
      {"type":"ReplicaFailure","status":"True","message":"no PriorityClass"}]}})");
  RunFor(seconds(1));
  kept = nodes_->ListNodes().kept;
  EXPECT_EQ(kept[0], (platform::KeptRoom{"shape-shop", 3, 2, "no PriorityClass"}));
}

TEST_F(Placeholders, HaveNamesThatAreValidAndDiffer) {
  const auto name = [](const char* shape) {
    engine::capacity::Placeholder placeholder;
    placeholder.name = shape;
    return DeploymentNameOf(placeholder);
  };
  EXPECT_EQ(name("shape-shop"), kShop);
  EXPECT_THAT(name("shape-Shop"),
              testing::MatchesRegex("trimtab-placeholder-shape-shop-[0-9a-f]{8}"));
  EXPECT_NE(name("shape-a_b"), name("shape-a.b"));
  EXPECT_LE(name(std::string(90, 'x').c_str()).size(), 75U);
}

TEST_F(Placeholders, SurviveAnApiServerThatIsAway) {
  api_.FailAll("", "/", {.breaks = true});
  Start();
  RunFor(seconds(20));
  api_.Relent();
  RunFor(seconds(60));
  EXPECT_THAT(api_.Names(kDeploymentsPath), ElementsAre(std::string("trimtab/") + kShop));
}

}  // namespace
}  // namespace scaler::kubernetes::nodes
