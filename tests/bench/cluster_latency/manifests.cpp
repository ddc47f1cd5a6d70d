#include "tests/bench/cluster_latency/manifests.h"

#include <fmt/format.h>

#include "tests/cluster/support/install.h"

namespace cluster::latency {

std::string OurWorkload(const std::string& name, int replicas, int min, int max,
                        const std::string& more) {
  return Deployment(name, replicas) + fmt::format(R"(---
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {{name: {0}}}
spec:
  target: {{kind: Deployment, name: {0}}}
  replicas: {{min: {1}, max: {2}}}
{3}---
)",
                                                  name, min, max, more);
}

std::string TheirWorkload(const std::string& name, int replicas, int max, bool at_once) {
  constexpr auto kAtOnce = R"(  behavior:
    scaleUp: {stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 100, periodSeconds: 1}]}
    scaleDown: {stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 100, periodSeconds: 1}]}
)";
  return Deployment(name, replicas) + fmt::format(R"(---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {0}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {0}}}
  minReplicas: 1
  maxReplicas: {1}
  metrics:
    - type: External
      external: {{metric: {{name: {0}}}, target: {{type: AverageValue, averageValue: "10"}}}}
{2}---
)",
                                                  name, max, at_once ? kAtOnce : "");
}

}  // namespace cluster::latency
