#include "support/fake_api/kinds.h"

#include <map>

namespace tests {
namespace {

const std::map<std::string, ApiKind>& Table() {
  static const auto* const table = new std::map<std::string, ApiKind>{
      {"/api/v1/pods",
       {.kind = "Pod",
        .api_version = "v1",
        .has_status = true,
        .fields = {"spec.nodeName", "spec.schedulerName", "spec.restartPolicy",
                   "spec.serviceAccountName", "status.phase", "status.podIP",
                   "status.nominatedNodeName"}}},
      {"/api/v1/nodes",
       {.kind = "Node",
        .api_version = "v1",
        .namespaced = false,
        .has_status = true,
        .fields = {"spec.unschedulable"}}},
      {"/api/v1/namespaces",
       {.kind = "Namespace",
        .api_version = "v1",
        .namespaced = false,
        .has_status = true,
        .fields = {"status.phase"}}},
      {"/api/v1/configmaps", {.kind = "ConfigMap", .api_version = "v1"}},
      {"/api/v1/secrets", {.kind = "Secret", .api_version = "v1", .fields = {"type"}}},
      {"/api/v1/services", {.kind = "Service", .api_version = "v1", .has_status = true}},
      {"/api/v1/events",
       {.kind = "Event",
        .api_version = "v1",
        .fields = {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
                   "involvedObject.uid", "reason", "reportingComponent", "source", "type"}}},
      {"/apis/events.k8s.io/v1/events",
       {.kind = "Event",
        .api_version = "events.k8s.io/v1",
        .fields = {"regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid",
                   "reason", "type"}}},
      {"/apis/apps/v1/deployments",
       {.kind = "Deployment",
        .api_version = "apps/v1",
        .has_status = true,
        .has_scale = true,
        .has_generation = true}},
      {"/apis/apps/v1/statefulsets",
       {.kind = "StatefulSet",
        .api_version = "apps/v1",
        .has_status = true,
        .has_scale = true,
        .has_generation = true}},
      {"/apis/apps/v1/replicasets",
       {.kind = "ReplicaSet",
        .api_version = "apps/v1",
        .has_status = true,
        .has_scale = true,
        .has_generation = true,
        .fields = {"status.replicas"}}},
      {"/apis/apps/v1/daemonsets",
       {.kind = "DaemonSet", .api_version = "apps/v1", .has_status = true, .has_generation = true}},
      {"/apis/autoscaling/v2/horizontalpodautoscalers",
       {.kind = "HorizontalPodAutoscaler", .api_version = "autoscaling/v2", .has_status = true}},
      {"/apis/policy/v1/poddisruptionbudgets",
       {.kind = "PodDisruptionBudget",
        .api_version = "policy/v1",
        .has_status = true,
        .has_generation = true}},
      {"/apis/coordination.k8s.io/v1/leases",
       {.kind = "Lease", .api_version = "coordination.k8s.io/v1"}},
      {"/apis/scheduling.k8s.io/v1/priorityclasses",
       {.kind = "PriorityClass", .api_version = "scheduling.k8s.io/v1", .namespaced = false}},
      {"/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
       {.kind = "CustomResourceDefinition",
        .api_version = "apiextensions.k8s.io/v1",
        .namespaced = false,
        .has_status = true,
        .has_generation = true}},
  };
  return *table;
}

}  // namespace

ApiKind KnownKind(const std::string& collection) {
  const auto found = Table().find(collection);
  return found != Table().end() ? found->second
                                : ApiKind{.has_status = true, .has_generation = true};
}

}  // namespace tests
