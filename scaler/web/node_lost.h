#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <set>

#include "exporters/metrics_page.h"
#include "scaler/loop/status.h"
#include "scaler/platform/platform.h"

namespace scaler::web {

/// Replicas lost with their nodes, by workload; a workload that lost none need not be there.
using LostReplicas = std::map<platform::WorkloadId, std::uint64_t>;

/// trimtab_container_restarts_total with the reason node_lost, from 0 for each of `workloads`. The
/// scaler outlives the node, so it is the scaler that counts; agents count all other reasons.
[[nodiscard]] prometheus::MetricFamily NodeLostFamily(std::set<platform::WorkloadId> workloads,
                                                      const LostReplicas& lost,
                                                      const exporters::FamilySink* parts = nullptr);

/// Tells what `families` does, with what the cluster says of lost replicas in the place of what the
/// fleet made of it: one of several scalers tells, who leads.
void TellNodeLost(const loop::Status& status, const LostReplicas& lost,
                  const exporters::FamilyStream& families, const exporters::FamilySink& sink);

}  // namespace scaler::web
