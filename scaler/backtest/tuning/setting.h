#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/backtest/world.h"
#include "scaler/policy/profile.h"
#include "scaler/policy/scaling_policy.h"

namespace scaler::backtest::tuning {

/// engine::Objective's, as one value.
struct Hold {
  std::optional<Duration> time;  ///< Empty: as long as the objective needs,
  bool learned = false;          ///< where the workload's own history shows that it helps.

  friend bool operator==(const Hold&, const Hold&) = default;
};

/// What of a policy is tuned: what people set, and what moves cost and excess. How many replicas
/// there may be, schedules, guards and what the signals are is nobody's to guess from a history.
struct Setting {
  std::optional<policy::Profile> profile;  ///< Empty: what the policy has.
  double overload = 0;                     ///< engine::Objective's.
  Hold hold;
  Duration window{};                   ///< behavior.scaleDown's stabilization.
  std::optional<double> per_replica;   ///< Requests per second; empty: learned, or no signal.
  std::optional<Duration> idle_after;  ///< Empty: never to zero.
  bool keep_warm = false;

  friend bool operator==(const Setting&, const Setting&) = default;
};

[[nodiscard]] Setting SettingOf(const policy::Terms& terms);

/// What differs between `from` and `to`, in the terms of a policy and in those of its overrides
/// that had the same as the policy there.
[[nodiscard]] policy::ScalingPolicy Changed(policy::ScalingPolicy document, const Setting& to);

/// In how many values the two differ.
[[nodiscard]] int Changes(const Setting& from, const Setting& to);

/// What differs as keys of a policy: "objective.hold: 10m".
[[nodiscard]] std::vector<std::string> ChangedKeys(const Setting& from, const Setting& to);

/// The same as a YAML document in blocks that begins with `spec:`, to be merged into the policy's.
[[nodiscard]] std::string Patch(const Setting& from, const Setting& to);

/// The values that are tried.
struct Space {
  /// `overload`: what the tuned policy is to promise. `capacity`: what a replica really carries,
  /// requests per second.
  Space(const policy::Terms& standing, double overload, double capacity);

  /// Every setting that differs from `one` in one value.
  [[nodiscard]] std::vector<Setting> Neighbours(const Setting& one) const;

  std::vector<std::optional<policy::Profile>> profiles;
  std::vector<double> overloads;
  std::vector<Hold> holds;
  std::vector<Duration> windows;
  std::vector<std::optional<double>> per_replica;
  std::vector<std::optional<Duration>> idle_after;
  std::vector<bool> keep_warm;
};

}  // namespace scaler::backtest::tuning
