#pragma once

#include <string>
#include <string_view>

#include "common/result.h"
#include "scaler/engine/capacity/decide.h"

namespace scaler::codec {

/// Everything that one decision about nodes was made of: replaying it gives the same decision.
struct CapacityLine {
  static constexpr int kVersion = 1;

  engine::capacity::CapacityPolicy policy;
  engine::capacity::CapacityState state;  ///< As it was before the decision.
  engine::capacity::CapacityObservation observation;
  engine::capacity::CapacityDecision decision;

  friend bool operator==(const CapacityLine&, const CapacityLine&) = default;
};

/// One JSON object without line end. Equal lines give equal bytes.
[[nodiscard]] std::string EncodeCapacityLine(const CapacityLine& line);

/// bad_message where the text is no such line; not_supported where its version is not ours.
[[nodiscard]] common::Result<CapacityLine> DecodeCapacityLine(std::string_view text);

[[nodiscard]] std::string EncodeCapacityState(const engine::capacity::CapacityState& state);
[[nodiscard]] common::Result<engine::capacity::CapacityState> DecodeCapacityState(
    std::string_view text);

[[nodiscard]] std::string EncodeCapacityDecision(
    const engine::capacity::CapacityDecision& decision);

/// Decides again from the line's own inputs. True where the decision has the same bytes.
[[nodiscard]] bool Replays(const CapacityLine& line);

}  // namespace scaler::codec
