#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "scaler/engine/decision.h"
#include "scaler/engine/state.h"
#include "scaler/loop/governed.h"
#include "scaler/loop/lead_meter.h"
#include "scaler/platform/platform.h"

namespace scaler::loop {

/// What the loop remembers of a workload beside the engine's state.
struct WorkloadMemory {
  engine::State state;
  std::optional<Governed> governed;
  /// What `governed` was found for; null: it has to be found anew.
  std::shared_ptr<const platform::Workload> governed_for;
  std::optional<int> desired;  ///< As the platform last listed it; empty: not yet.
  /// Since when the state has been followed without a gap; empty: before the first decision.
  std::optional<engine::Time> known_since;
  /// Since when the inputs of its policy have been asked for.
  std::optional<engine::Time> watched_since;
  LeadMeter lead;
  bool learns_on = false;                     ///< From what a leader had learnt; see Known.
  std::optional<engine::Time> unsaved_since;  ///< The state has changed; see UnsavedStates.
  /// Null: there is none. The status shares them.
  std::shared_ptr<const engine::Decision> decision;
  std::shared_ptr<const engine::Decision> recorded;
  std::shared_ptr<const engine::Decision> change;  ///< The last that was more than "kept".
  std::string problem;
  engine::Time acted_at{};      ///< When the last action was decided.
  std::optional<int> doubtful;  ///< It failed, as far as is known; it wanted so many.
  int failures = 0;
  std::optional<engine::Time> act_not_before;  ///< Back-off after a failed action.
};

/// By "namespace/name".
using WorkloadMemories = std::map<std::string, WorkloadMemory>;

}  // namespace scaler::loop
