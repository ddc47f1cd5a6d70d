// The texts of /proc and of cgroups. The kernel is no enemy, but it has many versions.

#include "agent/cgroup/flat_file.h"
#include "agent/cgroup/hierarchies.h"
#include "agent/cgroup/memory.h"
#include "agent/procfs/cpu.h"
#include "agent/procfs/load.h"
#include "agent/procfs/memory.h"
#include "agent/procfs/pressure.h"
#include "agent/procfs/process.h"
#include "agent/procfs/vmstat.h"
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Text(data, size);
  (void)agent::procfs::ParseCpu(text);
  (void)agent::procfs::ParseLoad(text);
  if (const auto memory = agent::procfs::ParseMemory(text)) {
    (void)memory->WorkingSetBytes();
  }
  (void)agent::procfs::ParsePressure("memory", text);
  (void)agent::procfs::ParseProcess(text, 4096);
  (void)agent::procfs::ParseOomKills(text);
  (void)agent::cgroup::FindFlatKey(text, "oom_kill");
  (void)agent::cgroup::ParseMounts(text, "cpu memory");
  (void)agent::cgroup::FindUnifiedMount(text);
  return 0;
}
