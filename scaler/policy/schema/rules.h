#pragma once

#include <string_view>

#include "scaler/policy/document/node.h"
#include "scaler/policy/schema/description.h"

/// What both generated schemas have alike. Private to this folder.
namespace scaler::policy::schema {

/// Whole where it is.
[[nodiscard]] document::Node Number(double value);

/// minItems and maxItems, or minProperties and maxProperties.
void AddItemBounds(const Type& type, std::string_view of_what, document::Node& node);

/// The object with the type's keys, each as `convert` makes it, and which of them are required.
[[nodiscard]] document::Node Object(const Type& type, document::Node (*convert)(const Type&));

/// The rules that keywords of JSON Schema and of Kubernetes can say.
void AddRules(const Type& type, document::Node& node);

}  // namespace scaler::policy::schema
