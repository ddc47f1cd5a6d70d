#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/procfs/cpu.h"
#include "agent/procfs/load.h"
#include "agent/procfs/memory.h"
#include "agent/procfs/pressure.h"
#include "agent/procfs/process.h"
#include "agent/procfs/vmstat.h"
#include "unit/agent/scratch_tree.h"

namespace agent::procfs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

common::FileSystem RecordedMachine() {
  return common::FileSystem(FIXTURES_DIR "/procfs/kernel_6_18");
}

TEST(Procfs, ReadsTheProcessorsOfARecordedMachine) {
  const auto sample = ReadCpu(RecordedMachine());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_THAT(sample->seconds, ElementsAre(426.59, 0, 106.03, 4521.05, 6.25, 0, 1.06, 1.26));
}

TEST(Procfs, ReadsTheMemoryOfARecordedMachine) {
  const auto sample = ReadMemory(RecordedMachine());

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(*sample, (MemorySample{.total_bytes = 25'276'510'208,
                                   .free_bytes = 24'207'691'776,
                                   .available_bytes = 24'850'288'640,
                                   .buffers_bytes = 2'711'552,
                                   .cached_bytes = 784'576'512,
                                   .inactive_file_bytes = 394'252'288,
                                   .swap_total_bytes = 0,
                                   .swap_free_bytes = 0}));
  EXPECT_EQ(sample->WorkingSetBytes(), 674'566'144U);
}

TEST(Procfs, ReadsLoadPressureAndOomKillsOfARecordedMachine) {
  EXPECT_EQ(*ReadLoad(RecordedMachine()),
            (LoadSample{.one_minute = 0.74, .five_minutes = 0.74, .fifteen_minutes = 0.44}));
  EXPECT_THAT(
      *ReadPressure(RecordedMachine()),
      ElementsAre(
          PressureSample{.resource = "cpu", .some_seconds = 45.724045, .full_seconds = 0},
          PressureSample{.resource = "memory", .some_seconds = 0, .full_seconds = 0},
          PressureSample{.resource = "io", .some_seconds = 5.599087, .full_seconds = 5.25245}));
  EXPECT_THAT(*ReadOomKills(RecordedMachine()), Optional(0));
}

TEST(Procfs, AnOldKernelHasFewerColumns) {
  const auto sample = ParseCpu("cpu0 1 2 3 4\ncpu  100 200 300 400\n");

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_THAT(sample->seconds, ElementsAre(1, 2, 3, 4, 0, 0, 0, 0));
}

TEST(Procfs, TheProcessorsAreTheLinesWithANumber) {
  EXPECT_EQ(ParseCpu("cpu  1 2 3 4\ncpu0 1 2 3 4\ncpu11 1 2 3 4\ncpufreq 1\n")->processors, 2U);
}

TEST(Procfs, BadTextIsAnErrorThatNamesTheFile) {
  for (const auto* const text : {"", "cpu", "cpu 1 2 3", "cpu a b c d", "cpu0 1 2 3 4"}) {
    const auto sample = ParseCpu(text);
    ASSERT_FALSE(sample) << text;
    EXPECT_THAT(sample.error().what, HasSubstr("/proc/stat"));
  }
  for (const auto* const text : {"", "MemTotal: 1 kB", "MemTotal: x kB\nMemAvailable: 1 kB"}) {
    const auto sample = ParseMemory(text);
    ASSERT_FALSE(sample) << text;
    EXPECT_THAT(sample.error().what, HasSubstr("/proc/meminfo"));
  }
  EXPECT_FALSE(ParseLoad("0.1 0.2"));
  EXPECT_FALSE(ParsePressure("cpu", "full avg10=0.00 total=1"));
}

TEST(Procfs, WorkingSetNeverGoesBelowZero) {
  MemorySample sample;
  sample.total_bytes = 10;
  sample.free_bytes = 9;
  sample.inactive_file_bytes = 2;

  EXPECT_EQ(sample.WorkingSetBytes(), 0U);
}

TEST(Procfs, AKernelWithoutPressureHasNone) {
  const tests::ScratchTree tree{{"proc/stat", "cpu 1 2 3 4\n"}};

  const auto samples = ReadPressure(tree.Root());

  ASSERT_TRUE(samples) << samples.error().what;
  EXPECT_TRUE(samples->empty());
}

TEST(Procfs, OldKernelsDoNotSayFullOfTheProcessors) {
  const auto sample = ParsePressure("cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=7000000");

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(sample->some_seconds, 7);
  EXPECT_EQ(sample->full_seconds, std::nullopt);
}

TEST(Procfs, AFileThatIsMissingIsNamed) {
  const tests::ScratchTree tree{};

  const auto sample = ReadMemory(tree.Root());

  ASSERT_FALSE(sample);
  EXPECT_EQ(sample.error().code, std::errc::no_such_file_or_directory);
  EXPECT_THAT(sample.error().what, HasSubstr("proc/meminfo"));
}

TEST(Procfs, AProcessMayHaveAnyName) {
  const auto sample = ParseProcess(
      "77 (a) b\n(c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 1 0 100 9999 25 18446744073709551615 1",
      4096);

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_EQ(*sample, (ProcessSample{.cpu_seconds = 2, .resident_bytes = 102'400}));
}

TEST(Procfs, AShortProcessLineIsAnError) {
  EXPECT_FALSE(ParseProcess("", 4096));
  EXPECT_FALSE(ParseProcess("77 (name) S 1 2", 4096));
}

TEST(Procfs, ReadsThisVeryProcess) {
  const auto sample = ReadOwnProcess();

  ASSERT_TRUE(sample) << sample.error().what;
  EXPECT_GT(sample->resident_bytes, 100'000U);
}

}  // namespace
}  // namespace agent::procfs
