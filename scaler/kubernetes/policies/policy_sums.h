#pragma once

#include <cstdint>

#include "scaler/loop/status.h"

namespace scaler::kubernetes::policies {

/// What a ScalingPolicy comes to over all its workloads. The pointers are those of the status that
/// it is made from: the first by name (of what is limited, one in a crash loop before the others),
/// or the newest.
struct PolicySums {
  std::int64_t workloads = 0;
  std::int64_t current = 0;
  std::int64_t desired = 0;
  std::int64_t held = 0;
  std::int64_t limited = 0;  ///< Have another number than their signals ask for: LimitOf.
  std::int64_t failed = 0;   ///< Could not be scaled.
  std::int64_t owned = 0;    ///< Somebody else scales them: they are decided in dry run.
  const loop::WorkloadStatus* first_held = nullptr;
  const loop::WorkloadStatus* first_limited = nullptr;
  const loop::WorkloadStatus* first_failed = nullptr;
  const loop::WorkloadStatus* first_owned = nullptr;
  const loop::WorkloadStatus* newest = nullptr;  ///< Whose change is the last.

  /// One more workload of the policy; in the order of their names.
  void Add(const loop::WorkloadStatus& workload);
};

/// What had the last word against the signals of a workload, of that which a person should know: a
/// bound that leaves it less than they ask for, its own crash loop, or what it is the blue or green
/// one of; null: none had. The other guards come and go with the demand.
[[nodiscard]] const engine::Clamp* LimitOf(const engine::Decision& decision);

}  // namespace scaler::kubernetes::policies
