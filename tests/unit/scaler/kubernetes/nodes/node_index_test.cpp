#include "scaler/kubernetes/nodes/node_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scaler::kubernetes::nodes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

ClusterPod Pod(const std::string& name_space, const std::string& name, const std::string& node) {
  ClusterPod pod;
  pod.name = name;
  pod.workload = {name_space, "web"};
  pod.node = node;
  return pod;
}

ClusterNode Node(const std::string& name) {
  ClusterNode node;
  node.name = name;
  node.uid = name;
  node.pods = 10;
  return node;
}

std::vector<std::string> NamesOn(const NodeIndex& index, const std::string& node) {
  std::vector<std::string> names;
  for (const auto* const pod : index.Find(node)->pods) {
    names.push_back(pod->workload.name_space + "/" + pod->name);
  }
  return names;
}

TEST(NodeIndex, ViewsShareThePodsThatHaveNotChanged) {
  NodeIndex index;
  index.PutPod(Pod("shops", "a", "n1"));
  index.PutPod(Pod("shops", "b", "n1"));
  const auto before = index.Hosted().pods;
  auto moved = Pod("shops", "b", "n1");
  moved.leaving = true;
  index.PutPod(moved);
  const auto after = index.Hosted().pods;
  ASSERT_THAT(before, SizeIs(2));
  ASSERT_THAT(after, SizeIs(2));
  EXPECT_EQ(after[0], before[0]);
  EXPECT_TRUE(after[1]->leaving);
  EXPECT_FALSE(before[1]->leaving) << "what was seen then stays as it was";
}

TEST(NodeIndex, PodsOfOneNameInTwoNamespacesAreTwo) {
  NodeIndex index;
  index.PutNode(Node("n1"), {});
  index.PutPod(Pod("a", "web-0", "n1"));
  index.PutPod(Pod("b", "web-0", "n1"));
  EXPECT_THAT(NamesOn(index, "n1"), ElementsAre("a/web-0", "b/web-0"));
  index.ForgetPod({"a", "web-0"});
  EXPECT_THAT(NamesOn(index, "n1"), ElementsAre("b/web-0"));
  index.ForgetPod({"a", "web-0"});
  EXPECT_THAT(index.Hosted().pods, SizeIs(1));
}

TEST(NodeIndex, PodsAreOnTheirNodeWhicheverIsToldOfFirst) {
  NodeIndex index;
  index.PutPod(Pod("shops", "early", "n1"));
  index.PutNode(Node("n1"), {});
  index.PutPod(Pod("shops", "late", "n1"));
  EXPECT_THAT(NamesOn(index, "n1"), ElementsAre("shops/early", "shops/late"));
  auto over = Pod("shops", "early", "n1");
  over.over = true;
  index.PutPod(over);
  EXPECT_THAT(NamesOn(index, "n1"), ElementsAre("shops/late"));
  index.ForgetPod({"shops", "late"});
  EXPECT_THAT(NamesOn(index, "n1"), IsEmpty());
}

TEST(NodeIndex, TellsWhetherTheRoomOfNodesHasChanged) {
  NodeIndex index;
  EXPECT_FALSE(index.PutPod(Pod("shops", "web-0", "n1"))) << "it could run anywhere";
  auto daemon = Pod("shops", "agent-0", "n1");
  daemon.daemon = true;
  EXPECT_TRUE(index.PutPod(daemon));
  EXPECT_FALSE(index.PutPod(daemon)) << "the same again";
  daemon.node = "n2";
  EXPECT_TRUE(index.PutPod(daemon));
  daemon.over = true;
  EXPECT_TRUE(index.PutPod(daemon));
  EXPECT_FALSE(index.ForgetPod({"shops", "agent-0"}));
}

}  // namespace
}  // namespace scaler::kubernetes::nodes
