#include "scaler/kubernetes/workloads/owner_graph.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scaler::kubernetes::workloads {
namespace {

std::size_t CountPods(const OwnerGraph::Node& node) {
  std::size_t pods = 0;
  OwnerGraph::EachPod(node, [&](const void*) { ++pods; });
  return pods;
}

TEST(OwnerGraph, FindsOwnersOverAnyNumberOfStepsInAnyOrder) {
  OwnerGraph graph;
  int object = 0;
  int pod = 0;
  auto& below = graph.AddPod("set", &pod);
  EXPECT_EQ(OwnerGraph::ScalableAbove(&below), nullptr);
  auto& top = graph.Know("deployment", "");
  top.scalable = &object;
  graph.Know("set", "middle");
  graph.Know("middle", "deployment");
  EXPECT_EQ(OwnerGraph::ScalableAbove(&below), &object);
  EXPECT_EQ(CountPods(top), 1U);
}

TEST(OwnerGraph, KeepsNothingThatNobodyNeeds) {
  OwnerGraph graph;
  int pod = 0;
  auto& set = graph.Know("set", "deployment");
  graph.AddPod("set", &pod);
  EXPECT_EQ(graph.Size(), 2U);
  graph.Forget(set);
  EXPECT_EQ(graph.Size(), 1U) << "its pod is there";
  graph.RemovePod(set, &pod);
  EXPECT_EQ(graph.Size(), 0U);
}

TEST(OwnerGraph, AnOwnerThatChangesTakesItsPodsAlong) {
  OwnerGraph graph;
  int pod = 0;
  auto& one = graph.Know("one", "");
  auto& two = graph.Know("two", "");
  graph.Know("set", "one");
  graph.AddPod("set", &pod);
  graph.Know("set", "two");
  EXPECT_EQ(CountPods(one), 0U);
  EXPECT_EQ(CountPods(two), 1U);
}

TEST(OwnerGraph, ACircleHasAnEnd) {
  OwnerGraph graph;
  int pod = 0;
  graph.Know("one", "two");
  graph.Know("two", "one");
  graph.Know("self", "self");
  EXPECT_EQ(OwnerGraph::ScalableAbove(&graph.AddPod("one", &pod)), nullptr);
  EXPECT_GE(CountPods(graph.Know("two", "one")), 1U);
}

}  // namespace
}  // namespace scaler::kubernetes::workloads
