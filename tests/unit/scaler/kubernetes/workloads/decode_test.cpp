#include "scaler/kubernetes/workloads/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scaler/kubernetes/workloads/scale_object.h"

namespace scaler::kubernetes::workloads {
namespace {

using common::WallTime;
using engine::Pod;
using std::chrono::seconds;
using testing::HasSubstr;

PodFields Containers(const std::string& statuses) {
  return Decoder().Pod(R"({"status":{"phase":"Running","containerStatuses":[)" + statuses + "]}}");
}

TEST(Decoder, ReadsHowAContainerLastEnded) {
  const auto killed = Containers(
      R"({"restartCount":2,"state":{"running":{}},"lastState":{"terminated":{"exitCode":137,
          "reason":"OOMKilled","finishedAt":"1970-01-01T00:01:00Z"}}},{"restartCount":1})");
  EXPECT_EQ(killed.restarts, 3U);
  EXPECT_EQ(killed.last_end, Pod::End::kOutOfMemory);
  EXPECT_EQ(killed.last_end_at, WallTime(seconds(60)));
  EXPECT_FALSE(killed.back_off);
  const auto how = [](int code) {
    return Containers(R"({"lastState":{"terminated":{"exitCode":)" + std::to_string(code) +
                      R"(,"reason":"Error","finishedAt":"1970-01-01T00:01:00Z"}}})")
        .last_end;
  };
  EXPECT_EQ(how(0), Pod::End::kCompleted);
  EXPECT_EQ(how(1), Pod::End::kError);
  EXPECT_EQ(how(137), Pod::End::kError);
  EXPECT_EQ(how(143), Pod::End::kHealthCheck);
}

TEST(Decoder, TakesTheLatestEndOfSeveralContainers) {
  const auto both = Containers(
      R"({"state":{"terminated":{"exitCode":1,"finishedAt":"1970-01-01T00:02:00Z"}}},
         {"lastState":{"terminated":{"exitCode":0,"finishedAt":"1970-01-01T00:01:00Z"}}})");
  EXPECT_EQ(both.last_end, Pod::End::kError);
  EXPECT_EQ(both.last_end_at, WallTime(seconds(120)));
}

TEST(Decoder, TellsABackOffFromOtherWaits) {
  EXPECT_TRUE(Containers(R"({"state":{"waiting":{"reason":"CrashLoopBackOff"}}})").back_off);
  EXPECT_EQ(Containers(R"({"state":{"waiting":{"reason":"ContainerCreating"}}})").waits, "");
  const auto image =
      Containers(R"({"state":{"waiting":{"reason":"ErrImagePull","message":"no such tag"}}})");
  EXPECT_FALSE(image.back_off);
  EXPECT_EQ(image.waits, "ErrImagePull: no such tag");
}

TEST(Decoder, APodLeavesFromWhenItWasTold) {
  const auto pod = Decoder().Pod(
      R"({"metadata":{"deletionGracePeriodSeconds":30,
          "deletionTimestamp":"1970-01-01T00:01:00Z"}})");
  EXPECT_EQ(pod.leaving, WallTime(seconds(30)));
}

TEST(Decoder, SumsWhatStaysOverThePodsLife) {
  const auto fields = Decoder().Scalable(R"({"spec":{"template":{"spec":{
      "initContainers":[{"resources":{"requests":{"cpu":"8"}}},
                        {"restartPolicy":"Always","resources":{"requests":{"cpu":"100m"}}}],
      "containers":[{"resources":{"requests":{"cpu":"250m"},"limits":{"memory":"1Gi"}}},
                    {"resources":{"limits":{"cpu":"1"}}}]}}}})");
  EXPECT_DOUBLE_EQ(*fields.cpu_request_cores, 1.35);
  EXPECT_DOUBLE_EQ(*fields.memory_request_bytes, 1 << 30);
  EXPECT_EQ(fields.memory_limit_bytes, std::nullopt) << "a container has none";
  EXPECT_EQ(fields.replicas, 1);
}

TEST(Decoder, ATargetIsADeploymentWhereNothingIsSaid) {
  const auto named = Decoder().Target(R"({"spec":{"scaleTargetRef":{"name":"shop"}}})");
  EXPECT_EQ(named, (ScaleTarget{"apps", "Deployment", "shop"}));
  const auto whole = Decoder().Target(
      R"({"spec":{"scaleTargetRef":{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout",
          "name":"shop"}}})");
  EXPECT_EQ(whole, (ScaleTarget{"argoproj.io", "Rollout", "shop"}));
}

TEST(Decoder, DamagedTextIsAnObjectOfWhichNothingIsKnown) {
  for (const auto* const text :
       {"", "{", "[]", "null", R"({"metadata":)", R"({"status":{"phase":)"}) {
    EXPECT_EQ(Decoder().Pod(text), PodFields{}) << text;
    EXPECT_EQ(Decoder().Scalable(text), ScalableFields{}) << text;
  }
}

TEST(ReadScale, TakesNoNumberForNone) {
  const auto scale = ReadScale(
      R"({"kind":"Scale","metadata":{"uid":"u","resourceVersion":"7"},"spec":{},
          "status":{"replicas":3,"selector":"app=shop"}})");
  ASSERT_TRUE(scale);
  EXPECT_EQ(scale->replicas, 0);
  EXPECT_EQ(scale->selector, "app=shop");
  EXPECT_FALSE(ReadScale("<html>"));
  EXPECT_FALSE(ReadScale(R"({"kind":"Status","metadata":{}})"));
}

}  // namespace
}  // namespace scaler::kubernetes::workloads
