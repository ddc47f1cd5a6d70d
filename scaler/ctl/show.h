#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/codec/codec.h"

namespace scaler::ctl {

/// A decision as the scaler's API gives it.
struct ExplainedDecision {
  std::int64_t id = 0;
  common::WallTime committed_at;
  codec::Line line;
};

/// The table of `trimtabctl status`, from the JSON of /api/v1/status.
[[nodiscard]] common::Result<std::string> ShowStatus(std::string_view json);

/// The JSON of /api/v1/decisions as values.
[[nodiscard]] common::Result<std::vector<ExplainedDecision>> ParseDecisions(std::string_view json);

/// What `trimtabctl explain` prints for one decision. `now` is what ages count from; times are
/// shown in the machine's time zone.
[[nodiscard]] std::string Explain(const ExplainedDecision& decision, common::WallTime now);

}  // namespace scaler::ctl
