#include "support/fake_api/json.h"

namespace tests::json {

const Value* At(const Object& object, std::string_view path) {
  const auto name = path.substr(0, path.find('.'));
  const auto* const value = object.if_contains(name);
  if (value == nullptr || name.size() == path.size()) {
    return value;
  }
  return value->is_object() ? At(value->get_object(), path.substr(name.size() + 1)) : nullptr;
}

std::string TextAt(const Object& object, std::string_view path) {
  const auto* const value = At(object, path);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

Object& Into(Object& object, std::string_view name) {
  auto& value = object[name];
  if (!value.is_object()) {
    value = Object();
  }
  return value.get_object();
}

void MergePatch(Object& object, const Object& patch) {
  for (const auto& [key, value] : patch) {
    if (value.is_null()) {
      object.erase(key);
    } else if (value.is_object()) {
      MergePatch(Into(object, key), value.get_object());
    } else {
      object[key] = value;
    }
  }
}

std::string Write(const Object& object) { return boost::json::serialize(object); }

}  // namespace tests::json
