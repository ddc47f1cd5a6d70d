#pragma once

#include <string>
#include <vector>

#include "common/yaml/value.h"
#include "scaler/policy/document/node.h"
#include "scaler/policy/schema/description.h"

namespace scaler::policy::schema {

/// A value to put somewhere, and what the description says of it.
struct Sample {
  document::Node value;
  bool good = true;
  /// Why neither schema can see that it is bad, or empty.
  std::string beyond;
};

/// Values at and beyond every bound of the type, and of other types. Of a map or names only the
/// latter; what is in them is another place.
[[nodiscard]] std::vector<Sample> SamplesOf(const Type& type);

/// A document as it was read.
[[nodiscard]] document::Node ToNode(const common::yaml::Value& value);

}  // namespace scaler::policy::schema
