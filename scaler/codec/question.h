#pragma once

#include <string>
#include <string_view>

#include "common/result.h"
#include "scaler/engine/decide.h"

namespace scaler::codec {

/// What a decision is asked from, by somebody outside: one object {"policy", "state",
/// "observation"} a line. docs/decide.md describes it.
struct Question {
  engine::Policy policy;
  engine::State state;
  engine::Observation observation;
};

/// A key that is not there has its default; one that does not exist, a value of the wrong type and
/// one that no policy file could hold (a limit of zero, a time beyond all calendars) is
/// bad_message with its path. A line of the ledger is a question, too.
[[nodiscard]] common::Result<Question> DecodeQuestion(std::string_view text);

/// {"state": ..., "decision": ...} without line end.
[[nodiscard]] std::string EncodeStep(const engine::Step& step);

}  // namespace scaler::codec
