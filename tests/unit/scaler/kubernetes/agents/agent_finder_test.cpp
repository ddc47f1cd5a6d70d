#include "scaler/kubernetes/agents/agent_finder.h"

#include <gmock/gmock.h>

#include "unit/scaler/kubernetes/agents/cluster_of_pods.h"

namespace scaler::kubernetes::agents {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kLabel = R"(,"labels":{"app.kubernetes.io/name":"trimtab-agent"})";

class AgentFinderTest : public tests::ClusterOfPods {
 protected:
  void PutAgent(const std::string& name, const std::string& node, const std::string& status) {
    PutPod("trimtab", name, node, status, kLabel);
  }

  void Start() {
    finder_ = std::make_unique<AgentFinder>(
        executor_, client_, FinderOptions{.name_space = "trimtab"}, [this](const auto& found) {
          found_ = found;
          ++told_;
        });
    finder_->Start();
    executor_.RunFor(seconds(1));
  }

  FoundAgents found_;
  int told_ = 0;
  std::unique_ptr<AgentFinder> finder_;
};

TEST_F(AgentFinderTest, FindsTheAgentsByTheirLabelReadyOrNot) {
  PutAgent("a", "node-1", R"("phase":"Running","podIP":"10.0.0.1")");
  PutAgent("b", "node-2", R"("phase":"Pending","podIP":"fd00::7")");
  PutAgent("c", "node-3", R"("phase":"Pending")");
  PutAgent("d", "node-4", R"("phase":"Failed","podIP":"10.0.0.4")");
  PutPod("trimtab", "another", "node-1", R"("podIP":"10.0.0.9")");
  PutPod("shops", "e", "node-1", R"("podIP":"10.0.0.9")", kLabel);
  Start();
  EXPECT_THAT(found_.agents, ElementsAre(FoundAgent{"10.0.0.1:9105", "node-1"},
                                         FoundAgent{"[fd00::7]:9105", "node-2"}));
  EXPECT_EQ(told_, 1);
}

TEST_F(AgentFinderTest, GoesByThePortThatIsNamedForIt) {
  ports_ = R"(,"ports":[{"name":"other","containerPort":1},{"name":"https","containerPort":7000},
      {"name":"odd","containerPort":"x"},5])";
  PutAgent("a", "node-1", R"("podIP":"10.0.0.1")");
  Start();
  EXPECT_THAT(found_.agents, ElementsAre(FoundAgent{"10.0.0.1:7000", "node-1"}));
}

TEST_F(AgentFinderTest, TheyComeAndGo) {
  Start();
  EXPECT_EQ(told_, 0);
  PutAgent("a", "node-1", R"("phase":"Pending")");
  executor_.RunFor(seconds(1));
  EXPECT_EQ(told_, 0) << "nobody to dial yet";
  PutAgent("a", "node-1", R"("phase":"Running","podIP":"10.0.0.1")");
  executor_.RunFor(seconds(10));
  PutAgent("b", "node-1", R"("phase":"Running","podIP":"10.0.0.2")");
  executor_.RunFor(seconds(1));
  EXPECT_THAT(found_.agents, ElementsAre(FoundAgent{"10.0.0.1:9105", "node-1"},
                                         FoundAgent{"10.0.0.2:9105", "node-1"}))
      << "the newer is the last";
  api_.Remove(kPods, "trimtab", "a");
  executor_.RunFor(seconds(1));
  EXPECT_THAT(found_.agents, ElementsAre(FoundAgent{"10.0.0.2:9105", "node-1"}));
  EXPECT_THAT(found_.gone_nodes, IsEmpty());
}

TEST_F(AgentFinderTest, OneThatEndsWithItsNodeSaysSo) {
  PutAgent("a", "node-1", R"("phase":"Running","podIP":"10.0.0.1")");
  Start();
  PutAgent("a", "node-1",
           R"("phase":"Failed","podIP":"10.0.0.1","conditions":[
              {"type":"DisruptionTarget","status":"True","reason":"DeletionByPodGC"}])");
  api_.Remove(kPods, "trimtab", "a");
  executor_.RunFor(seconds(1));
  EXPECT_EQ(found_, (FoundAgents{{}, {"node-1"}}));
  PutAgent("b", "node-1", R"("phase":"Running","podIP":"10.0.0.5")");
  executor_.RunFor(seconds(1));
  EXPECT_EQ(found_, (FoundAgents{{{"10.0.0.5:9105", "node-1"}}, {}})) << "a node of its name";
}

TEST_F(AgentFinderTest, NobodyIsForgottenWhileTheServerIsAway) {
  PutAgent("a", "node-1", R"("phase":"Running","podIP":"10.0.0.1")");
  Start();
  api_.FailAll("GET", "/api/v1", {.breaks = true});
  api_.CutWatches(true);
  api_.Remove(kPods, "trimtab", "a");
  PutAgent("b", "node-2", R"("phase":"Running","podIP":"10.0.0.2")");
  api_.Compact();
  executor_.RunFor(seconds(30));
  EXPECT_EQ(told_, 1);
  EXPECT_NE(finder_->Problem(), "");
  api_.Relent();
  executor_.RunFor(seconds(60));
  EXPECT_THAT(found_.agents, ElementsAre(FoundAgent{"10.0.0.2:9105", "node-2"}));
  EXPECT_EQ(finder_->Problem(), "");
}

TEST_F(AgentFinderTest, APodOfAStrangeShapeStopsNothing) {
  api_.PutObject(kPods, R"({"metadata":{"name":"odd","namespace":"trimtab","labels":
      {"app.kubernetes.io/name":"trimtab-agent"},"ownerReferences":[4]},"spec":{"nodeName":7,
      "containers":"x"},"status":{"podIP":[],"conditions":[{"type":1}]}})");
  PutAgent("a", "node-1", R"("phase":"Running","podIP":"10.0.0.1")");
  Start();
  EXPECT_THAT(found_.agents, ElementsAre(FoundAgent{"10.0.0.1:9105", "node-1"}));
}

}  // namespace
}  // namespace scaler::kubernetes::agents
