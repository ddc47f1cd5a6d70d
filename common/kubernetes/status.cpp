#include "common/kubernetes/status.h"

#include <simdjson.h>

namespace common::kubernetes {
namespace {

constexpr std::size_t kQuoted = 200;

}  // namespace

Status ParseStatus(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  Status status;
  std::string_view kind;
  if (parser.parse(simdjson::padded_string(body)).get(document) != simdjson::SUCCESS ||
      document["kind"].get(kind) != simdjson::SUCCESS || kind != "Status") {
    status.message = std::string(body.substr(0, kQuoted));
    return status;
  }
  std::string_view text;
  if (document["reason"].get(text) == simdjson::SUCCESS) {
    status.reason = text;
  }
  if (document["message"].get(text) == simdjson::SUCCESS) {
    status.message = text;
  }
  // Which budget is in the way, the message of an eviction does not say.
  simdjson::dom::array causes;
  if (document.at_pointer("/details/causes").get(causes) == simdjson::SUCCESS) {
    for (const auto cause : causes) {
      std::string_view reason;
      if (cause["reason"].get(reason) == simdjson::SUCCESS && reason == "DisruptionBudget" &&
          cause["message"].get(text) == simdjson::SUCCESS) {
        status.message += ": " + std::string(text.substr(0, kQuoted));
      }
    }
  }
  std::int64_t code = 0;
  if (document["code"].get(code) == simdjson::SUCCESS) {
    status.code = static_cast<int>(code);
  }
  return status;
}

}  // namespace common::kubernetes
