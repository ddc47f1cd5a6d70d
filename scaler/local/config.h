#pragma once

#include "common/yaml/value.h"
#include "scaler/local/spec.h"

namespace scaler::local {

/// Reads the `local:` part of the scaler's configuration. What is wrong with it goes to the
/// Problems of `local`; the result counts only if there are none.
[[nodiscard]] Spec ReadSpec(const common::yaml::Value& local);

}  // namespace scaler::local
