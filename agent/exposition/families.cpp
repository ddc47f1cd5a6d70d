#include "agent/exposition/families.h"

namespace agent::exposition {

using prometheus::MetricType;

Family::Family(MetricType type, std::string name, std::string help) {
  family_.type = type;
  family_.name = std::move(name);
  family_.help = std::move(help);
}

void Family::AddValue(Labels labels, double value) {
  auto& metric = family_.metric.emplace_back();
  metric.label = std::move(labels);
  if (family_.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void Family::AddHistogram(Labels labels, prometheus::ClientMetric::Histogram histogram) {
  auto& metric = family_.metric.emplace_back();
  metric.label = std::move(labels);
  metric.histogram = std::move(histogram);
}

void Family::AppendTo(std::vector<prometheus::MetricFamily>& families) && {
  if (!family_.metric.empty()) {
    families.push_back(std::move(family_));
  }
}

Family Counter(std::string name, std::string help) {
  return {MetricType::Counter, std::move(name), std::move(help)};
}

Family Gauge(std::string name, std::string help) {
  return {MetricType::Gauge, std::move(name), std::move(help)};
}

FamilyList ToFamilies(const collect::Snapshot& snapshot, const AgentInfo& info,
                      common::MonotonicTime now) {
  FamilyList families;
  AppendNode(snapshot, info, families);
  AppendContainers(snapshot, families);
  AppendTenants(snapshot, families);
  AppendAgent(snapshot, now, families);
  return families;
}

}  // namespace agent::exposition
