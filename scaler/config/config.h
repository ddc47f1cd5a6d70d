#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/kubernetes/limiter.h"
#include "common/result.h"
#include "scaler/local/spec.h"

namespace scaler::config {

/// Who answers the queries of external signals.
struct PrometheusConfig {
  std::string address;  ///< host:port, with https:// or http:// before it or not.
  std::chrono::milliseconds interval = std::chrono::seconds(10);  ///< Each query so often.
  std::chrono::milliseconds deadline = std::chrono::seconds(5);   ///< Of one question.
};

/// A kind with a scale subresource, such as argoproj.io/v1alpha1 and Rollout.
struct ScaledKind {
  std::string api_version;
  std::string kind;

  friend bool operator==(const ScaledKind&, const ScaledKind&) = default;
};

/// Which cluster it is, and how we may ask it. Every key is optional.
struct KubernetesConfig {
  std::string kubeconfig;  ///< Files, separated by colons; empty with a context: those of kubectl.
  std::string context;     ///< Empty: the current one. Without both: the account of our pod.
  std::string name_space;  ///< Of our own objects; empty: that of our pod, or "trimtab".
  common::kubernetes::Rate rate = {.per_second = 100, .burst = 200};
  /// How agents are found in the namespace of our own objects.
  std::string agent_label = "app.kubernetes.io/name=trimtab-agent";
  /// Where they listen, unless a port of their containers is named "https".
  int agent_port = 9105;
  /// Of several scalers one acts and the others follow; without it there must be only one.
  bool leader_election = true;
  std::string placeholder_image;           ///< Of placeholder pods; empty: Kubernetes' pause image.
  std::string placeholder_priority_class;  ///< The same; empty: "trimtab-placeholder".
  /// What is scaled beside Deployments, StatefulSets and ReplicaSets.
  std::vector<ScaledKind> scaled_kinds = {};
};

/// What the file given by --config says. Every key is optional.
struct Config {
  std::vector<std::string> agents;             ///< host:port of every agent that must contribute.
  std::optional<PrometheusConfig> prometheus;  ///< Empty: external signals are missing.
  local::Spec local;                           ///< What runs on this machine; nothing by default.
  std::optional<KubernetesConfig> kubernetes;  ///< Empty: nothing is said of a cluster.
};

/// Reads the file. Fails with all of its problems, one a line, each with its position.
[[nodiscard]] common::Result<Config> ReadConfig(const std::filesystem::path& file);

}  // namespace scaler::config
