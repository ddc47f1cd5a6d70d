#include "scaler/local/cgroups.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace scaler::local {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A directory that stands for the root of a machine. The kernel would make a cgroup's files with
/// its directory; here they are made beforehand.
class Machine {
 public:
  Machine() {
    std::string pattern = (fs::temp_directory_path() / "cgroups-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() { fs::remove_all(root_); }

  void Write(const fs::path& file, const std::string& content) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << content;
  }
  [[nodiscard]] std::string Read(const fs::path& file) const {
    std::ostringstream content;
    content << std::ifstream(root_ / file).rdbuf();
    return content.str();
  }
  [[nodiscard]] const fs::path& Root() const { return root_; }

  void MountV2() const {
    Write("proc/self/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n");
    Write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");
    Write("sys/fs/cgroup/cgroup.subtree_control", "");
    Write("sys/fs/cgroup/trimtab/cgroup.subtree_control", "");
  }
  void MountV1() const {
    Write("proc/self/mounts",
          "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n"
          "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n"
          "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0\n"
          "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
          "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n");
    Write("sys/fs/cgroup/unified/cgroup.controllers", "");
  }

 private:
  fs::path root_;
};

constexpr const char* kV2 = "sys/fs/cgroup/trimtab/shop-1.0";

Resources Limits() {
  return {.cpu_request_cores = 0.1,
          .memory_request_bytes = std::nullopt,
          .cpu_limit_cores = 0.5,
          .memory_limit_bytes = 67'108'864};
}

TEST(CgroupsV2, HandControllersDownAndSetLimits) {
  const Machine machine;
  machine.MountV2();
  for (const char* const file :
       {"memory.max", "memory.swap.max", "cpu.max", "cpu.weight", "cgroup.procs"}) {
    machine.Write(fs::path(kV2) / file, "");
  }
  const auto cgroups = Cgroups::Find(machine.Root());
  ASSERT_TRUE(cgroups) << cgroups.error().what;

  const auto prepared = cgroups->Prepare("trimtab");
  ASSERT_TRUE(prepared) << prepared.error().what;
  EXPECT_EQ(machine.Read("sys/fs/cgroup/cgroup.subtree_control"), "+memory +cpu");
  EXPECT_EQ(machine.Read("sys/fs/cgroup/trimtab/cgroup.subtree_control"), "+memory +cpu");

  const auto created = cgroups->Create("trimtab/shop-1.0", Limits());
  ASSERT_TRUE(created) << created.error().what;
  EXPECT_EQ(machine.Read(fs::path(kV2) / "memory.max"), "67108864");
  EXPECT_EQ(machine.Read(fs::path(kV2) / "memory.swap.max"), "0");
  EXPECT_EQ(machine.Read(fs::path(kV2) / "cpu.max"), "50000 100000");
  EXPECT_EQ(machine.Read(fs::path(kV2) / "cpu.weight"), "4") << "as Kubernetes gives to 100m";

  ASSERT_TRUE(cgroups->Join("trimtab/shop-1.0"));
  EXPECT_EQ(machine.Read(fs::path(kV2) / "cgroup.procs"), "0");
}

TEST(CgroupsV2, LeaveControllersThatAreHandedDownAlready) {
  const Machine machine;
  machine.MountV2();
  machine.Write("sys/fs/cgroup/cgroup.subtree_control", "cpuset cpu memory\n");

  ASSERT_TRUE(Cgroups::Find(machine.Root())->Prepare("trimtab"));

  EXPECT_EQ(machine.Read("sys/fs/cgroup/cgroup.subtree_control"), "cpuset cpu memory\n");
}

TEST(CgroupsV2, CountOomKillsAndKnowTheirProcesses) {
  const Machine machine;
  machine.MountV2();
  machine.Write(fs::path(kV2) / "memory.events", "low 0\nmax 31\noom 1\noom_kill 2\n");
  machine.Write(fs::path(kV2) / "cgroup.procs", "12\n7\n");
  const auto cgroups = Cgroups::Find(machine.Root());
  ASSERT_TRUE(cgroups) << cgroups.error().what;

  EXPECT_EQ(cgroups->OomKills("trimtab/shop-1.0"), 2U);
  EXPECT_EQ(cgroups->OomKills("trimtab/gone"), 0U);
  EXPECT_THAT(cgroups->Processes("trimtab/shop-1.0"), ElementsAre(7, 12));
}

TEST(CgroupsV1, SetLimitsInEachHierarchy) {
  const Machine machine;
  machine.MountV1();
  const fs::path memory = "sys/fs/cgroup/memory/trimtab/shop-1.0";
  const fs::path cpu = "sys/fs/cgroup/cpu,cpuacct/trimtab/shop-1.0";
  machine.Write(memory / "memory.limit_in_bytes", "");
  machine.Write(memory / "memory.memsw.limit_in_bytes", "");
  machine.Write(memory / "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  for (const char* const file : {"cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.shares"}) {
    machine.Write(cpu / file, "");
  }
  const auto cgroups = Cgroups::Find(machine.Root());
  ASSERT_TRUE(cgroups) << cgroups.error().what;

  ASSERT_TRUE(cgroups->Prepare("trimtab"));
  const auto created = cgroups->Create("trimtab/shop-1.0", Limits());

  ASSERT_TRUE(created) << created.error().what;
  EXPECT_EQ(machine.Read(memory / "memory.limit_in_bytes"), "67108864");
  EXPECT_EQ(machine.Read(memory / "memory.memsw.limit_in_bytes"), "67108864");
  EXPECT_EQ(machine.Read(cpu / "cpu.cfs_period_us"), "100000");
  EXPECT_EQ(machine.Read(cpu / "cpu.cfs_quota_us"), "50000");
  EXPECT_EQ(machine.Read(cpu / "cpu.shares"), "102");
  EXPECT_EQ(cgroups->OomKills("trimtab/shop-1.0"), 1U);
}

TEST(CgroupsFind, SaysThatThereAreNone) {
  const Machine machine;
  machine.Write("proc/self/mounts", "proc /proc proc rw 0 0\n");

  const auto cgroups = Cgroups::Find(machine.Root());

  ASSERT_FALSE(cgroups);
  EXPECT_EQ(cgroups.error().code, std::errc::not_supported);
}

TEST(CgroupsPrepare, NamesTheFileThatItMayNotWrite) {
  const Machine machine;
  machine.MountV2();
  fs::remove(machine.Root() / "sys/fs/cgroup/cgroup.subtree_control");

  const auto prepared = Cgroups::Find(machine.Root())->Prepare("trimtab");

  ASSERT_FALSE(prepared);
  EXPECT_THAT(prepared.error().what, HasSubstr("cgroup.subtree_control"));
}

TEST(CgroupsRemove, IsDoneWhereNothingIs) {
  const Machine machine;
  machine.MountV2();
  const auto cgroups = Cgroups::Find(machine.Root());
  fs::create_directories(machine.Root() / kV2);
  fs::remove(machine.Root() / "sys/fs/cgroup/trimtab/cgroup.subtree_control");

  EXPECT_TRUE(cgroups->Remove("trimtab/gone"));
  EXPECT_TRUE(cgroups->RemoveTree("trimtab"));
  EXPECT_FALSE(fs::exists(machine.Root() / "sys/fs/cgroup/trimtab"));
}

}  // namespace
}  // namespace scaler::local
