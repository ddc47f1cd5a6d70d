#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/codec/capacity.h"

namespace scaler::ctl {

/// A decision about nodes as the scaler's API gives it.
struct ExplainedCapacity {
  std::int64_t id = 0;
  common::WallTime committed_at;
  codec::CapacityLine line;
};

/// What `trimtabctl capacity` prints, from the JSON of /api/v1/capacity.
[[nodiscard]] common::Result<std::string> ShowCapacity(std::string_view json);

/// The JSON of /api/v1/capacity/decisions as values.
[[nodiscard]] common::Result<std::vector<ExplainedCapacity>> ParseCapacityDecisions(
    std::string_view json);

/// One decision in sentences.
[[nodiscard]] std::string ExplainCapacity(const ExplainedCapacity& decision, common::WallTime now);

/// How far a node is that somebody wants emptied.
struct DrainProgress {
  std::string text;                ///< With what keeps it: a sentence.
  bool empty = false;              ///< It drains, and nothing that could move is on it.
  bool removed_by_others = false;  ///< It is of no pool of a policy: we only empty it.
};

/// From the JSON of /api/v1/capacity. no_such_device where there is no such node (any more).
[[nodiscard]] common::Result<DrainProgress> ShowDrain(std::string_view json,
                                                      const std::string& node);

}  // namespace scaler::ctl
