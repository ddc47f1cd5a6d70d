#pragma once

#include <optional>
#include <string>
#include <vector>

namespace scaler::engine {

/// A cap that many workloads share.
struct ScalingGroup {
  std::string name;
  std::optional<int> max_replicas;
  std::optional<double> max_cpu_cores;  ///< Of requests.

  friend bool operator==(const ScalingGroup&, const ScalingGroup&) = default;
};

/// What one workload of a group would have.
struct Claim {
  std::string tenant;  ///< The cap is shared between tenants, then between a tenant's workloads.
  int priority = 0;    ///< A higher one is served before all lower ones.
  int floor = 0;       ///< It has the right to so many before anybody gets more: its minimum.
  int wanted = 0;
  double cpu_cores = 0;  ///< That one replica requests.

  friend bool operator==(const Claim&, const Claim&) = default;
};

/// How many replicas each claim gets, in the order of the claims.
///
/// Everybody gets the floor (even where the floors exceed the cap: a minimum is a promise). What
/// is left goes by priority, and within one by max-min fairness between tenants: nobody gets a
/// replica more while another tenant that wants more has fewer. Independent of the claims' order
/// but for ties, which go to the claim that stands first.
[[nodiscard]] std::vector<int> Share(const ScalingGroup& group, const std::vector<Claim>& claims);

}  // namespace scaler::engine
