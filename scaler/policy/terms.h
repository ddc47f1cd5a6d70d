#pragma once

#include "common/yaml/value.h"
#include "scaler/engine/policy.h"

namespace scaler::policy {

/// Beyond it a number is more likely a slip than a wish.
inline constexpr int kMostReplicas = 10'000;

/// Reads the keys that a policy's spec has and its overrides may repeat (replicas, signals, idle,
/// behavior, mode) over what `terms` holds already, and checks them against each other. What is
/// wrong goes to the Problems of `map`. False if replicas and idle cannot be relied on.
[[nodiscard]] bool ReadSpecTerms(common::yaml::Map& map, engine::Policy& terms);

/// The same beneath an override, where nothing is required, and where keeping replicas running
/// ends an inherited `idle`. `base_is_sound` is what ReadSpecTerms returned: nothing is checked
/// against a base that is wrong itself.
void ReadOverrideTerms(common::yaml::Map& map, bool base_is_sound, engine::Policy& terms);

/// Reads HPA v2's scaleUp and scaleDown; what is not given stays as `behavior` has it.
void ReadBehavior(const common::yaml::Value& value, engine::Behavior& behavior);

}  // namespace scaler::policy
