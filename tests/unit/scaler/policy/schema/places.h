#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "scaler/policy/document/node.h"
#include "scaler/policy/schema/description.h"

namespace scaler::policy::schema {

/// A key of a map or an index of a list.
using Step = std::variant<std::string, std::size_t>;

/// Somewhere in a document that the description has a type for.
struct Place {
  std::vector<Step> steps;
  std::string path;         ///< As the reader writes it.
  std::string description;  ///< As the reference does: "spec.overrides.NAME.idle".
  const Type* type = nullptr;
  /// Kubernetes' schema leaves what is here to the scaler: forms that it has no type for.
  bool crd_cannot = false;
};

/// All places of a document of that kind.
[[nodiscard]] std::vector<Place> PlacesOf(const document::Node& document, const Kind& kind);

/// The document with something else in that place.
[[nodiscard]] document::Node With(const document::Node& document, const std::vector<Step>& steps,
                                  const document::Node& value);

/// All descriptions of places that the kind has, whatever a document holds.
[[nodiscard]] std::vector<std::string> DescribedPlaces(const Kind& kind);

}  // namespace scaler::policy::schema
