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

}  // namespace
}  // namespace scaler::config
