#include "scaler/codec/codec.h"

#include <cstdint>

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

common::Result<Line> DecodeLine(std::string_view text) {
  dom::parser parser;
  const auto element = Parse(parser, text);
  if (!element) {
    return tl::make_unexpected(element.error());
  }
  std::int64_t version = 0;
  if ((*element)["v"].get(version) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message, "line: has no version");
  }
  if (version != Line::kVersion) {
    return common::Fail(std::errc::not_supported, "line: has a version that is not ours");
  }
  return FromJson<Line>(*element, "line");
}

std::string EncodeState(const engine::State& state) { return ToJson(state); }

common::Result<engine::State> DecodeState(std::string_view text) {
  dom::parser parser;
  const auto element = Parse(parser, text);
  if (!element) {
    return tl::make_unexpected(element.error());
  }
  return FromJson<engine::State>(*element, "state");
}

std::string EncodeDecision(const engine::Decision& decision) { return ToJson(decision); }

bool Replays(const Line& line) {
  const auto step = engine::Decide(line.policy, line.state, line.observation);
  return EncodeDecision(step.decision) == EncodeDecision(line.decision);
}

}  // namespace scaler::codec
