#pragma once

#include "scaler/policy/document/node.h"
#include "scaler/policy/schema/description.h"

namespace scaler::policy::schema {

/// What the scaler says of an object, as a structural schema; bounded in every place.
[[nodiscard]] document::Node StatusSchema();

/// The columns of `kubectl get`: the kind's own, whether it is ready, and its age.
[[nodiscard]] document::Node PrinterColumns(const Kind& kind);

}  // namespace scaler::policy::schema
