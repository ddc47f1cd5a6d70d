#include "scaler/local/cloud/wire.h"

#include "scaler/local/cloud/fields.h"

namespace scaler::local::cloud {

std::string Encode(const State& state) { return ToJson(state); }

common::Result<State> DecodeState(const std::string& text) {
  return FromJson<State>(text, "state").and_then([](State state) -> common::Result<State> {
    if (state.version != State::kVersion) {
      return common::Fail(std::errc::not_supported,
                          "state: version " + std::to_string(state.version) + " is not ours");
    }
    return state;
  });
}

std::string Encode(const Listing& listing) { return ToJson(listing); }
common::Result<Listing> DecodeListing(const std::string& text) {
  return FromJson<Listing>(text, "list of nodes");
}

std::string Encode(const platform::NodeOrder& order) { return ToJson(order); }
common::Result<platform::NodeOrder> DecodeOrder(const std::string& text) {
  return FromJson<platform::NodeOrder>(text, "order");
}

std::string Encode(const platform::Refusal& refusal) { return ToJson(refusal); }
common::Result<platform::Refusal> DecodeRefusal(const std::string& text) {
  return FromJson<platform::Refusal>(text, "refusal");
}

std::string Encode(const Mischief& mischief) { return ToJson(mischief); }
common::Result<Mischief> DecodeMischief(const std::string& text) {
  return FromJson<Mischief>(text, "wish");
}

std::string_view WordOf(Trouble::Kind kind) {
  for (const auto& [candidate, word] : Names(kind)) {
    if (candidate == kind) {
      return word;
    }
  }
  return "";
}

}  // namespace scaler::local::cloud
