#include "scaler/codec/codec.h"

#include "scaler/codec/reader.h"
#include "scaler/codec/writer.h"

namespace scaler::codec {

/// The version stands first, so that a reader of a newer line can stop there.
template <typename V, typename T>
void Fields(V& visit, const Line&, T& value) {
  int version = Line::kVersion;
  visit("v", version);
  visit("workload", value.workload);
  visit("policy", value.policy);
  visit("state", value.state);
  visit("observation", value.observation);
  visit("decision", value.decision);
}

std::string EncodeLine(const Line& line) { return ToJson(line); }

common::Result<Line> DecodeLine(std::string_view text) { return DecodeVersioned<Line>(text); }

std::string EncodeState(const engine::State& state) { return ToJson(state); }

common::Result<engine::State> DecodeState(std::string_view text) {
  return Decode<engine::State>(text, "state");
}

std::string EncodeDecision(const engine::Decision& decision) { return ToJson(decision); }

bool Replays(const Line& line) {
  const auto step = engine::Decide(line.policy, line.state, line.observation);
  return EncodeDecision(step.decision) == EncodeDecision(line.decision);
}

}  // namespace scaler::codec
