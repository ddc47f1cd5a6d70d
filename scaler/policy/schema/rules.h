#pragma once

#include <string_view>

#include "scaler/policy/document/node.h"
#include "scaler/policy/schema/description.h"

/// What both generated schemas have alike. Private to this folder.
namespace scaler::policy::schema {

/// Whole where it is.
[[nodiscard]] document::Node Number(double value);

/// A key's doc with its default.
[[nodiscard]] std::string Describe(const Key& key);

/// minItems and maxItems, or minProperties and maxProperties.
void AddItemBounds(const Type& type, std::string_view of_what, document::Node& node);

/// The rules that keywords of JSON Schema and of Kubernetes can say.
void AddRules(const Type& type, document::Node& node);

}  // namespace scaler::policy::schema
