#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace tests::json {

using Object = boost::json::object;
using Value = boost::json::value;

/// The value at "spec.replicas"; null where there is none.
[[nodiscard]] const Value* At(const Object& object, std::string_view path);

/// Empty where there is none or it is no string.
[[nodiscard]] std::string TextAt(const Object& object, std::string_view path);

/// The object of this name in `object`, made where there is none.
Object& Into(Object& object, std::string_view name);

/// RFC 7396.
void MergePatch(Object& object, const Object& patch);

[[nodiscard]] std::string Write(const Object& object);

}  // namespace tests::json
