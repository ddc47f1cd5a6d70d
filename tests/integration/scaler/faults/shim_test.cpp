// A shim whose replica ends while the disk has no room left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "integration/agent/faults/small_disk.h"
#include "integration/scaler/local/world.h"

namespace {

using ::testing::SizeIs;

/// The platform's world, with everything of it on the small disk.
class ShimOnAFullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.Mounted() || !scaler::local::World::HasHaproxy()) {
      GTEST_SKIP() << "this user may not mount a file system, or there is no haproxy";
    }
    ::setenv("TMPDIR", disk_.Path().c_str(), 1);
    world_.emplace();
    ::unsetenv("TMPDIR");
  }

  tests::SmallDisk disk_{"4m"};
  std::optional<scaler::local::World> world_;
};

/// The rest of a file's last block would still take a line.
void FillLastBlockOf(const std::filesystem::path& file) {
  constexpr std::uintmax_t kBlock = 4096;
  const auto rest = kBlock - std::filesystem::file_size(file) % kBlock;
  std::ofstream(file, std::ios::app) << std::string(rest - 1, ' ') << '\n';
}

TEST_F(ShimOnAFullDisk, KeepsTheReasonOfAnEndUntilItCanBeWritten) {
  auto& world = *world_;
  world.StartHaproxy();
  world.OpenPlatform(world.DefaultSpec());
  world.Scale(1);
  ASSERT_TRUE(world.Until([&] { return world.AllReady(1); })) << world.Story();
  const auto shim = world.ShimOf("shop-1");
  ASSERT_GT(shim, 0);

  FillLastBlockOf(world.Directory() / "state/lifecycle.jsonl");
  disk_.Fill();
  ASSERT_EQ(std::system(("pkill -ABRT -P " + std::to_string(shim)).c_str()), 0);
  ASSERT_TRUE(world.Until([&] { return world.Count(scaler::platform::Phase::kReady) == 0; }))
      << "a replica that has ended serves on";
  EXPECT_THAT(world.Ends(), SizeIs(0));

  disk_.Free();
  EXPECT_TRUE(world.Until([&] { return world.AllReady(1); })) << world.Story();
  const auto ends = world.Ends();
  ASSERT_THAT(ends, SizeIs(1)) << world.Story();
  EXPECT_EQ(ends.front().reason, common::lifecycle::EndReason::kAppError);
  EXPECT_EQ(ends.front().signal, SIGABRT);
  EXPECT_EQ(world.Replicas().front().restarts, 1);
  world.Stop();
}

}  // namespace
