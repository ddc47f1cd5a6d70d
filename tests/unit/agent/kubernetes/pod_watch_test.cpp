#include "agent/kubernetes/pod_watch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"
#include "unit/agent/kubernetes/pods.h"

namespace agent::kubernetes {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPods = "/api/v1/pods";
constexpr const char* kEvents = "/api/v1/events";
const runtime::WorkloadKey kWeb{"shops", "web", "shop"};

using Counts = std::map<std::string, std::uint64_t>;

class PodWatchTest : public testing::Test {
 protected:
  PodWatchTest() {
    api_.Serve(kPods);
    api_.Serve(kEvents);
  }

  /// `status` is of the one container "shop" of a pod of the StatefulSet "web".
  void PutPod(const std::string& name, const std::string& status,
              const std::string& node = "node-1") {
    api_.PutObject(kPods, fmt::format(
                              R"({{"metadata":{{"name":"{0}","namespace":"shops","ownerReferences":[
               {{"kind":"StatefulSet","name":"web","controller":true}}]}},
               "spec":{{"nodeName":"{1}","containers":[{{"name":"shop","livenessProbe":{{}}}}]}},
               "status":{{"containerStatuses":[{{"name":"shop",{2}}}]}}}})",
                              name, node, status));
  }

  static std::string Running(int life) {
    return fmt::format(
        R"("containerID":"containerd://c{0}","restartCount":{0},
           "state":{{"running":{{"startedAt":"2026-09-21T14:13:20Z"}}}})",
        life);
  }

  static std::string Dead(int life, int exit_code, const std::string& reason = "Error") {
    return fmt::format(
        R"("containerID":"containerd://c{0}","restartCount":{0},"state":{{"terminated":{{
           "containerID":"containerd://c{0}","exitCode":{1},"reason":"{2}",
           "startedAt":"2026-09-21T14:13:20Z","finishedAt":"2026-09-21T14:14:20Z"}}}})",
        life, exit_code, reason);
  }

  [[nodiscard]] std::string UidOf(const std::string& pod) const {
    return ParsePod(api_.Get(kPods, "shops", pod))->uid;
  }

  void PutProbeKill(const std::string& pod) {
    api_.PutObject(kEvents,
                   fmt::format(
                       R"({{"metadata":{{"name":"{0}.1","namespace":"shops"}},"reason":"Killing",
               "message":"Container shop failed liveness probe, will be restarted",
               "involvedObject":{{"kind":"Pod","uid":"{1}",
                 "fieldPath":"spec.containers{{shop}}"}},
               "firstTimestamp":"2026-09-21T14:14:15Z","lastTimestamp":"2026-09-21T14:14:15Z"}})",
                       pod, UidOf(pod)));
  }

  void Start(SavedRestarts saved = {}) {
    watch_ = std::make_unique<PodWatch>(
        executor_, client_,
        PodWatchOptions{.node = "node-1",
                        .saved = std::move(saved),
                        .save = [this](const SavedRestarts& now) { return Save(now); }});
    watch_->Start();
    executor_.RunFor(seconds(1));
  }

  common::Result<void> Save(const SavedRestarts& saved) {
    ++saves_;
    if (disk_is_full_) {
      return common::Fail(std::errc::no_space_on_device, "full");
    }
    saved_ = saved;
    return {};
  }

  [[nodiscard]] Counts Restarts() const {
    Counts counts;
    const auto view = watch_->Latest();
    const auto found = view->workloads.find(kWeb);
    for (std::size_t i = 0; found != view->workloads.end() && i < runtime::kRestartReasons.size();
         ++i) {
      if (found->second.restarts.at(i) > 0) {
        counts.emplace(common::lifecycle::ReasonName(runtime::kRestartReasons.at(i)),
                       found->second.restarts.at(i));
      }
    }
    return counts;
  }

  tests::SimulatedExecutor executor_{tests::At(60)};
  tests::FakeApi api_{executor_};
  common::kubernetes::Access access_;
  std::unique_ptr<common::kubernetes::TokenSource> tokens_ =
      common::kubernetes::MakeTokenSource(executor_, access_);
  common::kubernetes::Client client_{executor_, api_, *tokens_};
  SavedRestarts saved_;
  int saves_ = 0;
  bool disk_is_full_ = false;
  std::unique_ptr<PodWatch> watch_;
};

TEST_F(PodWatchTest, TellsTheRunningContainersOfItsNodeOnly) {
  PutPod("web-0", Running(2));
  PutPod("web-1", Running(0), "node-2");
  PutPod("web-2", R"("state":{"waiting":{"reason":"ImagePullBackOff"}})");
  Start();
  const auto view = watch_->Latest();
  EXPECT_EQ(view->hearing.problem, "");
  ASSERT_THAT(view->pods, SizeIs(1));
  const RunningPod expected{
      "shops", "web-0", "web", UidOf("web-0"), {{"c2", "shop", 2, tests::At(0)}}};
  EXPECT_EQ(view->pods[0], expected);
  const std::map<WaitingKey, std::uint64_t> waiting = {{{kWeb, "ImagePullBackOff"}, 1}};
  EXPECT_EQ(view->waiting, waiting);
  EXPECT_EQ(api_.Count("GET", "events"), 0);
}

TEST_F(PodWatchTest, AFailedProbeIsToldByAnEventThatComesFirstOrLast) {
  for (const bool event_first : {true, false}) {
    const std::string pod = event_first ? "web-1" : "web-2";
    PutPod(pod, Running(0));
    Start();
    if (event_first) {
      PutProbeKill(pod);
    }
    PutPod(pod, Dead(0, 137));
    executor_.RunFor(seconds(3));
    PutPod(pod, Running(1));
    if (!event_first) {
      EXPECT_EQ(Restarts(), Counts{});
      PutProbeKill(pod);
    }
    executor_.RunFor(seconds(10));
    EXPECT_EQ(Restarts(), (Counts{{"health_check", 1}})) << event_first;
    EXPECT_LE(api_.Count("GET", "3D" + UidOf(pod)), 2) << "questions are few";
    api_.Remove(kPods, "shops", pod);
  }
}

TEST_F(PodWatchTest, WithoutRightsOnEventsTheExitCodeDecidesAndThatIsSaid) {
  api_.FailAll("GET", "/api/v1/namespaces/shops/events", {.status = 403});
  PutPod("web-0", Running(0));
  Start();
  PutPod("web-0", Dead(0, 137));
  executor_.RunFor(seconds(20));
  EXPECT_EQ(Restarts(), (Counts{{"app_error", 1}}));
  ASSERT_TRUE(watch_->Latest()->events);
  EXPECT_THAT(watch_->Latest()->events->problem, HasSubstr("events"));
  EXPECT_EQ(watch_->Latest()->hearing.problem, "") << "pods are told all the same";
}

TEST_F(PodWatchTest, WhatHappenedWhileTheWatchWasLostIsCounted) {
  PutPod("web-0", Running(0));
  PutPod("web-1", Running(0));
  Start();
  api_.CutWatches(true);
  PutPod("web-0", Dead(3, 137, "OOMKilled"));
  api_.Remove(kPods, "shops", "web-1");
  api_.Compact();
  executor_.RunFor(seconds(60));
  EXPECT_EQ(Restarts(), (Counts{{"oom_killed", 1}, {"unknown", 3}}));
  EXPECT_THAT(watch_->Latest()->pods, IsEmpty());
}

TEST_F(PodWatchTest, WithoutTheServerItSaysSoAndGoesOnWhenItIsBack) {
  api_.FailAll("GET", kPods, {.breaks = true});
  PutPod("web-0", Running(0));
  Start();
  EXPECT_NE(watch_->Latest()->hearing.problem, "");
  EXPECT_FALSE(watch_->Latest()->hearing.last_good);
  api_.Relent();
  executor_.RunFor(seconds(60));
  EXPECT_EQ(watch_->Latest()->hearing.problem, "");
  EXPECT_THAT(watch_->Latest()->pods, SizeIs(1));
  const auto good_until = executor_.Monotonic();
  api_.FailAll("GET", kPods, {.breaks = true});
  api_.CutWatches(true);
  executor_.RunFor(seconds(60));
  EXPECT_NE(watch_->Latest()->hearing.problem, "");
  EXPECT_EQ(watch_->Latest()->hearing.last_good, good_until);
  EXPECT_THAT(watch_->Latest()->pods, SizeIs(1)) << "as they were last seen";
}

TEST_F(PodWatchTest, CountsOverItsOwnRestart) {
  PutPod("web-0", Running(0));
  Start();
  PutPod("web-0", Dead(0, 137, "OOMKilled"));
  executor_.RunFor(seconds(3));
  EXPECT_GE(saves_, 1);
  EXPECT_LE(saves_, 3);
  watch_.reset();
  PutPod("web-0", Running(2));
  PutPod("web-9", Dead(0, 137, "OOMKilled"));
  Start(saved_);
  EXPECT_EQ(Restarts(), (Counts{{"oom_killed", 2}, {"unknown", 1}}));
}

TEST_F(PodWatchTest, AFullDiskIsTriedAgainAndNotAllTheTime) {
  disk_is_full_ = true;
  PutPod("web-0", Running(0));
  Start();
  executor_.RunFor(seconds(60));
  EXPECT_LE(saves_, 8);
  disk_is_full_ = false;
  executor_.RunFor(seconds(15));
  EXPECT_TRUE(saved_.complete);
}

TEST_F(PodWatchTest, APodOfAStrangeShapeStopsNothing) {
  api_.PutObject(kPods, R"({"metadata":{"name":"odd","namespace":"shops","uid":"o"},
    "spec":{"nodeName":"node-1","containers":{"a":1}},"status":[1,2]})");
  PutPod("web-0", Running(0));
  Start();
  EXPECT_THAT(watch_->Latest()->pods, SizeIs(1));
  api_.PutObject(kPods, R"({"metadata":{"name":"odd","namespace":"shops","uid":"o"},
    "spec":{"nodeName":"node-1","containers":[{"name":"a"}]},"status":{"containerStatuses":7}})");
  executor_.RunFor(seconds(1));
  PutPod("web-0", Dead(0, 137, "OOMKilled"));
  executor_.RunFor(seconds(1));
  EXPECT_EQ(Restarts(), (Counts{{"oom_killed", 1}}));
}

TEST_F(PodWatchTest, KillsOfTheCgroupsAreCounted) {
  PutPod("web-0", Running(0));
  Start();
  watch_->Observe({.containers = {{"c0", 2}, {"of nobody", 4}}});
  executor_.RunFor(seconds(1));
  EXPECT_EQ(watch_->Latest()->workloads.at(kWeb).oom_kills, 2U);
}

TEST_F(PodWatchTest, ACrashOfManyPodsIsAskedAboutAFewAtATime) {
  for (int i = 0; i < 30; ++i) {
    PutPod("web-" + std::to_string(i), Running(0));
  }
  Start();
  api_.FailAll("GET", "/api/v1/namespaces/shops/events", {.hangs = true});
  for (int i = 0; i < 30; ++i) {
    PutPod("web-" + std::to_string(i), Dead(0, 1));
  }
  executor_.RunFor(seconds(5));
  EXPECT_EQ(api_.Count("GET", "/events"), 4);
  executor_.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Restarts(), (Counts{{"app_error", 30}}));
}

}  // namespace
}  // namespace agent::kubernetes
