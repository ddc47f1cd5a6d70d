#pragma once

#include <memory>
#include <string>

#include "common/kubernetes/client.h"
#include "scaler/kubernetes/workloads/cluster_platform.h"
#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace tests {

/// A cluster of a test, without controllers, and the platform that looks at it.
class ClusterWorld {
 public:
  static constexpr const char* kDeployments = "/apis/apps/v1/deployments";
  static constexpr const char* kStatefulSets = "/apis/apps/v1/statefulsets";
  static constexpr const char* kReplicaSets = "/apis/apps/v1/replicasets";
  static constexpr const char* kPods = "/api/v1/pods";
  static constexpr const char* kAutoscalers = "/apis/autoscaling/v2/horizontalpodautoscalers";

  ClusterWorld();

  /// A Deployment of two containers that want half a core and 64Mi each.
  void PutDeployment(const std::string& name, int replicas, const std::string& labels = "{}");
  /// The ReplicaSet NAME-REVISION of a Deployment.
  void PutReplicaSet(const std::string& deployment, const std::string& revision);
  /// A pod of the ReplicaSet, of which `status` is all that is said.
  void PutPod(const std::string& name, const std::string& replica_set,
              const std::string& status = kReady);
  void PutAutoscaler(const std::string& name, const std::string& deployment);

  static constexpr const char* kReady =
      R"({"phase":"Running","podIP":"10.0.0.7","conditions":[
          {"type":"Ready","status":"True","lastTransitionTime":"1970-01-02T00:00:00Z"}]})";

  /// Looks at it until nothing is to be told any more.
  void Start();
  void RunFor(std::chrono::milliseconds time) { executor.RunFor(time); }

  /// Null: there is none.
  [[nodiscard]] std::shared_ptr<const scaler::platform::Workload> Find(const std::string& name);
  /// What became of it; "pending" where nothing has yet.
  [[nodiscard]] std::shared_ptr<std::string> Scale(const std::string& name, int replicas);
  /// spec.replicas, as the server has it; -1: there is no such Deployment.
  [[nodiscard]] int ReplicasOf(const std::string& deployment) const;
  [[nodiscard]] std::string UidOf(const std::string& collection, const std::string& name) const;

  SimulatedExecutor executor{common::WallTime(std::chrono::hours(24))};
  FakeApi api{executor};
  common::kubernetes::Access access;
  std::unique_ptr<common::kubernetes::TokenSource> tokens =
      common::kubernetes::MakeTokenSource(executor, access);
  common::kubernetes::Client client{executor, api, *tokens};
  scaler::kubernetes::workloads::ClusterPlatform platform{executor, client};
  int changes = 0;
  int synced = 0;
};

}  // namespace tests
