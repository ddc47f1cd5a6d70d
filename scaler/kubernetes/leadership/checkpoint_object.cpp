#include "scaler/kubernetes/leadership/checkpoint_object.h"

#include <simdjson.h>

#include <algorithm>

#include "scaler/kubernetes/leadership/packing.h"

namespace scaler::kubernetes::leadership {

std::string CheckpointsOf(const std::string& name_space) {
  return "/api/v1/namespaces/" + name_space + "/configmaps";
}

bool IsShard(std::string_view checkpoint, std::string_view object) {
  const bool has_number =
      object.starts_with(checkpoint) && object.substr(checkpoint.size()).starts_with('-');
  return has_number &&
         std::all_of(object.begin() + static_cast<std::ptrdiff_t>(checkpoint.size()) + 1,
                     object.end(), [](char c) { return c >= '0' && c <= '9'; });
}

common::Result<std::string> CheckpointText(std::string_view json, std::size_t limit) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view packed;
  if (parser.parse(simdjson::padded_string(json)).get(document) != simdjson::SUCCESS ||
      document["binaryData"][kCheckpointEntry].get(packed) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message,
                        std::string("it has no binaryData[") + kCheckpointEntry + "]");
  }
  return Unpack(packed, limit);
}

}  // namespace scaler::kubernetes::leadership
