// Nodes that others make, on a real API server and scheduler: placeholders that give way, and nodes
// that are emptied because an agent has heard that they go.
#include "tests/cluster/support/nodes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/cluster/support/node_agent.h"
#include "tests/cluster/support/story.h"

namespace cluster {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kNodes = 6;

class Nodes : public Story {
 protected:
  static void SetUpTestSuite() {
    // What is measured is what the cluster does: KWOK shall not play slow images beside it.
    for (const std::string stage : {"pod-create", "pod-ready", "pod-delete"}) {
      Plane().Must(
          {"patch", "stage/" + stage, "--type=json", "-p",
           R"([{"op":"replace","path":"/spec/delay","value":{"durationMilliseconds":0}}])"});
    }
    Install();
    agent_ = std::make_unique<NodeAgent>(Plane(), "on-demand-1");
    StartScaler({agent_->Address()});
  }

  static void TearDownTestSuite() {
    Story::TearDownTestSuite();
    agent_.reset();
  }

  void TearDown() override {
    Plane().Must({"delete", "capacitypolicies", "--all"});
    Plane().Must({"delete", "namespace", namespace_, "--wait=false"});
    Story::TearDown();
  }

  [[nodiscard]] static NodeAgent& Agent() { return *agent_; }

  /// So many placeholders, each of nearly the whole room of a node.
  static void KeepSpare(int placeholders) {
    Plane().Must({"apply", "-f", "-"}, fmt::format(R"(apiVersion: trimtab.io/v1alpha1
kind: CapacityPolicy
metadata: {{name: spare}}
spec: {{spare: {{by: placeholderPods, shapes: {{shop: {{cpu: 30, memory: 1Gi, count: {}}}}}}}}}
)",
                                                   placeholders));
    ASSERT_TRUE(Eventually([&] { return Ready() == std::to_string(placeholders); })) << Ready();
  }

  [[nodiscard]] static std::string Ready() {
    return Plane()
        .Kubectl({"get", "deployment/trimtab-placeholder-shape-shop", "-n", "trimtab", "-o",
                  "jsonpath={.status.readyReplicas}"})
        .out;
  }

  /// Why placeholders have no node, one a line.
  [[nodiscard]] static std::string WaitingPlaceholders() {
    return Plane().Must({"get", "pods", "-n", "trimtab", "--field-selector=spec.nodeName=", "-l",
                         "app.kubernetes.io/name=trimtab-placeholder", "-o",
                         R"(jsonpath={range .items[*]}{.status.conditions[0].reason}{"\n"}{end})"});
  }

  /// The story's pods on a node.
  [[nodiscard]] std::string PodsOn(const std::string& node) const {
    return Ask({"get", "pods", "--field-selector=spec.nodeName=" + node, "-o", "name"});
  }

  [[nodiscard]] static std::string Mark(const std::string& node) {
    return Plane().Must({"get", "node/" + node, "-o",
                         "jsonpath={.spec.unschedulable} {.spec.taints[*].key} "
                         "{.metadata.annotations}"});
  }

  /// A Deployment with a pod on each node, all of them ready.
  void Spread(const std::string& name) const {
    auto manifest = Deployment(name, kNodes);
    manifest.insert(manifest.find("      containers:"),
                    "      topologySpreadConstraints: [{maxSkew: 1, topologyKey: "
                    "kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: "
                    "{matchLabels: {app: " +
                        name + "}}}]\n");
    Apply(manifest);
    ASSERT_TRUE(Eventually([&] { return ReadyOf(name) == kNodes; }));
  }

  [[nodiscard]] int ReadyOf(const std::string& name) const {
    return std::atoi(Field("deployment/" + name, ".status.readyReplicas").c_str());
  }

  /// As a person at a terminal beside that scaler.
  [[nodiscard]] static Outcome Ctl(const Scaler& scaler, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BINARY_DIR "/trimtabctl");
    arguments.insert(arguments.end(), {"--address", scaler.Address()});
    return RunToEnd(arguments, "", Plane().Directory());
  }

  [[nodiscard]] static bool IsUnmarked(const std::string& node) {
    return Eventually([&] { return Mark(node).find("trimtab.io") == std::string::npos; });
  }

  /// As long as it is there no pod of a Deployment that Spread has made may be evicted.
  void Forbid(const std::string& name) const {
    Apply(fmt::format(R"(apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {0}}}
spec: {{minAvailable: {1}, selector: {{matchLabels: {{app: {0}}}}}}}
)",
                      name, kNodes));
    ASSERT_TRUE(Eventually(
        [&] { return Field("pdb/" + name, ".status.currentHealthy") == std::to_string(kNodes); }));
  }

  [[nodiscard]] static double Metric(const std::string& name) {
    const auto page = "\n" + OurScaler().Get("/metrics");
    const auto at = page.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
  }

 private:
  static std::unique_ptr<NodeAgent> agent_;
};

std::unique_ptr<NodeAgent> Nodes::agent_;

TEST_F(Nodes, APendingPodTakesThePlaceOfAPlaceholderWhichComesBackAsPendingWork) {
  KeepSpare(kNodes);
  ASSERT_THAT(WaitingPlaceholders(), IsEmpty());

  const auto began = std::chrono::steady_clock::now();
  Apply(R"(apiVersion: v1
kind: Pod
metadata: {name: urgent}
spec:
  containers: [{name: server, image: shop, resources: {requests: {cpu: 20}}}]
)");
  EXPECT_TRUE(Eventually([&] { return Field("pod/urgent", ".status.phase") == "Running"; }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;

  std::printf("pending to running: %.2f s\n", took.count());
  EXPECT_LT(took, seconds(5));
  EXPECT_TRUE(Eventually([] { return WaitingPlaceholders() == "Unschedulable\n"; }))
      << WaitingPlaceholders();
  // As whoever makes nodes would answer.
  Plane().Must({"create", "-f", "-"}, cluster::Nodes(1, "on-demand", kNodes));
  EXPECT_TRUE(Eventually([] { return WaitingPlaceholders().empty() && Ready() == "6"; }));
  Plane().Must({"delete", "node", fmt::format("on-demand-{}", kNodes)});
}

TEST_F(Nodes, ANodeIsEmptyBeforeItsTimeAndTakesPodsAgainWhenTheNoticeIsTakenBack) {
  KeepSpare(1);
  Spread("web");
  ASSERT_THAT(PodsOn(Agent().Node()), HasSubstr("web"));
  const auto missed = Metric("trimtab_drain_deadline_missed_total");

  const auto began = std::chrono::steady_clock::now();
  Agent().SayItGoesIn(seconds(60));
  EXPECT_TRUE(Eventually([&] { return PodsOn(Agent().Node()).empty(); }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;

  std::printf("notice to empty node: %.2f s\n", took.count());
  EXPECT_LT(took, seconds(60));
  EXPECT_THAT(Mark(Agent().Node()), AllOf(HasSubstr("true"), HasSubstr("trimtab.io/drain"),
                                          HasSubstr("trimtab.io/drain-deadline")));
  EXPECT_TRUE(Eventually([&] { return ReadyOf("web") == kNodes; }));
  EXPECT_TRUE(
      Eventually([] { return Metric("trimtab_drain_seconds_count{reason=\"notice\"}") == 1; }));
  EXPECT_EQ(Metric("trimtab_drain_deadline_missed_total"), missed);

  Agent().SayItStays();
  EXPECT_TRUE(IsUnmarked(Agent().Node())) << Mark(Agent().Node());
  EXPECT_THAT(Mark(Agent().Node()), Not(HasSubstr("true")));
}

TEST_F(Nodes, ADisruptionBudgetHoldsAndTheDeadlineThatIsMissedForItIsCounted) {
  KeepSpare(1);
  Spread("budget");
  Forbid("budget");
  const auto before = PodsOn(Agent().Node());
  ASSERT_THAT(before, HasSubstr("budget"));
  const auto missed = Metric("trimtab_drain_deadline_missed_total");

  Agent().SayItGoesIn(seconds(8));

  EXPECT_TRUE(
      Eventually([&] { return Metric("trimtab_drain_deadline_missed_total") == missed + 1; }));
  EXPECT_EQ(PodsOn(Agent().Node()), before);
  EXPECT_THAT(OurScaler().Log(), HasSubstr("disruption budget"));
  Agent().SayItStays();
}

TEST_F(Nodes, AnOperatorHasANodeEmptiedSeesWhatHoldsItAndTakesItBack) {
  const std::string node = "on-demand-3";
  Scaler follower(Plane(), "follower", {Source().Address()});
  KeepSpare(1);
  Spread("ops");
  Forbid("ops");
  ASSERT_TRUE(Eventually([&] { return follower.IsReady(); }));

  EXPECT_THAT(Ctl(follower, {"status"}).out,
              AllOf(StartsWith("FOLLOWER: "), HasSubstr("which alone writes")));
  EXPECT_THAT(Ctl(OurScaler(), {"status"}).out, Not(HasSubstr("FOLLOWER")));
  const auto refused = Ctl(follower, {"drain", node});
  EXPECT_FALSE(refused.Ok());
  EXPECT_THAT(refused.err, HasSubstr("which alone acts: ask that one"));
  EXPECT_THAT(Ctl(follower, {"capacity"}).err, HasSubstr("which alone acts: ask that one"));
  const auto asked = Ctl(OurScaler(), {"drain", node});
  EXPECT_TRUE(asked.Ok()) << asked.err;
  EXPECT_THAT(asked.out, HasSubstr("whoever made it may take it then"));

  EXPECT_TRUE(Eventually([&] {
    return Ctl(OurScaler(), {"capacity"}).out.find("stays: " + namespace_ + "/ops-") !=
           std::string::npos;
  })) << Ctl(OurScaler(), {"capacity"}).out;
  const auto capacity = Ctl(OurScaler(), {"capacity"}).out;
  EXPECT_THAT(capacity, ContainsRegex("stays: .* on " + node + ": 429 .*budget ops needs 6"));
  EXPECT_THAT(capacity, ContainsRegex(node + " .*somebody wants it emptied"));
  EXPECT_THAT(capacity, HasSubstr("spare: 1 of 1 placeholder pods of"));
  EXPECT_THAT(Mark(node), AllOf(HasSubstr("true"), HasSubstr("trimtab.io/drain")));
  const auto decided = [] {
    return Plane().Must({"get", "tcp/spare", "-o", "jsonpath={.status.lastDecision.why}"});
  };
  EXPECT_TRUE(Eventually([&] { return decided().find(node) != std::string::npos; })) << decided();
  EXPECT_TRUE(Eventually([&] {
    return Plane().Must({"describe", "node/" + node}).find("somebody wants it emptied") !=
           std::string::npos;
  })) << Plane().Must({"describe", "node/" + node});

  EXPECT_TRUE(Ctl(OurScaler(), {"drain", node, "--undo"}).Ok());
  EXPECT_TRUE(IsUnmarked(node)) << Mark(node);
  EXPECT_THAT(PodsOn(node), HasSubstr("ops"));
  Plane().Must({"delete", "pdb/ops", "-n", namespace_});
  const auto emptied = Ctl(OurScaler(), {"drain", node, "--wait"});
  EXPECT_THAT(emptied.out, HasSubstr(node + " is empty; whoever made it may take it"))
      << emptied.err;
  EXPECT_THAT(PodsOn(node), IsEmpty());
  EXPECT_TRUE(Ctl(OurScaler(), {"drain", node, "--undo"}).Ok());
  EXPECT_TRUE(IsUnmarked(node)) << Mark(node);
}

TEST_F(Nodes, ANodeThatTheCloudRecommendsToLeaveIsEmptiedInItsTurn) {
  KeepSpare(1);
  Spread("advised");
  ASSERT_THAT(PodsOn(Agent().Node()), HasSubstr("advised"));

  Agent().SayItShouldGo();
  EXPECT_TRUE(Eventually([&] { return PodsOn(Agent().Node()).empty(); })) << Mark(Agent().Node());
  EXPECT_THAT(Mark(Agent().Node()), AllOf(HasSubstr("true"), HasSubstr("trimtab.io/drain")));
  EXPECT_EQ(Plane().Must({"get", "node/" + Agent().Node(), "-o",
                          "jsonpath={.spec.taints[?(@.key==\"trimtab.io/drain\")].value}"}),
            "rebalance");
  Agent().SayItStays();

  EXPECT_TRUE(IsUnmarked(Agent().Node())) << Mark(Agent().Node());
}

}  // namespace
}  // namespace cluster
