#include "tests/cluster/support/objects.h"

#include <fmt/format.h>

#include "tests/cluster/support/install.h"

namespace cluster {

std::string CrashStage() {
  return R"(apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-crash}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchLabels: {crashes: "true"}
    matchExpressions:
      - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
      - {key: .status.podIP, operator: Exists}
      - {key: .status.phase, operator: In, values: [Pending]}
  weight: 1
  delay: {durationMilliseconds: 10}
  next:
    statusTemplate: |
      {{ $now := Now }}
      conditions:
      - {type: Ready, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }}}
      - {type: ContainersReady, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }}}
      containerStatuses:
      {{ range .spec.containers }}
      - image: {{ .image | Quote }}
        name: {{ .name | Quote }}
        ready: false
        restartCount: 3
        started: false
        state:
          waiting: {reason: CrashLoopBackOff, message: back-off 40s restarting failed container}
        lastState:
          terminated: {exitCode: 1, reason: Error, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}
      {{ end }}
      phase: Running
      startTime: {{ $now | Quote }}
)";
}

std::string KedaKind() {
  return R"(apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: scaledobjects.keda.sh}
spec:
  group: keda.sh
  scope: Namespaced
  names: {kind: ScaledObject, listKind: ScaledObjectList, plural: scaledobjects, singular: scaledobject}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
)";
}

std::string Node(const std::string& name) {
  return fmt::format(R"(apiVersion: v1
kind: Node
metadata:
  name: {0}
  annotations: {{kwok.x-k8s.io/node: fake}}
  labels: {{kubernetes.io/hostname: {0}, kubernetes.io/os: linux}}
spec: {{taints: [{{key: {0}, effect: NoSchedule}}]}}
status:
  addresses: [{{type: InternalIP, address: 127.0.0.1}}]
  capacity: {{cpu: "8", memory: 16Gi, pods: "50"}}
  allocatable: {{cpu: "8", memory: 16Gi, pods: "50"}}
)",
                     name);
}

std::string DeploymentOn(const std::string& node, const std::string& name, int replicas) {
  return Deployment(name, replicas) + fmt::format(
                                          "      nodeSelector: {{kubernetes.io/hostname: {}}}\n"
                                          "      tolerations: [{{operator: Exists}}]\n",
                                          node);
}

std::string Hpa(const std::string& target) {
  return fmt::format(R"(apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {0}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {0}}}
  minReplicas: 1
  maxReplicas: 5
)",
                     target);
}

}  // namespace cluster
