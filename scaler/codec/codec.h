#pragma once

#include <string>
#include <string_view>

#include "common/result.h"
#include "scaler/engine/decide.h"

namespace scaler::codec {

/// Everything that one decision was made of: replaying it gives the same decision.
struct Line {
  static constexpr int kVersion = 2;

  std::string workload;  ///< "namespace/name".
  engine::Policy policy;
  engine::State state;  ///< As it was before the decision.
  engine::Observation observation;
  engine::Decision decision;

  friend bool operator==(const Line&, const Line&) = default;
};

/// One JSON object without line end. Equal lines give equal bytes.
[[nodiscard]] std::string EncodeLine(const Line& line);

/// bad_message where the text is no line; not_supported where its version is newer than ours.
[[nodiscard]] common::Result<Line> DecodeLine(std::string_view text);

[[nodiscard]] std::string EncodeState(const engine::State& state);
[[nodiscard]] common::Result<engine::State> DecodeState(std::string_view text);

[[nodiscard]] std::string EncodeDecision(const engine::Decision& decision);

/// Decides again from the line's own inputs. True where the decision has the same bytes.
[[nodiscard]] bool Replays(const Line& line);

}  // namespace scaler::codec
