#include "agent/exposition/families.h"

namespace agent::exposition {
namespace {

Labels LabelsOf(const runtime::WorkloadKey& key) {
  return {{"namespace", key.name_space}, {"workload", key.workload}, {"container", key.container}};
}

Labels LabelsOf(const runtime::RunningContainer& container) {
  return {{"namespace", container.workload.name_space},
          {"workload", container.workload.workload},
          {"pod", container.id.replica},
          {"container", container.workload.container}};
}

void AppendUse(const collect::Snapshot& snapshot, FamilyList& families) {
  auto cpu = Counter("trimtab_container_cpu_seconds_total", "CPU time that the container used.");
  auto throttled = Counter("trimtab_container_cpu_throttled_seconds_total",
                           "Time in which the container had to wait because its quota was spent.");
  auto working_set = Gauge("trimtab_container_memory_working_set_bytes",
                           "Memory that cannot be given back under pressure.");
  auto limit = Gauge("trimtab_container_memory_limit_bytes",
                     "The memory limit; absent where there is none.");
  for (const auto* containers : {&snapshot.containers, &snapshot.pod_containers}) {
    for (const auto& [container, sample] : *containers) {
      const auto labels = LabelsOf(container);
      if (sample.cpu_seconds) {
        cpu.Add(labels, *sample.cpu_seconds);
      }
      if (sample.throttled_seconds) {
        throttled.Add(labels, *sample.throttled_seconds);
      }
      if (sample.memory) {
        working_set.Add(labels, sample.memory->WorkingSetBytes());
      }
      if (sample.memory && sample.memory->limit_bytes) {
        limit.Add(labels, *sample.memory->limit_bytes);
      }
    }
  }
  std::move(cpu).AppendTo(families);
  std::move(throttled).AppendTo(families);
  std::move(working_set).AppendTo(families);
  std::move(limit).AppendTo(families);
}

void AppendWaiting(const collect::Snapshot& snapshot, FamilyList& families) {
  auto waiting = Gauge("trimtab_container_waiting",
                       "Containers that wait to be started, by reason; not those that begin.");
  for (const auto& [key, count] : snapshot.waiting) {
    auto labels = LabelsOf(key.first);
    labels.push_back({"reason", key.second});
    waiting.Add(std::move(labels), static_cast<double>(count));
  }
  std::move(waiting).AppendTo(families);
}

}  // namespace

void AppendContainers(const collect::Snapshot& snapshot, FamilyList& families) {
  AppendUse(snapshot, families);
  auto restarts = Counter("trimtab_container_restarts_total",
                          "Ends of containers that nobody had asked for, by their reason.");
  auto oom_kills = Counter("trimtab_container_oom_kills_total",
                           "Processes killed for want of memory inside containers, whether or not "
                           "the container ended.");
  for (const auto& workload : snapshot.workloads) {
    const auto labels = LabelsOf(workload.key);
    oom_kills.Add(labels, workload.oom_kills_total);
    for (std::size_t index = 0; index < runtime::kRestartReasons.size(); ++index) {
      auto with_reason = labels;
      const auto reason = common::lifecycle::ReasonName(runtime::kRestartReasons.at(index));
      with_reason.push_back({"reason", std::string(reason)});
      restarts.Add(std::move(with_reason), workload.restarts.at(index));
    }
  }
  std::move(restarts).AppendTo(families);
  std::move(oom_kills).AppendTo(families);
  AppendWaiting(snapshot, families);
}

}  // namespace agent::exposition
