#pragma once

#include "scaler/engine/demand_levels.h"
#include "scaler/engine/forecast_errors.h"
#include "scaler/engine/proof.h"
#include "scaler/engine/seasons.h"

namespace scaler::engine {

/// What the objective remembers of one workload's demand.
struct DemandMemory {
  DemandLevels levels;
  ForecastErrors errors;
  /// How much more, or less, often than the objective by itself a replica may be missing, so that
  /// the share that comes of it is the objective's; learned.
  double leniency = 1;
  double account = 0;         ///< Of the requests that were allowed and those that were missing.
  double typical_demand = 0;  ///< Over many trials, requests per second.
  Proof hold;                 ///< That holding what may come back helps.
  std::vector<Season> seasons;

  friend bool operator==(const DemandMemory&, const DemandMemory&) = default;
};

}  // namespace scaler::engine
