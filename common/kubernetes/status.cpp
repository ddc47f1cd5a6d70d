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
  std::int64_t code = 0;
  if (document["code"].get(code) == simdjson::SUCCESS) {
    status.code = static_cast<int>(code);
  }
  return status;
}

}  // namespace common::kubernetes
