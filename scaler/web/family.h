#pragma once

#include <prometheus/metric_family.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "exporters/metrics_page.h"

namespace scaler::web {

using Labels = std::vector<prometheus::ClientMetric::Label>;

/// One metric family under construction.
class Family {
 public:
  /// `parts` gets what grows large, a part at a time, and outlives this; Take has the rest.
  Family(const char* name, const char* help, prometheus::MetricType type,
         const exporters::FamilySink* parts = nullptr)
      : parts_(parts) {
    family_.name = name;
    family_.help = help;
    family_.type = type;
  }

  /// To a counter or a gauge.
  void Add(Labels labels, double value) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    if (family_.type == prometheus::MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    family_.metric.push_back(std::move(metric));
    if (parts_ != nullptr && family_.metric.size() >= kPart) {
      (*parts_)(family_);
      family_.metric.clear();
    }
  }

  /// To a histogram.
  void Add(Labels labels, prometheus::ClientMetric::Histogram histogram) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    metric.histogram = std::move(histogram);
    family_.metric.push_back(std::move(metric));
  }

  [[nodiscard]] prometheus::MetricFamily Take() { return std::move(family_); }

 private:
  static constexpr std::size_t kPart = 500;  ///< Series.

  prometheus::MetricFamily family_;
  const exporters::FamilySink* parts_;
};

/// A family of one series.
[[nodiscard]] inline prometheus::MetricFamily One(const char* name, const char* help,
                                                  prometheus::MetricType type, double value,
                                                  Labels labels = {}) {
  Family family(name, help, type);
  family.Add(std::move(labels), value);
  return family.Take();
}

}  // namespace scaler::web
