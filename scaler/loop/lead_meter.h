#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/clock.h"
#include "scaler/engine/observation.h"
#include "scaler/platform/platform.h"

namespace scaler::loop {

/// Measures how long a replica of one workload takes from its first sight until it is ready.
///
/// By the platform's own times as far as they lie between two looks: so all who watch the same
/// replicas measure the same, whenever they look.
///
/// The estimate follows a slower start at once and a faster one by a fifth a start, so that it
/// stays near the slow end of what happens. Starts anew with the program, which learns it in one
/// start or is told of it.
class LeadMeter {
 public:
  /// Call it for every evaluation, in the order of time.
  void Observe(const platform::Workload& workload, common::MonotonicTime now);

  /// Before the first start was seen, engine::Lead's own default.
  [[nodiscard]] engine::Duration Replica() const {
    return measured_.value_or(engine::Lead{}.replica);
  }

  /// Empty: no start was seen yet.
  [[nodiscard]] std::optional<engine::Duration> Measured() const { return measured_; }

  /// What another has measured of the same workload takes the place of what was measured here.
  void Take(engine::Duration measured) { measured_ = measured; }

 private:
  void TakeStart(engine::Duration took);

  std::map<std::string, common::MonotonicTime> starting_;  ///< By replica: first seen.
  std::optional<engine::Duration> measured_;
  std::optional<common::MonotonicTime> looked_at_;
};

}  // namespace scaler::loop
