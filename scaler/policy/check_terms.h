#pragma once

#include <optional>

#include "common/yaml/value.h"
#include "scaler/policy/terms.h"

namespace scaler::policy {

/// The places that a check of one value against others may have to point to; what was not given
/// there holds nothing.
struct Given {
  std::optional<common::yaml::Value> replicas;
  std::optional<common::yaml::Value> min;
  std::optional<common::yaml::Value> max;
  std::optional<common::yaml::Value> objective;
  std::optional<common::yaml::Value> signals;
  std::optional<common::yaml::Value> formula;
  std::optional<common::yaml::Value> idle;
  std::optional<common::yaml::Value> schedules;
  std::optional<common::yaml::Value> guards;
  std::optional<common::yaml::Value> profile;
  std::optional<common::yaml::Value> min_replicas;
  std::optional<common::yaml::Value> min_nodes;
  std::optional<common::yaml::Value> min_zones;
  bool sound = true;  ///< Of replicas and idle: nothing more is to be said about them.
};

/// At some time or other there may be no replica.
[[nodiscard]] bool MayBeZero(const Terms& terms);

/// Checks the draft's values against each other; points to those of them that are given here.
/// False if the bounds of the replicas cannot be relied on.
[[nodiscard]] bool CheckTerms(const Given& given, const Draft& draft);

}  // namespace scaler::policy
