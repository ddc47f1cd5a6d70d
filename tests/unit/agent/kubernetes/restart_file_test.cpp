#include "agent/kubernetes/restart_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/scratch_directory.h"

namespace agent::kubernetes {
namespace {

SavedRestarts Example() {
  SavedRestarts saved;
  saved.complete = true;
  saved.workloads[{"shops", "web \"1\"", "shop"}] = {
      .restarts = {1, 0, 2, 0, 0, 9},
      .oom_kills = 3,
      .seen_at = common::WallTime(std::chrono::milliseconds(1'790'000'000'042))};
  saved.containers[{"uid-1", "shop"}] = {
      .ends = 4, .last_end = "containerd://a", .id = "containerd://b", .oom_kills = 1};
  return saved;
}

TEST(RestartFile, IsReadAsItWasWritten) {
  const auto again = DecodeRestarts(Encode(Example()));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, Example());
}

TEST(RestartFile, IsKeptInAFile) {
  const tests::ScratchDirectory directory;
  const auto file = directory.Path() / "pods.json";
  EXPECT_EQ(*LoadRestarts(file), SavedRestarts{}) << "a first start";
  ASSERT_TRUE(SaveRestarts(file, Example()));
  EXPECT_EQ(*LoadRestarts(file), Example());
  std::ofstream(file) << Encode(Example()).substr(0, 100);
  EXPECT_EQ(*LoadRestarts(file), SavedRestarts{}) << "damaged";
  std::ofstream(file) << R"({"version":2,"complete":true})";
  EXPECT_EQ(*LoadRestarts(file), SavedRestarts{}) << "of another version";
}

}  // namespace
}  // namespace agent::kubernetes
