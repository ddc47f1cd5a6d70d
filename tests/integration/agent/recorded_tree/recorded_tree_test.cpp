// What scripts/record-tree makes of a machine: our readers read it, and it holds nothing private.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "agent/cgroup/hierarchies.h"
#include "agent/cgroup/sample.h"
#include "agent/procfs/cpu.h"
#include "agent/procfs/load.h"
#include "agent/procfs/memory.h"
#include "agent/procfs/pressure.h"
#include "agent/procfs/vmstat.h"
#include "unit/agent/scratch_tree.h"

namespace agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

/// Records `root` into `target`.
[[nodiscard]] bool Record(const fs::path& target, const fs::path& root) {
  const auto command =
      RECORD_TREE " '" + target.string() + "' '" + root.string() + "' >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

/// Names and contents of all files below `directory`.
std::string Everything(const fs::path& directory) {
  std::ostringstream all;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    all << entry.path().string() << "\n";
    if (entry.is_regular_file()) {
      all << std::ifstream(entry.path()).rdbuf();
    }
  }
  return all.str();
}

TEST(RecordedTree, OfThisMachineIsReadByOurReaders) {
  const tests::ScratchDirectory scratch;
  const auto tree = scratch.Path() / "tree";
  ASSERT_TRUE(Record(tree, "/"));
  const common::FileSystem recorded(tree);

  EXPECT_TRUE(procfs::ReadCpu(recorded));
  EXPECT_TRUE(procfs::ReadLoad(recorded));
  EXPECT_TRUE(procfs::ReadMemory(recorded));
  EXPECT_TRUE(procfs::ReadOomKills(recorded));
  const common::FileSystem machine("/");
  // A kernel may be built or started without the pressure files.
  EXPECT_EQ(procfs::ReadPressure(recorded).has_value(), procfs::ReadPressure(machine).has_value());
  const auto hierarchies = cgroup::FindHierarchies(recorded);
  ASSERT_TRUE(hierarchies) << hierarchies.error().what;
  const auto live = cgroup::FindHierarchies(machine);
  ASSERT_TRUE(live) << live.error().what;
  EXPECT_EQ(*hierarchies, *live);
}

/// A node of Kubernetes as its kubelet sets it up, with one container.
constexpr const char* kPod =
    "sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/"
    "kubepods-burstable-pod0a1b2c3d_aaaa_bbbb_cccc_0123456789ab.slice/"
    "cri-containerd-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope";

TEST(RecordedTree, KeepsShapesAndForgetsNames) {
  const tests::ScratchTree machine{
      {"proc/mounts",
       "/dev/mapper/acme-secret / ext4 rw 0 0\n"
       "cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate,release_agent=/opt/acme-secret 0 0\n"
       "cgroup2 /home/alice/sandbox/cgroup cgroup2 rw 0 0\n"},
      {"proc/stat", "cpu  1 2 3 4 5 6 7 8 0 0\nbtime 1795236152\n"},
      {"proc/cmdline", "root=/dev/mapper/acme-secret\n"},
      {"proc/1/cmdline", "acme-secret"},
      {"sys/fs/cgroup/cgroup.controllers", "cpu memory\n"},
      {"sys/fs/cgroup/acme-secret.service/memory.current", "4096\n"},
  };
  const fs::path pod = kPod;
  machine.Write(pod / "memory.current", "100\n");
  machine.Write(pod / "memory.max", "400\n");
  machine.Write(pod / "memory.stat", "inactive_file 20\n");
  machine.Write(pod / "memory.events", "oom_kill 1\n");
  machine.Write(pod / "cpu.stat", "usage_usec 5000000\nthrottled_usec 10\n");
  machine.Write(pod / "cgroup.procs", "4711\n");
  const tests::ScratchDirectory scratch;
  const auto tree = scratch.Path() / "tree";

  ASSERT_TRUE(Record(tree, machine.Path()));

  const auto everything = Everything(tree);
  for (const auto* const secret : {"acme", "alice", "1795236152", "4711", "0a1b2c3d", "cdef"}) {
    EXPECT_THAT(everything, Not(HasSubstr(secret)));
  }
  fs::path container;
  for (const auto& entry : fs::recursive_directory_iterator(tree / "sys/fs/cgroup")) {
    if (entry.path().filename().string().starts_with("cri-containerd-")) {
      container = entry.path().lexically_relative(tree / "sys/fs/cgroup");
    }
  }
  EXPECT_THAT(container.string(), HasSubstr("kubepods.slice/kubepods-burstable.slice/kubepods-"
                                            "burstable-pod0000"));
  EXPECT_EQ(container.filename().string().size(), pod.filename().string().size());
  const common::FileSystem recorded(tree);
  const auto hierarchies = cgroup::FindHierarchies(recorded);
  ASSERT_TRUE(hierarchies) << hierarchies.error().what;
  const auto sample = cgroup::ReadSample(recorded, *hierarchies, container);
  ASSERT_TRUE(sample) << sample.error().what;
  ASSERT_TRUE(sample->has_value());
  EXPECT_EQ((*sample)->cpu_seconds, 5);
  EXPECT_EQ((*sample)->memory->oom_kills, 1U);
}

TEST(RecordedTree, WritesIntoNoDirectoryThatIsThere) {
  const tests::ScratchDirectory scratch;
  EXPECT_FALSE(Record(scratch.Path(), "/"));
}

TEST(RecordedTree, LeavesNothingOfAMachineWithoutCgroups) {
  const tests::ScratchTree machine{{"proc/mounts", "/dev/vda / ext4 rw 0 0\n"}};
  const tests::ScratchDirectory scratch;
  EXPECT_FALSE(Record(scratch.Path() / "tree", machine.Path()));
  EXPECT_TRUE(fs::is_empty(scratch.Path()));
}

}  // namespace
}  // namespace agent
