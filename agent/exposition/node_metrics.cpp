#include <array>
#include <chrono>

#include "agent/exposition/families.h"

namespace agent::exposition {
namespace {

Family CpuSeconds() {
  return Counter("trimtab_node_cpu_seconds_total",
                 "What the processors of the node did, in seconds of all of them; of a part of a "
                 "machine only what it used.");
}

Family MemoryBytes() {
  return Gauge("trimtab_node_memory_bytes",
               "Memory of the node; working_set is what cannot be dropped at once.");
}

void AppendCores(double cores, FamilyList& families) {
  auto gauge = Gauge("trimtab_node_cpu_cores", "How many processors the node has, or may use.");
  gauge.Add({}, cores);
  std::move(gauge).AppendTo(families);
}

void AppendCpu(const procfs::CpuSample& cpu, FamilyList& families) {
  auto seconds = CpuSeconds();
  for (std::size_t index = 0; index < procfs::kCpuModes.size(); ++index) {
    seconds.Add({{"mode", std::string(procfs::kCpuModes.at(index))}}, cpu.seconds.at(index));
  }
  std::move(seconds).AppendTo(families);
  if (cpu.processors > 0) {
    AppendCores(static_cast<double>(cpu.processors), families);
  }
}

void AppendMemory(const procfs::MemorySample& memory, FamilyList& families) {
  auto bytes = MemoryBytes();
  bytes.Add({{"kind", "total"}}, memory.total_bytes);
  bytes.Add({{"kind", "free"}}, memory.free_bytes);
  bytes.Add({{"kind", "available"}}, memory.available_bytes);
  bytes.Add({{"kind", "working_set"}}, memory.WorkingSetBytes());
  bytes.Add({{"kind", "buffers"}}, memory.buffers_bytes);
  bytes.Add({{"kind", "cached"}}, memory.cached_bytes);
  bytes.Add({{"kind", "swap_total"}}, memory.swap_total_bytes);
  bytes.Add({{"kind", "swap_free"}}, memory.swap_free_bytes);
  std::move(bytes).AppendTo(families);
}

void AppendSliceCpu(const cgroup::SliceSample& slice, FamilyList& families) {
  auto seconds = CpuSeconds();
  if (slice.cpu) {
    seconds.Add({{"mode", "user"}}, slice.cpu->user_seconds);
    seconds.Add({{"mode", "system"}}, slice.cpu->system_seconds);
  }
  std::move(seconds).AppendTo(families);
  if (slice.cpu_cores) {
    AppendCores(*slice.cpu_cores, families);
  }
  auto throttled = Counter("trimtab_node_cpu_throttled_seconds_total",
                           "Time that the part of the machine waited because its quota was spent.");
  if (slice.throttled_seconds) {
    throttled.Add({}, *slice.throttled_seconds);
  }
  std::move(throttled).AppendTo(families);
}

void AppendSliceMemory(const cgroup::SliceSample& slice, FamilyList& families) {
  if (!slice.memory || !slice.memory_bytes) {
    return;
  }
  const auto total = *slice.memory_bytes;
  const auto without = [&](std::uint64_t used) { return total > used ? total - used : 0; };
  auto bytes = MemoryBytes();
  bytes.Add({{"kind", "total"}}, total);
  bytes.Add({{"kind", "free"}}, without(slice.memory->current_bytes));
  bytes.Add({{"kind", "available"}}, without(slice.memory->WorkingSetBytes()));
  bytes.Add({{"kind", "working_set"}}, slice.memory->WorkingSetBytes());
  std::move(bytes).AppendTo(families);
}

void AppendLoad(const procfs::LoadSample& load, FamilyList& families) {
  auto average = Gauge("trimtab_node_load", "Tasks that ran or waited, averaged over the window.");
  average.Add({{"window", "1m"}}, load.one_minute);
  average.Add({{"window", "5m"}}, load.five_minutes);
  average.Add({{"window", "15m"}}, load.fifteen_minutes);
  std::move(average).AppendTo(families);
}

void AppendPressure(const std::vector<procfs::PressureSample>& samples, FamilyList& families) {
  auto seconds = Counter("trimtab_node_pressure_seconds_total",
                         "Time in which some task, or all of them, waited for the resource.");
  for (const auto& sample : samples) {
    seconds.Add({{"resource", sample.resource}, {"kind", "some"}}, sample.some_seconds);
    if (sample.full_seconds) {
      seconds.Add({{"resource", sample.resource}, {"kind", "full"}}, *sample.full_seconds);
    }
  }
  std::move(seconds).AppendTo(families);
}

void AppendInfo(const AgentInfo& info, FamilyList& families) {
  auto one = Gauge("trimtab_node_info", "What the operator says of this node; always 1.");
  one.Add({{"node", info.node},
           {"zone", info.zone},
           {"capacity_type", info.capacity_type},
           {"instance_type", info.instance_type},
           {"pool", info.pool}},
          1);
  std::move(one).AppendTo(families);
}

void AppendNotices(const interruption::Notices& notices, FamilyList& families) {
  auto timestamp = Gauge("trimtab_node_interruption_timestamp_seconds",
                         "When the cloud takes the node, or (rebalance) advised to leave it.");
  for (const auto& notice : notices) {
    timestamp.Add({{"kind", std::string(NameOf(notice.kind))}},
                  std::chrono::duration<double>(notice.at.time_since_epoch()).count());
  }
  std::move(timestamp).AppendTo(families);
}

}  // namespace

void AppendNode(const collect::Snapshot& snapshot, const AgentInfo& info, FamilyList& families) {
  const auto& node = snapshot.node;
  AppendInfo(info, families);
  if (snapshot.notices) {
    AppendNotices(*snapshot.notices, families);
  }
  if (node.slice) {
    AppendSliceCpu(*node.slice, families);
    AppendSliceMemory(*node.slice, families);
  }
  if (node.cpu) {
    AppendCpu(*node.cpu, families);
  }
  if (node.memory) {
    AppendMemory(*node.memory, families);
  }
  if (node.load) {
    AppendLoad(*node.load, families);
  }
  AppendPressure(node.pressure, families);
  if (node.oom_kills_total) {
    auto kills = Counter("trimtab_node_oom_kills_total",
                         "Processes that the kernel killed for want of memory, in or out of "
                         "containers.");
    kills.Add({}, *node.oom_kills_total);
    std::move(kills).AppendTo(families);
  }
}

}  // namespace agent::exposition
