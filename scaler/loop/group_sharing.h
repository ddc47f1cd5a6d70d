#pragma once

#include <string>
#include <vector>

#include "scaler/engine/decide.h"
#include "scaler/engine/group.h"
#include "scaler/loop/governed.h"

namespace scaler::loop {

/// A decision of this cycle that has been made and not been taken yet.
struct Proposal {
  const Governed* governed = nullptr;
  const engine::State* state = nullptr;  ///< As it was before the decision.
  double cpu_request_cores = 0;          ///< Of one replica; 0: it requests none.
  engine::Observation observation;
  engine::Step step;
};

/// What the members of a group have asked for and what the cap left them.
struct GroupStatus {
  engine::ScalingGroup group;
  int wanted = 0;   ///< Replicas that all members would have together.
  int granted = 0;  ///< What they are to have. Above the cap where minimums or held members are.
  double cpu_cores = 0;  ///< What the granted ones request.
};

/// Shares the caps of groups among those of `proposals` that are members; where one's share is
/// less than it would have, its observation says so and it is decided again, so that the decision
/// names the group and replays by itself. The caps apply one after the other, by name.
///
/// Who is held, or only tried in a dry run, keeps what it has: its part of the cap is taken.
[[nodiscard]] std::vector<GroupStatus> ShareCaps(const std::vector<Proposal*>& proposals);

}  // namespace scaler::loop
