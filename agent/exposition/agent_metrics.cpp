#include <chrono>

#include "agent/exposition/families.h"
#include "common/version.h"

namespace agent::exposition {
namespace {

void AppendSources(const collect::Snapshot& snapshot, FamilyList& families) {
  auto lag = Gauge("trimtab_source_lag_bytes", "Written to the source, but not read yet.");
  auto lines = Counter("trimtab_source_lines_total", "Lines read.");
  auto rejected = Counter("trimtab_source_rejected_lines_total", "Lines that make no sense.");
  auto lost = Counter("trimtab_source_lost_lines_total",
                      "Lines that the writer of the source says it had to drop.");
  if (snapshot.access_log) {
    const Labels source = {{"source", "access_log"}};
    lag.Add(source, snapshot.access_log->lag_bytes);
    lines.Add(source, snapshot.access_log->lines_total);
    lost.Add(source, snapshot.access_log->lost_lines_total);
    for (std::size_t index = 0; index < requests::kRejections.size(); ++index) {
      rejected.Add(
          {{"source", "access_log"}, {"reason", std::string(requests::kRejections.at(index))}},
          snapshot.access_log->rejected_lines_total.at(index));
    }
  }
  if (snapshot.bad_lifecycle_lines_total) {
    rejected.Add({{"source", "lifecycle"}, {"reason", "malformed"}},
                 *snapshot.bad_lifecycle_lines_total);
  }
  std::move(lag).AppendTo(families);
  std::move(lines).AppendTo(families);
  std::move(rejected).AppendTo(families);
  std::move(lost).AppendTo(families);
}

void AppendCollectors(const std::vector<collect::CollectorHealth>& collectors,
                      common::MonotonicTime now, FamilyList& families) {
  auto seconds = Gauge("trimtab_collector_seconds", "How long the collector's last run took.");
  auto success = Gauge("trimtab_collector_success", "1 where the last run succeeded.");
  auto age = Gauge("trimtab_collector_age_seconds",
                   "Time since the last success: how old the collector's values are.");
  for (const auto& health : collectors) {
    const Labels collector = {{"collector", health.collector}};
    seconds.Add(collector, health.seconds);
    success.Add(collector, health.success ? 1 : 0);
    if (health.sampled_at) {
      age.Add(collector, std::chrono::duration<double>(now - *health.sampled_at).count());
    }
  }
  std::move(seconds).AppendTo(families);
  std::move(success).AppendTo(families);
  std::move(age).AppendTo(families);
}

}  // namespace

void AppendAgent(const collect::Snapshot& snapshot, common::MonotonicTime now,
                 FamilyList& families) {
  AppendSources(snapshot, families);
  AppendCollectors(snapshot.collectors, now, families);
  if (snapshot.node.process) {
    auto cpu = Counter("trimtab_process_cpu_seconds_total", "CPU time of this program.");
    cpu.Add({}, snapshot.node.process->cpu_seconds);
    std::move(cpu).AppendTo(families);
    auto resident = Gauge("trimtab_process_resident_memory_bytes", "Memory of this program.");
    resident.Add({}, snapshot.node.process->resident_bytes);
    std::move(resident).AppendTo(families);
  }
  auto build = Gauge("trimtab_build_info", "Which build this is; always 1.");
  build.Add({{"program", "trimtab-agent"}, {"version", common::kVersion}}, 1);
  std::move(build).AppendTo(families);
}

}  // namespace agent::exposition
