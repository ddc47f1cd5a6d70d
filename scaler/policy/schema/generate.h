#pragma once

#include <string>
#include <vector>

#include "scaler/policy/document/node.h"
#include "scaler/policy/schema/description.h"

namespace scaler::policy::schema {

/// JSON Schema, draft 7, of the documents of these kinds.
[[nodiscard]] document::Node JsonSchema(const std::vector<Kind>& kinds);

/// The CustomResourceDefinition of a kind: a structural schema, and rules in CEL for what such a
/// schema cannot say.
[[nodiscard]] document::Node Crd(const Kind& kind);

/// Every key of the kinds with what it may hold, its default and its meaning, in Markdown.
[[nodiscard]] std::string Reference(const std::vector<Kind>& kinds);

}  // namespace scaler::policy::schema
