#pragma once

#include <string>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/engine/capacity/policy.h"
#include "scaler/policy/schedule/cron.h"

namespace scaler::policy {

/// More spare at certain times.
struct SpareSchedule {
  std::string name;
  schedule::Recurrence when;
  double factor = 1;

  friend bool operator==(const SpareSchedule&, const SpareSchedule&) = default;
};

/// One document of kind CapacityPolicy, checked, with defaults filled in.
struct CapacityPolicy {
  /// Its schedule is empty: see PolicySet::Scheduled.
  engine::capacity::CapacityPolicy terms;
  std::vector<SpareSchedule> schedules;  ///< By name.

  std::string file;
  common::yaml::Position at;

  [[nodiscard]] bool SameAs(const CapacityPolicy& other) const {
    return terms == other.terms && schedules == other.schedules;
  }
};

}  // namespace scaler::policy
