#pragma once

#include <optional>
#include <vector>

#include "common/yaml/value.h"
#include "scaler/policy/profile.h"
#include "scaler/policy/scaling_policy.h"

namespace scaler::policy {

/// HPA v2's scaleUp or scaleDown as far as somebody wrote it.
struct RulesPatch {
  std::optional<engine::Duration> window;
  std::optional<engine::SelectPolicy> select;
  std::optional<std::vector<engine::RateLimit>> limits;
};

struct BehaviorPatch {
  RulesPatch scale_up;
  RulesPatch scale_down;
};

/// The guards that change a number that the signals agree upon, as far as somebody wrote them.
struct GuardsPatch {
  std::optional<bool> hold_in_crash_loop;
  std::optional<bool> ignore_unready_rollout;
  std::optional<bool> damp_flapping;
};

/// Reads guards over what `terms` and `patch` hold already.
void ReadGuards(const common::yaml::Value& value, Terms& terms, GuardsPatch& patch);

void Apply(const GuardsPatch& patch, Profile profile, engine::Guards& guards);

/// Reads HPA v2's scaleUp and scaleDown over what `patch` holds already.
void ReadBehavior(const common::yaml::Value& value, BehaviorPatch& patch);

[[nodiscard]] engine::Behavior Apply(const BehaviorPatch& patch, engine::Behavior behavior);

/// What a spec says, or a spec with an override's keys in the place of its own; the defaults that
/// depend on the profile are not in it yet.
struct Draft {
  Terms terms;
  Profile profile = Profile::kFast;
  BehaviorPatch behavior;
  GuardsPatch guards;
  bool sound = true;  ///< The bounds can be relied on: others may be checked against them.
};

/// Reads the keys that a spec has and an override may repeat: the spec's over the defaults.
[[nodiscard]] Draft ReadSpecTerms(common::yaml::Map& map);

/// The same for an override, over the spec's. Nothing is required here, keeping replicas running
/// ends an inherited `idle`, and nothing is checked against a base that is wrong itself.
[[nodiscard]] Draft ReadOverrideTerms(common::yaml::Map& map, const Draft& base);

/// The terms with everything filled in that the profile says.
[[nodiscard]] Terms Complete(const Draft& draft);

}  // namespace scaler::policy
