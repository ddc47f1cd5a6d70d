#include "scaler/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/scratch_directory.h"

namespace scaler::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

common::Result<Config> Read(const std::string& text) {
  const tests::ScratchDirectory directory;
  const auto file = directory.Path() / "scaler.yaml";
  std::ofstream(file) << text;
  return ReadConfig(file);
}

TEST(ReadConfig, NeedsNoPrometheus) {
  const auto config = Read("agents: ['127.0.0.1:9105']\n");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_FALSE(config->prometheus);
}

TEST(ReadConfig, TakesWhereToAskAndHowOften) {
  const auto config =
      Read("prometheus: {address: 'https://p.example:9090', interval: 30s, deadline: 500ms}\n");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->prometheus->address, "https://p.example:9090");
  EXPECT_EQ(config->prometheus->interval, seconds(30));
  EXPECT_EQ(config->prometheus->deadline, milliseconds(500));
  EXPECT_EQ(Read("prometheus: {address: 'p:9090'}\n")->prometheus->interval, seconds(10));
}

TEST(ReadConfig, RefusesAPrometheusThatCannotBeAsked) {
  const auto config = Read("prometheus: {address: p.example, interval: 1ms}\n");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().what, HasSubstr("prometheus.address: expected host:port"));
  EXPECT_THAT(config.error().what, HasSubstr("prometheus.interval"));
  EXPECT_FALSE(Read("prometheus: {}\n"));
}

TEST(ReadConfig, TakesTheAccountOfThePodWhereNothingIsSaidOfTheCluster) {
  EXPECT_FALSE(Read("agents: []\n")->kubernetes);
  const auto config = Read("kubernetes: {}\n");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->kubernetes->kubeconfig, "");
  EXPECT_EQ(config->kubernetes->context, "");
  EXPECT_EQ(config->kubernetes->name_space, "");
}

TEST(ReadConfig, TakesAClusterAndHowItMayBeAsked) {
  const auto config = Read(
      "kubernetes:\n"
      "  {kubeconfig: /k, context: prod, namespace: ours, requestsPerSecond: 250, burst: 500,\n"
      "   scaledKinds: [{apiVersion: argoproj.io/v1alpha1, kind: Rollout}]}\n");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->kubernetes->kubeconfig, "/k");
  EXPECT_EQ(config->kubernetes->context, "prod");
  EXPECT_EQ(config->kubernetes->name_space, "ours");
  EXPECT_EQ(config->kubernetes->rate, (common::kubernetes::Rate{250, 500}));
  EXPECT_EQ(config->kubernetes->scaled_kinds,
            (std::vector<ScaledKind>{{"argoproj.io/v1alpha1", "Rollout"}}));
}

TEST(ReadConfig, RefusesAClusterThatCannotBeAsked) {
  const auto config = Read(
      "kubernetes: {requestsPerSecond: 0, kube: x, scaledKinds: [{apiVersion: v1, kind: Pod}]}\n");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().what, HasSubstr("kubernetes.requestsPerSecond"));
  EXPECT_THAT(config.error().what, HasSubstr("kubernetes.kube: unknown key"));
  EXPECT_THAT(config.error().what, HasSubstr("expected group/version"));
}

}  // namespace
}  // namespace scaler::config
