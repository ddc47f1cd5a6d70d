#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/engine/pod.h"
#include "scaler/engine/policy.h"

namespace scaler::engine {

/// What a tenant asks of its workload, summed over every agent that should know of it.
struct Demand {
  double arrivals_per_second = 0;  ///< Served or not, over the signals' window.
  double in_flight = 0;            ///< Requests being served now.
  double queued = 0;               ///< Requests that wait for a free replica now.

  friend bool operator==(const Demand&, const Demand&) = default;
};

/// The value of one external signal.
struct ExternalValue {
  std::string name;
  Sampled<double> sample;

  friend bool operator==(const ExternalValue&, const ExternalValue&) = default;
};

/// How long capacity takes to come, as measured (a high quantile), and how much is there already.
struct Lead {
  Duration replica = std::chrono::seconds(20);  ///< From the decision to ready.
  std::optional<Duration> node;                 ///< From the decision to a node that takes pods.
  std::optional<int> room;  ///< So many more replicas fit on the nodes of now; empty: any.

  friend bool operator==(const Lead&, const Lead&) = default;
};

/// The other colour of a blue-green pair.
struct Peer {
  std::string name;
  int desired_replicas = 0;
  double arrivals_per_second = 0;
  std::optional<Time> serving_since;    ///< Empty: it gets no traffic now.
  bool we_serve = false;                ///< This workload gets traffic now.
  std::optional<Time> we_served_until;  ///< When this one last lost the traffic; empty: never.

  friend bool operator==(const Peer&, const Peer&) = default;
};

/// What a ScalingGroup leaves to this workload, after sharing.
struct GroupShare {
  std::string group;
  int replicas = 0;

  friend bool operator==(const GroupShare&, const GroupShare&) = default;
};

/// An input that did not count, and why, for the explanation.
struct LeftOut {
  std::string what;
  std::string why;

  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

/// All that the engine is told of one workload at one instant.
struct Observation {
  Time now{};
  /// Since when its inputs have been asked for; empty: for long.
  std::optional<Time> watched_since;
  int desired_replicas = 0;  ///< What the platform was last asked for.
  int ready_replicas = 0;
  std::optional<Sampled<Demand>> demand;           ///< Empty: nobody knows.
  std::optional<Sampled<double>> latency_seconds;  ///< At the latency guard's quantile.
  std::vector<ExternalValue> external;
  std::vector<Pod> pods;  ///< May be empty where no signal or guard needs them.
  Lead lead;
  std::optional<Peer> peer;
  std::optional<GroupShare> group;
  std::string frozen;             ///< Why nobody may write anything now; empty: they may.
  std::vector<LeftOut> left_out;  ///< By whoever made the observation.

  friend bool operator==(const Observation&, const Observation&) = default;
};

}  // namespace scaler::engine
