#include "scaler/local/cloud/targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/scratch_directory.h"
#include "unit/scaler/local/cloud/small_cloud.h"

namespace scaler::local::cloud {
namespace {

namespace fs = std::filesystem;

std::string ContentOf(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AgentTargets, AreTheNodesThatRun) {
  SmallCloud small;
  Spec spec = SmallCloud::MakeSpec();
  spec.agent.command = {"agent"};
  (void)small.Order("spot", "a");
  EXPECT_EQ(AgentTargets(spec, small.cloud.Latest().nodes), "[]\n") << "it boots";

  small.Pass(std::chrono::seconds(20));
  const auto node = small.Last();
  EXPECT_EQ(AgentTargets(spec, small.cloud.Latest().nodes),
            R"([{"targets":["127.0.0.1:)" + std::to_string(AgentPort(spec, node)) +
                R"("],"labels":{"instance":")" + node.name + "\"}}]\n");

  small.cloud.Remove(node.name, small.now);
  EXPECT_EQ(AgentTargets(spec, small.cloud.Latest().nodes), "[]\n") << "it goes";
}

TEST(AgentTargets, AreNoneWhereNodesHaveNoAgent) {
  SmallCloud small;
  (void)small.Running("spot", "a");
  EXPECT_EQ(AgentTargets(small.spec, small.cloud.Latest().nodes), "[]\n");
}

TEST(TargetsFile, IsReplacedWhereItIsToBeAnotherAndAnybodyMayReadIt) {
  const tests::ScratchDirectory scratch;
  const auto path = scratch.Path() / "targets" / "nodes.json";
  TargetsFile file(path);
  ASSERT_TRUE(file.Write("[]\n"));
  EXPECT_EQ(ContentOf(path), "[]\n");
  EXPECT_NE(fs::status(path).permissions() & fs::perms::others_read, fs::perms::none);

  fs::remove(path);
  ASSERT_TRUE(file.Write("[]\n"));
  EXPECT_FALSE(fs::exists(path)) << "it was so already";
  ASSERT_TRUE(file.Write("[1]\n"));
  EXPECT_EQ(ContentOf(path), "[1]\n");
}

TEST(TargetsFile, ThatCannotBeWrittenIsTriedAgain) {
  const tests::ScratchDirectory scratch;
  const auto blocked = scratch.Path() / "targets";
  std::ofstream(blocked) << "a file where the directory should be";
  TargetsFile file(blocked / "nodes.json");
  EXPECT_FALSE(file.Write("[]\n"));
  fs::remove(blocked);
  EXPECT_TRUE(file.Write("[]\n"));
  EXPECT_EQ(ContentOf(blocked / "nodes.json"), "[]\n");
}

TEST(TargetsFile, ThatNobodyNamesIsNone) { EXPECT_TRUE(TargetsFile({}).Write("[]\n")); }

}  // namespace
}  // namespace scaler::local::cloud
