#include "scaler/kubernetes/workloads/scale_object.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "common/kubernetes/json_fields.h"

namespace scaler::kubernetes::workloads {

namespace json = common::kubernetes::json;
namespace ondemand = simdjson::ondemand;

std::optional<ScaleObject> ReadScale(std::string_view json) {
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value top;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_value().get(top) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  ScaleObject scale;
  json::EachField(top, [&](std::string_view key, ondemand::value value) {
    if (key != "metadata" && key != "spec" && key != "status") {
      return;
    }
    const auto part = std::string(key);
    json::EachField(value, [&](std::string_view name, ondemand::value field) {
      if (part == "metadata" && name == "uid") {
        scale.uid = json::TextOf(field);
      } else if (part == "metadata" && name == "resourceVersion") {
        scale.resource_version = json::TextOf(field);
      } else if (part == "spec" && name == "replicas") {
        scale.replicas = static_cast<int>(
            std::clamp<std::int64_t>(json::NumberOf(field, 0), 0, std::numeric_limits<int>::max()));
      } else if (part == "status" && name == "selector") {
        scale.selector = json::TextOf(field);
      }
    });
  });
  // A number of none is left out.
  return scale.resource_version.empty() ? std::nullopt : std::optional(scale);
}

}  // namespace scaler::kubernetes::workloads
