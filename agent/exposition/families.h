#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agent/collect/snapshot.h"
#include "agent/exposition/metrics.h"

namespace agent::exposition {

using Labels = std::vector<prometheus::ClientMetric::Label>;

/// One family that is being filled. Private to this folder.
class Family {
 public:
  Family(prometheus::MetricType type, std::string name, std::string help);

  /// Adds one series; `value` is a number of any kind.
  template <typename Number>
  void Add(Labels labels, Number value) {
    AddValue(std::move(labels), static_cast<double>(value));
  }

  /// Adds one series of a histogram.
  void AddHistogram(Labels labels, prometheus::ClientMetric::Histogram histogram);

  /// Appends the family to `families`, unless it has no series.
  void AppendTo(std::vector<prometheus::MetricFamily>& families) &&;

 private:
  void AddValue(Labels labels, double value);

  prometheus::MetricFamily family_;
};

[[nodiscard]] Family Counter(std::string name, std::string help);
[[nodiscard]] Family Gauge(std::string name, std::string help);

void AppendNode(const collect::Snapshot& snapshot, const AgentInfo& info, FamilyList& families);
void AppendContainers(const collect::Snapshot& snapshot, FamilyList& families);
void AppendTenants(const collect::Snapshot& snapshot, FamilyList& families);
void AppendAgent(const collect::Snapshot& snapshot, common::MonotonicTime now,
                 FamilyList& families);

}  // namespace agent::exposition
