#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>
#include <system_error>

#include "agent/cgroup/flat_file.h"
#include "agent/cgroup/hierarchies.h"
#include "agent/cgroup/sample.h"
#include "unit/agent/scratch_tree.h"

namespace agent::cgroup {
namespace {

using ::testing::DoubleEq;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr const char* kContainer = "trimtab/shop-01-1";

common::Result<std::optional<Sample>> ReadFrom(const common::FileSystem& fs,
                                               const std::filesystem::path& cgroup = kContainer) {
  return FindHierarchies(fs).and_then(
      [&](const Hierarchies& hierarchies) { return ReadSample(fs, hierarchies, cgroup); });
}

/// A healthy v2 container; each case changes the one file it is about.
tests::ScratchTree V2() {
  return {{"proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"},
          {"sys/fs/cgroup/cgroup.controllers", "cpu memory\n"},
          {"sys/fs/cgroup/trimtab/shop-01-1/cpu.stat", "usage_usec 5000000\nthrottled_usec 10\n"},
          {"sys/fs/cgroup/trimtab/shop-01-1/memory.current", "100\n"},
          {"sys/fs/cgroup/trimtab/shop-01-1/memory.max", "400\n"},
          {"sys/fs/cgroup/trimtab/shop-01-1/memory.stat", "anon 60\ninactive_file 20\n"},
          {"sys/fs/cgroup/trimtab/shop-01-1/memory.events", "oom 1\noom_kill 0\n"}};
}

constexpr const char* kV2Container = "sys/fs/cgroup/trimtab/shop-01-1";

TEST(Cgroup, ReadsARecordedContainerOfV1AfterAnOomKill) {
  const auto sample = ReadFrom(common::FileSystem(FIXTURES_DIR "/cgroup/v1_container"));

  ASSERT_TRUE(sample) << sample.error().what;
  ASSERT_TRUE(sample->has_value());
  EXPECT_EQ(**sample, (Sample{.cpu_seconds = 0.551980742,
                              .throttled_seconds = 2.036894505,
                              .memory = MemorySample{.current_bytes = 860'160,
                                                     .limit_bytes = 67'108'864,
                                                     .inactive_file_bytes = 53'248,
                                                     .oom_kills = 1}}));
  EXPECT_EQ((*sample)->memory->WorkingSetBytes(), 806'912U);
}

TEST(Cgroup, ReadsAContainerOfV2) {
  const auto sample = ReadFrom(common::FileSystem(FIXTURES_DIR "/cgroup/v2_container"));

  ASSERT_TRUE(sample) << sample.error().what;
  ASSERT_TRUE(sample->has_value());
  EXPECT_EQ(**sample, (Sample{.cpu_seconds = 1.234567,
                              .throttled_seconds = 0.25,
                              .memory = MemorySample{.current_bytes = 209'715'200,
                                                     .limit_bytes = 268'435'456,
                                                     .inactive_file_bytes = 41'943'040,
                                                     .oom_kills = 2}}));
  EXPECT_THAT((*sample)->memory->Utilization(), Optional(DoubleEq(0.625)));
}

TEST(Cgroup, NoLimitMeansNoUtilization) {
  const auto tree = V2();
  tree.Write(std::filesystem::path(kV2Container) / "memory.max", "max\n");

  const auto sample = ReadFrom(tree.Root());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ((*sample)->memory->limit_bytes, std::nullopt);
  EXPECT_EQ((*sample)->memory->Utilization(), std::nullopt);
}

TEST(Cgroup, TheLargestNumberOfV1IsNoLimitEither) {
  const auto tree = V2();
  tree.Write(std::filesystem::path(kV2Container) / "memory.max", "9223372036854771712\n");

  EXPECT_EQ((*ReadFrom(tree.Root()))->memory->limit_bytes, std::nullopt);
}

TEST(Cgroup, WorkingSetNeverGoesBelowZero) {
  const auto tree = V2();
  tree.Write(std::filesystem::path(kV2Container) / "memory.stat", "inactive_file 150\n");

  EXPECT_EQ((*ReadFrom(tree.Root()))->memory->WorkingSetBytes(), 0U);
}

TEST(Cgroup, ThatHasGoneIsNoFailure) {
  const auto tree = V2();
  tree.Remove(kV2Container);

  const auto sample = ReadFrom(tree.Root());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(*sample, std::nullopt);
}

TEST(Cgroup, NamesTheFileThatItCannotUnderstand) {
  const auto tree = V2();
  tree.Write(std::filesystem::path(kV2Container) / "memory.current", "lots\n");

  const auto sample = ReadFrom(tree.Root());

  ASSERT_FALSE(sample);
  EXPECT_EQ(sample.error().code, std::errc::bad_message);
  EXPECT_THAT(sample.error().what, HasSubstr("shop-01-1/memory.current"));
}

TEST(Cgroup, WithoutTheMemoryControllerThereIsStillCpu) {
  const auto tree = V2();
  tree.Write("sys/fs/cgroup/cgroup.controllers", "cpuset hugetlb\n");

  const auto sample = ReadFrom(tree.Root());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ((*sample)->memory, std::nullopt);
  EXPECT_THAT((*sample)->cpu_seconds, Optional(DoubleEq(5)));
  EXPECT_EQ((*sample)->throttled_seconds, std::nullopt);
}

TEST(Cgroup, AContainerWithoutQuotaFilesIsNeverThrottled) {
  const auto tree = V2();
  tree.Write(std::filesystem::path(kV2Container) / "cpu.stat", "usage_usec 5000000\n");

  const auto sample = ReadFrom(tree.Root());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ((*sample)->throttled_seconds, std::nullopt);
}

TEST(Cgroup, APathMayNotLeaveItsMount) {
  const auto sample = ReadFrom(V2().Root(), "trimtab/../../../etc");

  ASSERT_FALSE(sample);
  EXPECT_EQ(sample.error().code, std::errc::invalid_argument);
}

TEST(Hierarchies, OfAHybridMachineAreV1) {
  const auto found = ParseMounts(
      "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n"
      "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0\n"
      "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
      "cgroup /var/lib/container/memory cgroup rw,memory 0 0\n"
      "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
      "hugetlb\n");

  const Controller together{.mount = "/sys/fs/cgroup/cpu,cpuacct"};
  EXPECT_EQ(found, (Hierarchies{.memory = Controller{.mount = "/sys/fs/cgroup/memory"},
                                .cpu_usage = together,
                                .cpu_quota = together}));
}

TEST(Hierarchies, UndoTheKernelsEscapes) {
  EXPECT_THAT(FindUnifiedMount("cgroup2 /my\\040cgroups\\134x cgroup2 rw 0 0"),
              Optional(std::filesystem::path("/my cgroups\\x")));
}

TEST(Hierarchies, OfAMachineWithoutCgroupsAreEmpty) {
  EXPECT_EQ(ParseMounts("proc /proc proc rw 0 0\n\nshort line\n", {}), Hierarchies{});
}

struct FlatKeyCase {
  const char* name;
  std::string_view text;
  std::optional<std::uint64_t> value;

  /// Keeps the raw bytes of the struct out of the names that ctest prints.
  friend void PrintTo(const FlatKeyCase& flat_key, std::ostream* out) { *out << flat_key.name; }
};

class FlatKey : public ::testing::TestWithParam<FlatKeyCase> {};

TEST_P(FlatKey, Finds) { EXPECT_EQ(FindFlatKey(GetParam().text, "file"), GetParam().value); }

INSTANTIATE_TEST_SUITE_P(Lines, FlatKey,
                         ::testing::Values(FlatKeyCase{"First", "file 7\nanon 1\n", 7},
                                           FlatKeyCase{"LastWithoutLineEnd", "anon 1\nfile 7", 7},
                                           FlatKeyCase{"NotAPrefix", "file_mapped 9\nfile 7\n", 7},
                                           FlatKeyCase{"Absent", "anon 1\n", std::nullopt},
                                           FlatKeyCase{"Empty", "", std::nullopt},
                                           FlatKeyCase{"Negative", "file -7\n", std::nullopt},
                                           FlatKeyCase{"TooLarge", "file 99999999999999999999\n",
                                                       std::nullopt}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace agent::cgroup
