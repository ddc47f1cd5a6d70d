#pragma once

#include <map>
#include <string>

#include "common/clock.h"
#include "scaler/engine/observation.h"
#include "scaler/platform/platform.h"

namespace scaler::loop {

/// Measures how long a replica of one workload takes from its first sight until it is ready.
///
/// The estimate follows a slower start at once and a faster one by a fifth a start, so that it
/// stays near the slow end of what happens. Starts anew with the program: it is learnt in one
/// start.
class LeadMeter {
 public:
  /// Call it for every evaluation, in the order of time.
  void Observe(const platform::Workload& workload, common::MonotonicTime now);

  /// Before the first start was seen, engine::Lead's own default.
  [[nodiscard]] engine::Duration Replica() const { return replica_; }

 private:
  void TakeStart(engine::Duration took);

  std::map<std::string, common::MonotonicTime> starting_;  ///< By replica: first seen.
  engine::Duration replica_ = engine::Lead{}.replica;
  bool measured_ = false;
};

}  // namespace scaler::loop
