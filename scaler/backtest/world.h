#pragma once

#include <chrono>

#include "scaler/engine/policy.h"

namespace scaler::backtest {

using engine::Duration;
using engine::Time;

/// The model of the world in which policies are compared.
///
/// Time goes in steps; demand is constant within a sample of the history. At the beginning of a
/// step pods become ready, the rule looks and decides, and its decision is acted on at once: pods
/// that are added are ready, if there is a node with room, one `pod_start` later and are paid for
/// meanwhile; pods that are taken away are gone. Then the step passes.
struct World {
  double capacity_per_replica = 100;  ///< Requests per second that a ready replica really serves.
  Duration pod_start = std::chrono::seconds(20);
  Duration node_start = std::chrono::seconds(120);
  int pods_per_node = 10;
  /// Nodes come and go as with Kubernetes' Cluster Autoscaler: looked at every 10 s, ordered as
  /// pods wait for them, taken away when not needed for 10 min. False: a pod always finds room, and
  /// node-hours are what perfect packing needs.
  bool nodes = false;
  /// How late demand is known to a policy and to peak-hold.
  Duration metric_delay = std::chrono::seconds(2);
  /// The same for the HPA: 15 s for the scrape, 15 s for its own period, and the step in which
  /// what it decides is acted on.
  Duration hpa_delay = std::chrono::seconds(35);
  Duration step = std::chrono::seconds(5);

  friend bool operator==(const World&, const World&) = default;
};

}  // namespace scaler::backtest
