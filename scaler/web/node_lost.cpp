#include "scaler/web/node_lost.h"

#include <string>
#include <utility>

#include "scaler/web/family.h"

namespace scaler::web {
namespace {

constexpr const char* kName = "trimtab_container_restarts_total";

}  // namespace

prometheus::MetricFamily NodeLostFamily(std::set<platform::WorkloadId> workloads,
                                        const LostReplicas& lost,
                                        const exporters::FamilySink* parts) {
  Family family(kName, "Replicas that ended because their node went without being emptied.",
                prometheus::MetricType::Counter, parts);
  for (const auto& [workload, count] : lost) {
    workloads.insert(workload);
  }
  for (const auto& workload : workloads) {
    const auto found = lost.find(workload);
    family.Add({{"namespace", workload.name_space},
                {"workload", workload.name},
                {"container", workload.name},
                {"reason", "node_lost"}},
               found == lost.end() ? 0 : static_cast<double>(found->second));
  }
  return family.Take();
}

void TellNodeLost(const loop::Status& status, const LostReplicas& lost,
                  const exporters::FamilyStream& families, const exporters::FamilySink& sink) {
  families([&](prometheus::MetricFamily part) {
    if (part.name != kName) {
      sink(std::move(part));
    }
  });
  if (status.leadership && !status.leadership->leads) {
    return;
  }
  std::set<platform::WorkloadId> workloads;
  for (const auto& each : status.workloads) {
    workloads.insert(each.workload->id);
  }
  sink(NodeLostFamily(std::move(workloads), lost, &sink));
}

}  // namespace scaler::web
