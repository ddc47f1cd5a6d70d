#pragma once

#include <string>

namespace cluster {

/// A stage of KWOK: pods with the label `crashes` end again and again, told as a kubelet does. The
/// stage that has pods ready must not take them: pod-ready.stage.kwok.x-k8s.io/weight is "0".
[[nodiscard]] std::string CrashStage();

/// KEDA's ScaledObject, as far as it says what it scales.
[[nodiscard]] std::string KedaKind();

/// A node of KWOK that only takes pods that tolerate it.
[[nodiscard]] std::string Node(const std::string& name);

/// A Deployment whose pods are all on one node, whatever that is tainted with.
[[nodiscard]] std::string DeploymentOn(const std::string& node, const std::string& name,
                                       int replicas);

/// A HorizontalPodAutoscaler for a Deployment, of the same name.
[[nodiscard]] std::string Hpa(const std::string& target);

}  // namespace cluster
