#include "agent/kubernetes/pod.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/kubernetes/event.h"
#include "unit/agent/kubernetes/pods.h"

namespace agent::kubernetes {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// As kubectl prints one, shortened.
constexpr const char* kCrashed = R"({
  "kind": "Pod",
  "metadata": {
    "name": "shop-7c5ddbdf54-x2k8v", "namespace": "shops", "uid": "3a1f", "resourceVersion": "8",
    "labels": {"app": "shop", "pod-template-hash": "7c5ddbdf54"},
    "ownerReferences": [
      {"kind": "Other", "name": "other", "uid": "1"},
      {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop-7c5ddbdf54",
       "controller": true, "blockOwnerDeletion": true, "uid": "2"}]},
  "spec": {
    "nodeName": "node-1", "priority": 0,
    "initContainers": [{"name": "migrate"}, {"name": "proxy", "restartPolicy": "Always"}],
    "containers": [{"name": "web", "image": "web:1", "livenessProbe": {"httpGet": {"port": 80}}}]},
  "status": {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
    "initContainerStatuses": [
      {"name": "migrate", "containerID": "containerd://a", "restartCount": 0,
       "state": {"terminated": {"exitCode": 0, "reason": "Completed", "containerID": "containerd://a",
                 "startedAt": "2026-09-21T14:13:20Z", "finishedAt": "2026-09-21T14:13:21Z"}}},
      {"name": "proxy", "containerID": "containerd://b", "restartCount": 0,
       "state": {"running": {"startedAt": "2026-09-21T14:13:22Z"}}}],
    "containerStatuses": [
      {"name": "web", "containerID": "containerd://d", "restartCount": 3, "ready": false,
       "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
       "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled",
                     "containerID": "containerd://d",
                     "startedAt": "2026-09-21T14:13:20Z", "finishedAt": "2026-09-21T14:13:21Z"}}}]}})";

TEST(Pod, IsReadWithTheFieldsInUse) {
  const auto pod = ParsePod(kCrashed);
  ASSERT_TRUE(pod) << pod.error().what;
  EXPECT_EQ(pod->name_space, "shops");
  EXPECT_EQ(pod->uid, "3a1f");
  EXPECT_EQ(pod->node, "node-1");
  EXPECT_EQ(WorkloadOf(*pod), "shop");
  EXPECT_FALSE(pod->deleted_at);
  ASSERT_THAT(pod->containers, SizeIs(3));
  const auto find = [&](const std::string& name) {
    return *std::find_if(pod->containers.begin(), pod->containers.end(),
                         [&](const auto& each) { return each.name == name; });
  };
  EXPECT_EQ(find("migrate").kind, Container::Kind::kInit);
  EXPECT_EQ(find("migrate").terminated->exit_code, 0);
  EXPECT_EQ(find("proxy").kind, Container::Kind::kSidecar);
  EXPECT_EQ(find("proxy").running_since, tests::At(2));
  const auto web = find("web");
  EXPECT_TRUE(web.has_probe);
  EXPECT_EQ(web.restart_count, 3U);
  EXPECT_EQ(web.waiting, "CrashLoopBackOff");
  EXPECT_EQ(web.last_terminated->reason, "OOMKilled");
  EXPECT_EQ(web.last_terminated->finished_at, tests::At(1));
}

TEST(Pod, WhatIsMissingOrOfAnotherTypeIsAsIfItWereNotThere) {
  const auto bare = ParsePod(R"({"metadata":{"name":"a"}})");
  ASSERT_TRUE(bare);
  EXPECT_THAT(bare->containers, IsEmpty());
  const auto strange = ParsePod(
      R"({"metadata":{"name":"a","labels":[1],"ownerReferences":{"kind":3},"uid":7,
          "deletionTimestamp":"yesterday"},
          "spec":{"containers":[{"name":"web"},{"name":5},7,null],"nodeName":{},"priority":"x"},
          "status":{"containerStatuses":[{"name":"web","restartCount":-4,"state":[],
          "lastState":{"terminated":"no"}},{"name":"nobody"}],"conditions":{"a":1}}})");
  ASSERT_TRUE(strange) << strange.error().what;
  EXPECT_EQ(strange->uid, "");
  EXPECT_FALSE(strange->deleted_at);
  ASSERT_THAT(strange->containers, SizeIs(1));
  EXPECT_TRUE(strange->containers[0].has_status);
  EXPECT_EQ(strange->containers[0].restart_count, 0U);
}

TEST(Pod, WhatIsNoPodIsRefused) {
  for (const auto* bad : {"", "7", "[]", "{}", R"({"metadata":{"namespace":"x"}})",
                          R"({"metadata":{"name":"a"},"status":{"containerStatuses":[{"na)"}) {
    EXPECT_FALSE(ParsePod(bad)) << bad;
  }
}

TEST(Pod, ItsDeletionWasAskedForBeforeItsGracePeriod) {
  const auto pod = ParsePod(
      R"({"metadata":{"name":"a","deletionTimestamp":"2026-09-21T14:13:50Z",
          "deletionGracePeriodSeconds":30}})");
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod->deleted_at, tests::At(0));
}

TEST(Pod, BelongsToTheWorkloadThatAPersonKnows) {
  const auto workload = [](std::string kind, std::string owner, std::string hash = "") {
    Pod pod;
    pod.name = "db-0-node-1";
    pod.owner.kind = std::move(kind);
    pod.owner.name = std::move(owner);
    pod.owner.template_hash = std::move(hash);
    return WorkloadOf(pod);
  };
  EXPECT_EQ(workload("ReplicaSet", "shop-5d9f", "5d9f"), "shop");
  EXPECT_EQ(workload("ReplicaSet", "shop-5d9f", "other"), "shop-5d9f") << "made by hand";
  EXPECT_EQ(workload("ReplicaSet", "lonely"), "lonely");
  EXPECT_EQ(workload("StatefulSet", "db"), "db");
  EXPECT_EQ(workload("DaemonSet", "trimtab-agent"), "trimtab-agent");
  EXPECT_EQ(workload("Job", "report-29384756"), "report") << "of a CronJob";
  EXPECT_EQ(workload("Job", "report-2026"), "report-2026");
  EXPECT_EQ(workload("Job", "-29384756"), "-29384756");
  EXPECT_EQ(workload("Node", "node-1"), "db-0");
  EXPECT_EQ(workload("", ""), "db-0-node-1");
}

TEST(Pod, IsEvictedByItsNodeOrTheSchedulerAndNotByAPerson) {
  Pod pod;
  EXPECT_FALSE(IsEvicted(pod));
  pod.disruption = "EvictionByEvictionAPI";
  EXPECT_FALSE(IsEvicted(pod)) << "a drain";
  pod.disruption = "PreemptionByScheduler";
  EXPECT_TRUE(IsEvicted(pod));
  pod.priority = -10;
  EXPECT_FALSE(IsEvicted(pod)) << "a placeholder gives way";
  EXPECT_TRUE(
      IsEvicted({.name_space = "", .name = "", .uid = "", .node = "", .reason = "Evicted"}));
}

TEST(PodEvents, AreReadWhereTheyTellWhyAContainerEnds) {
  const auto events = ParseEvents(R"({"kind":"EventList","metadata":{},"items":[
    {"metadata":{"name":"a"},"involvedObject":{"fieldPath":"spec.containers{web}"},
     "reason":"Killing","message":"Container web failed liveness probe, will be restarted",
     "firstTimestamp":"2026-09-21T14:13:20Z","lastTimestamp":"2026-09-21T14:13:25Z","count":2},
    {"involvedObject":{"fieldPath":"spec.containers{web}"},"reason":"Killing",
     "message":"Stopping container web","firstTimestamp":null},
    {"involvedObject":{"fieldPath":"spec.initContainers{proxy}"},"reason":"Unhealthy",
     "message":"Startup probe failed: connection refused","eventTime":"2026-09-21T14:13:20.123456Z",
     "series":{"count":3,"lastObservedTime":"2026-09-21T14:13:22Z"}},
    {"involvedObject":{"fieldPath":"spec.containers{web}"},"reason":"Unhealthy",
     "message":"Readiness probe failed: no"},
    {"involvedObject":{},"reason":"Killing","message":"Container x definition changed"},
    {"involvedObject":{"fieldPath":"spec.containers{web}"},"reason":"Killing",
     "message":"Container web definition changed, will be restarted"},
    7, {"reason": 5}]})");
  ASSERT_TRUE(events) << events.error().what;
  const std::vector<PodEvent> expected = {
      {PodEvent::Kind::kProbeKilled, "web", tests::At(0), tests::At(5)},
      {PodEvent::Kind::kProbeFailed, "proxy", tests::At(0) + std::chrono::milliseconds(123),
       tests::At(2)},
      {PodEvent::Kind::kChanged, "web", {}, {}}};
  EXPECT_EQ(*events, expected);
  EXPECT_THAT(*ParseEvents(R"({"items":[]})"), IsEmpty());
  EXPECT_FALSE(ParseEvents(R"({"kind":"Status"})"));
  EXPECT_FALSE(ParseEvents(R"({"items":[{"reason":)"));
}

}  // namespace
}  // namespace agent::kubernetes
