#pragma once

#include <simdjson.h>

#include "common/kubernetes/object.h"

// Inside this folder only: it brings simdjson's headers.
namespace common::kubernetes {

/// Fills in what `object`'s metadata say; the texts live as long as the parser's buffer. False
/// where there are none that can be read.
[[nodiscard]] bool ReadMetadata(simdjson::ondemand::object& object, ObjectView& view);

}  // namespace common::kubernetes
