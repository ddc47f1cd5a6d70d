// What people and controllers do to a workload while its policy acts: new versions, other hands on
// its number, other owners, objects that come late, are deleted or are not what they should be.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "tests/cluster/support/audit.h"
#include "tests/cluster/support/node_agent.h"
#include "tests/cluster/support/objects.h"
#include "tests/cluster/support/story.h"

namespace cluster {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// For what a controller looks at once a minute.
constexpr auto kMinutes = std::chrono::seconds(240);

class Changes : public Story {
 protected:
  /// What takes a minute begins before all stories, and the last ones see what came of it.
  static void SetUpTestSuite() {
    Story::SetUpTestSuite();
    Plane().Must({"apply", "-f", "-"}, CrashStage());
    if (!Eventually([] { return OurScaler().IsReady(); })) {
      throw std::runtime_error("the scaler is not ready");
    }
    Plane().Must({"apply", "-f", "-"}, KedaKind());
    lost_ = NewNamespace("lost");
    Plane().Must({"create", "-f", "-"}, Node("doomed"));
    Plane().Must({"apply", "-n", lost_, "-f", "-"}, DeploymentOn("doomed", "on-doomed", 2));
    Plane().Must({"rollout", "status", "deployment/on-doomed", "-n", lost_, "--timeout=60s"});
    Plane().Must({"delete", "node", "doomed"});
  }

  [[nodiscard]] std::string Replicas(const std::string& deployment) const {
    return Field("deployment/" + deployment, ".spec.replicas");
  }

  /// "Refused", where a condition of the policy of that name has come to be so.
  [[nodiscard]] bool SaysOf(const std::string& policy, const std::string& condition,
                            const std::string& status, const std::string& reason) const {
    const auto path = fmt::format(".status.conditions[?(@.type==\"{}\")]", condition);
    return Eventually([&] {
      return Field("tsp/" + policy, path + ".status") == status &&
             Field("tsp/" + policy, path + ".reason") == reason;
    });
  }

  /// A rule that has held or changed the number of a workload, by the ledger of the decisions.
  [[nodiscard]] bool IsRuledBy(const std::string& workload, const std::string& rule) const {
    const auto page =
        "/api/v1/decisions?limit=20&namespace=" + namespace_ + "&workload=" + workload;
    return Eventually([&] { return OurScaler().Get(page).find(rule) != std::string::npos; });
  }

  /// Rollouts, and what else kubectl does at the story's place.
  void Do(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-n", namespace_});
    Plane().Must(arguments);
  }

  void ReleaseVersionThatCrashes(const std::string& deployment) const {
    Do({"patch", "deployment/" + deployment, "-p",
        R"({"spec":{"template":{"metadata":{"labels":{"crashes":"true"},"annotations":)"
        R"({"pod-ready.stage.kwok.x-k8s.io/weight":"0"}},"spec":{"containers":)"
        R"([{"name":"server","image":"shop:2"}]}}}})"});
  }

  [[nodiscard]] bool SomeCrash(const std::string& deployment) const {
    return Eventually([&] {
      return Ask({"get", "pods", "-l", "app=" + deployment + ",crashes=true", "-o",
                  "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}"})
                 .find("CrashLoopBackOff") != std::string::npos;
    });
  }

  static std::string lost_;  ///< Where the workload of the node is that was deleted.
};

std::string Changes::lost_;

TEST_F(Changes, AVersionThatCrashesGetsNoReplicasForTheRequestsThatItLeavesWaiting) {
  Begin("broken", 40, 1, 10);
  Do({"rollout", "status", "deployment/broken", "--timeout=60s"});

  ReleaseVersionThatCrashes("broken");
  ASSERT_TRUE(SomeCrash("broken"));
  Source().SetInFlight("broken", 90);

  EXPECT_TRUE(IsRuledBy("broken", "crash_loop"));
  EXPECT_TRUE(SaysOf("broken", "Limited", "True", "CrashLoop"));
  EXPECT_EQ(Replicas("broken"), "4");
  Do({"rollout", "undo", "deployment/broken"});
  EXPECT_TRUE(Becomes("broken", 9));
}

TEST_F(Changes, AGreenOneHasTheReplicasOfTheBlueOneBeforeItsVisitors) {
  const std::string guard = "  guards: {blueGreen: {hold: 10m}}\n";
  const auto peers = [](std::string deployment, const std::string& of, const std::string& peer) {
    const auto labels = "{app: " + of + "}";
    return deployment.replace(deployment.find(labels), labels.size(),
                              "{app: " + of + ", trimtab.io/peer: " + peer + "}");
  };
  Apply(peers(Deployment("shop-blue", 1), "shop-blue", "shop-green"));
  Source().SetInFlight("shop-blue", 50);
  Source().SetArrivals("shop-blue", 50);
  Source().SetInFlight("shop-green", 0);
  Apply(Policy(namespace_, "shop-blue", 1, 10, guard));
  Apply(Policy(namespace_, "shop-green", 1, 10, guard));
  ASSERT_TRUE(Becomes("shop-blue", 5));

  Apply(peers(Deployment("shop-green", 1), "shop-green", "shop-blue"));
  EXPECT_TRUE(Becomes("shop-green", 5));
  Source().SetArrivals("shop-blue", 0);
  Source().SetInFlight("shop-blue", 0);
  Source().SetArrivals("shop-green", 70);
  Source().SetInFlight("shop-green", 70);

  EXPECT_TRUE(Becomes("shop-green", 7));
  EXPECT_TRUE(IsRuledBy("shop-blue", "blue_green_hold"));
  EXPECT_TRUE(SaysOf("shop-blue", "Limited", "True", "BlueGreenHold"));
  EXPECT_EQ(Replicas("shop-blue"), "5");
}

TEST_F(Changes, ANumberThatAPersonSetsInMidRampIsSeenAndDecidedFrom) {
  Begin("hand", 30, 1, 10);

  Do({"scale", "deployment/hand", "--replicas=1"});
  EXPECT_TRUE(Becomes("hand", 3));
  for (const int wanted : {5, 7, 9}) {
    Source().SetInFlight("hand", static_cast<std::uint64_t>(wanted) * 10);
    Do({"scale", "deployment/hand", "--replicas=2"});
    EXPECT_TRUE(Becomes("hand", wanted));
  }
  Do({"scale", "deployment/hand", "--replicas=30"});

  EXPECT_TRUE(Eventually([&] { return std::stoi(Replicas("hand")) <= 10; }));
  EXPECT_THAT(Written(Plane(), namespace_, "hand"),
              testing::Each(AllOf(testing::Ge(1), testing::Le(10))));
}

TEST_F(Changes, AnHpaTakesAWorkloadOverAndGivesItBack) {
  Begin("lent", 20, 1, 10);

  Apply(Hpa("lent"));
  ASSERT_TRUE(SaysOf("lent", "Active", "False", "OwnedByOthers"));
  const auto written = Written(Plane(), namespace_, "lent");
  Source().SetInFlight("lent", 80);
  ASSERT_TRUE(Eventually([&] { return Field("tsp/lent", ".status.desired") == "8"; }));
  EXPECT_EQ(Replicas("lent"), "2");
  EXPECT_EQ(Written(Plane(), namespace_, "lent"), written);

  Do({"delete", "hpa/lent"});
  EXPECT_TRUE(Becomes("lent", 8));
  EXPECT_TRUE(SaysOf("lent", "Active", "True", "Scaling"));
}

TEST_F(Changes, ABadPolicySaysWhereAndWhyAndTheLastGoodOneHolds) {
  Begin("typo", 30, 1, 10);

  Apply(Policy(namespace_, "typo", 1, 2, "  formula: inFlight + lag\n"));
  ASSERT_TRUE(SaysOf("typo", "Ready", "False", "Refused"));
  EXPECT_THAT(Field("tsp/typo", ".status.problems[0]"),
              AllOf(HasSubstr("spec.formula"), HasSubstr("lag")));
  EXPECT_EQ(Field("tsp/typo", ".status.observedGeneration"),
            Field("tsp/typo", ".metadata.generation"));
  Source().SetInFlight("typo", 50);
  EXPECT_TRUE(Becomes("typo", 5));
  EXPECT_TRUE(Eventually([&] {
    return Ask({"describe", "tsp/typo"}).find("Refused") != std::string::npos;
  })) << Ask({"describe", "tsp/typo"});

  Apply(Policy(namespace_, "typo", 1, 20, ""));
  EXPECT_TRUE(SaysOf("typo", "Ready", "True", "Scaling"));
  EXPECT_EQ(Field("tsp/typo", ".status.problems"), "");
  EXPECT_EQ(Field("tsp/typo", ".status.observedGeneration"),
            Field("tsp/typo", ".metadata.generation"));
}

TEST_F(Changes, ALeaseThatIsDeletedIsMadeAnewAndTheSameOneLeads) {
  Begin("leased", 20, 1, 10);
  const std::vector<std::string> holder = {"get", "lease/trimtab-scaler",           "-n", "trimtab",
                                           "-o",  "jsonpath={.spec.holderIdentity}"};
  const auto before = Plane().Must(holder);

  Plane().Must({"delete", "lease/trimtab-scaler", "-n", "trimtab"});
  Source().SetInFlight("leased", 70);

  EXPECT_TRUE(Becomes("leased", 7));
  EXPECT_TRUE(Eventually([&] { return Plane().Kubectl(holder).out == before; }));
}

TEST_F(Changes, ANamespaceThatIsOnItsWayOutIsNotPestered) {
  Begin("leaving", 20, 1, 10);
  // Something that somebody else is to take away first.
  Apply(R"(apiVersion: v1
kind: ConfigMap
metadata: {name: stays, finalizers: [example.com/stays]}
)");

  Do({"delete", "namespace", namespace_, "--wait=false"});
  std::uint64_t in_flight = 30;
  ASSERT_TRUE(Eventually([&] {
    in_flight = in_flight == 90 ? 20 : in_flight + 10;
    Source().SetInFlight("leaving", in_flight);
    return !Plane().Kubectl({"get", "deployment/leaving", "-n", namespace_}).Ok();
  }));
  const auto all = Requests(Plane());
  const auto refused = std::count_if(all.begin(), all.end(), [&](const auto& request) {
    return request.name_space == namespace_ && request.code >= 400;
  });
  Do({"patch", "configmap/stays", "-p", R"({"metadata":{"finalizers":null}})"});

  EXPECT_LE(refused, 10);
}

TEST_F(Changes, AnAgentThatIsKilledKeepsTheReasonsOfRestartsItHasCounted) {
  const auto end_of = [&](const std::string& pod, int restarts, const std::string& reason,
                          int code) {
    Do({"patch", pod, "--subresource=status", "--type=merge", "-p",
        fmt::format(
            R"({{"status":{{"containerStatuses":[{{"name":"server","image":"shop","imageID":"",)"
            R"("ready":true,"started":true,"restartCount":{},"state":{{"running":)"
            R"({{"startedAt":"2026-01-01T00:00:0{}Z"}}}},"lastState":{{"terminated":{{"exitCode":{},)"
            R"("reason":"{}","startedAt":"2026-01-01T00:00:00Z","finishedAt":"2026-01-01T00:00:0{}Z",)"
            R"("containerID":"containerd://{}"}}}}}}]}}}})",
            restarts, restarts, code, reason, restarts, restarts)});
  };
  const auto counted = [&](const NodeAgent& agent, const std::string& reason, int count) {
    const auto line = fmt::format(
        R"(trimtab_container_restarts_total{{namespace="{}",workload="ends",container="server",)"
        R"(reason="{}"}} {})",
        namespace_, reason, count);
    return Eventually([&] { return agent.Get("/metrics").find(line + "\n") != std::string::npos; });
  };
  NodeAgent agent(Plane(), "on-demand-0");
  Apply(DeploymentOn("on-demand-0", "ends", 1));
  Do({"rollout", "status", "deployment/ends", "--timeout=60s"});
  ASSERT_TRUE(counted(agent, "oom_killed", 0)) << agent.Get("/metrics");
  const auto names = Ask({"get", "pods", "-l", "app=ends", "-o", "name"});
  const auto pod = names.substr(0, names.find('\n'));

  end_of(pod, 1, "OOMKilled", 137);
  EXPECT_TRUE(counted(agent, "oom_killed", 1)) << agent.Get("/metrics");
  ASSERT_TRUE(
      Eventually([&] { return agent.Kept().find(R"("oom_killed":1)") != std::string::npos; }));
  agent.Kill();
  end_of(pod, 2, "OOMKilled", 137);
  agent.Start();

  EXPECT_TRUE(counted(agent, "oom_killed", 2)) << agent.Get("/metrics");
  end_of(pod, 3, "Completed", 0);
  EXPECT_TRUE(counted(agent, "completed", 1)) << agent.Get("/metrics");
  EXPECT_TRUE(counted(agent, "oom_killed", 2)) << agent.Get("/metrics");
}

TEST_F(Changes, PodsThatGoWithTheirNodeAreCountedAsLost) {
  const auto lost = fmt::format(
      R"(trimtab_container_restarts_total{{namespace="{}",workload="on-doomed",)", lost_);

  EXPECT_TRUE(Eventually(
      [&] {
        const auto page = OurScaler().Get("/metrics");
        const auto at = page.find(lost);
        const auto line = at == std::string::npos ? "" : page.substr(at, page.find('\n', at) - at);
        return line.find(R"(reason="node_lost")") != std::string::npos && line.ends_with(" 2");
      },
      kMinutes))
      << OurScaler().Get("/metrics");
}

TEST_F(Changes, AKedaThatIsInstalledLaterIsSeenAsAnOwner) {
  Begin("keda", 20, 1, 10);

  Apply(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: theirs}
spec: {scaleTargetRef: {name: keda}}
)");
  EXPECT_TRUE(Eventually(
      [&] {
        return Field("tsp/keda", ".status.conditions[?(@.type==\"Active\")].message")
                   .find("ScaledObject " + namespace_ + "/theirs") != std::string::npos;
      },
      kMinutes));
  Source().SetInFlight("keda", 80);
  ASSERT_TRUE(Eventually([&] { return Field("tsp/keda", ".status.desired") == "8"; }));
  EXPECT_EQ(Replicas("keda"), "2");

  Do({"delete", "scaledobject/theirs"});
  EXPECT_TRUE(Becomes("keda", 8));
}

// The last one, because it begins anew with what a scaler counts since its start.
TEST_F(Changes, ACheckpointThatIsDeletedIsWrittenAnewAndMissedByNobody) {
  Begin("kept", 20, 1, 10);
  const auto checkpoint = [] {
    return Plane().Must({"get", "configmaps", "-n", "trimtab", "-o", "name"});
  };
  ASSERT_TRUE(Eventually(
      [&] { return checkpoint().find("trimtab-state-index") != std::string::npos; }, kMinutes));
  const auto names = checkpoint();
  std::istringstream lines(names);
  for (std::string name; std::getline(lines, name);) {
    if (name.find("trimtab-state-") != std::string::npos) {
      Plane().Must({"delete", name, "-n", "trimtab"});
    }
  }

  ASSERT_TRUE(OurScaler().Stop());
  EXPECT_THAT(checkpoint(), HasSubstr("trimtab-state-index")) << "written at the end";
  OurScaler().Start();
  Source().SetInFlight("kept", 70);

  EXPECT_TRUE(Becomes("kept", 7));
}

}  // namespace
}  // namespace cluster
