// Our parsers against libproc2 on the machine that runs the tests.

#include <gtest/gtest.h>
#include <libproc2/meminfo.h>
#include <libproc2/stat.h>

#include "agent/procfs/cpu.h"
#include "agent/procfs/memory.h"

// libproc2's macros are statement expressions.
#pragma GCC diagnostic ignored "-Wpedantic"

namespace agent::procfs {
namespace {

TEST(ProcfsAgainstLibproc2, MemoryAgrees) {
  meminfo_info* info = nullptr;
  ASSERT_EQ(procps_meminfo_new(&info), 0);
  const auto ours = ReadMemory(common::FileSystem("/"));
  const double total = static_cast<double>(MEMINFO_GET(info, MEMINFO_MEM_TOTAL, ul_int));
  const double available = static_cast<double>(MEMINFO_GET(info, MEMINFO_MEM_AVAILABLE, ul_int));
  procps_meminfo_unref(&info);

  ASSERT_TRUE(ours) << ours.error().what;
  EXPECT_EQ(static_cast<double>(ours->total_bytes), total * 1024);
  // The machine goes on working between the two reads.
  EXPECT_NEAR(static_cast<double>(ours->available_bytes), available * 1024, total * 1024 * 0.05);
}

TEST(ProcfsAgainstLibproc2, ProcessorsAgree) {
  stat_info* info = nullptr;
  ASSERT_EQ(procps_stat_new(&info), 0);
  const auto ours = ReadCpu(common::FileSystem("/"));
  const double user = static_cast<double>(STAT_GET(info, STAT_TIC_USER, ull_int)) / 100;
  const double idle = static_cast<double>(STAT_GET(info, STAT_TIC_IDLE, ull_int)) / 100;
  procps_stat_unref(&info);

  ASSERT_TRUE(ours) << ours.error().what;
  EXPECT_NEAR(ours->seconds[0], user, 30);
  EXPECT_NEAR(ours->seconds[3], idle, 30);
}

}  // namespace
}  // namespace agent::procfs
