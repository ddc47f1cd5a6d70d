#include "agent/cgroup/slice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/cgroup/flat_file.h"
#include "unit/agent/scratch_tree.h"

namespace agent::cgroup {
namespace {

using ::testing::HasSubstr;

constexpr const char* kNode = "trimtab/spot-a-1";

common::Result<SliceSample> ReadNode(const common::FileSystem& fs,
                                     const std::string& node = kNode) {
  return FindHierarchies(fs).and_then(
      [&](const Hierarchies& hierarchies) { return ReadSlice(fs, hierarchies, node); });
}

/// A node of v2 below a parent without limits of its own; each case changes what it is about.
tests::ScratchTree NodeOfV2() {
  return {{"proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"},
          {"sys/fs/cgroup/cgroup.controllers", "cpu memory\n"},
          {"sys/fs/cgroup/trimtab/cpu.max", "max 100000\n"},
          {"sys/fs/cgroup/trimtab/memory.max", "max\n"},
          {"sys/fs/cgroup/trimtab/spot-a-1/cpu.max", "150000 100000\n"},
          {"sys/fs/cgroup/trimtab/spot-a-1/cpu.stat",
           "usage_usec 4500000\nuser_usec 3000000\nsystem_usec 1500000\nnr_throttled 2\n"
           "throttled_usec 250000\n"},
          {"sys/fs/cgroup/trimtab/spot-a-1/memory.current", "300\n"},
          {"sys/fs/cgroup/trimtab/spot-a-1/memory.max", "1000\n"},
          {"sys/fs/cgroup/trimtab/spot-a-1/memory.stat", "anon 60\ninactive_file 100\n"},
          {"sys/fs/cgroup/trimtab/spot-a-1/memory.events", "oom 0\noom_kill 0\n"}};
}

TEST(Slice, OfARecordedNodeOfV1IsWhatItUsesAndMayUse) {
  const auto sample = ReadNode(common::FileSystem(FIXTURES_DIR "/cgroup/v1_node"));

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(*sample, (SliceSample{.cpu = CpuTimes{.user_seconds = 0.78, .system_seconds = 0.03},
                                  .throttled_seconds = 0,
                                  .cpu_cores = 0.5,
                                  .memory = MemorySample{.current_bytes = 38'653'952,
                                                         .limit_bytes = 402'653'184,
                                                         .inactive_file_bytes = 7'909'376,
                                                         .oom_kills = 0},
                                  .memory_bytes = 402'653'184}));
}

TEST(Slice, OfV2IsWhatItUsesAndMayUse) {
  const auto sample = ReadNode(NodeOfV2().Root());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(*sample, (SliceSample{.cpu = CpuTimes{.user_seconds = 3, .system_seconds = 1.5},
                                  .throttled_seconds = 0.25,
                                  .cpu_cores = 1.5,
                                  .memory = MemorySample{.current_bytes = 300,
                                                         .limit_bytes = 1000,
                                                         .inactive_file_bytes = 100,
                                                         .oom_kills = 0},
                                  .memory_bytes = 1000}));
}

TEST(Slice, HasNoMoreThanWhatIsAboveIt) {
  const auto tree = NodeOfV2();
  tree.Write("sys/fs/cgroup/trimtab/cpu.max", "50000 100000\n");
  tree.Write("sys/fs/cgroup/trimtab/memory.max", "800\n");

  const auto sample = ReadNode(tree.Root());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(sample->cpu_cores, 0.5);
  EXPECT_EQ(sample->memory_bytes, 800U);
}

TEST(Slice, WithoutLimitsHasNoCapacityOfItsOwn) {
  const auto tree = NodeOfV2();
  tree.Write("sys/fs/cgroup/trimtab/spot-a-1/cpu.max", "max 100000\n");
  tree.Write("sys/fs/cgroup/trimtab/spot-a-1/memory.max", "max\n");

  const auto sample = ReadNode(tree.Root());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(sample->cpu_cores, std::nullopt);
  EXPECT_EQ(sample->memory_bytes, std::nullopt);
  EXPECT_EQ(sample->memory->current_bytes, 300U);
}

TEST(Slice, WithoutControllersStillTellsOfItsCpuTime) {
  const auto tree = NodeOfV2();
  tree.Write("sys/fs/cgroup/cgroup.controllers", "\n");

  const auto sample = ReadNode(tree.Root());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(sample->cpu->user_seconds, 3);
  EXPECT_EQ(sample->memory, std::nullopt);
  EXPECT_EQ(sample->cpu_cores, std::nullopt);
}

TEST(Slice, ThatIsNotThereFails) {
  const auto sample = ReadNode(NodeOfV2().Root(), "trimtab/spot-a-2");

  ASSERT_FALSE(sample);
  EXPECT_TRUE(SaysGone(sample.error()));
  EXPECT_THAT(sample.error().what, HasSubstr("spot-a-2"));
}

TEST(Slice, MayNotLeaveItsMount) {
  EXPECT_EQ(ReadNode(NodeOfV2().Root(), "../etc").error().code, std::errc::invalid_argument);
}

TEST(Slice, NamesTheLimitThatMakesNoSense) {
  const auto tree = NodeOfV2();
  tree.Write("sys/fs/cgroup/trimtab/memory.max", "plenty\n");

  const auto sample = ReadNode(tree.Root());

  ASSERT_FALSE(sample);
  EXPECT_THAT(sample.error().what, HasSubstr("trimtab/memory.max"));
}

}  // namespace
}  // namespace agent::cgroup
