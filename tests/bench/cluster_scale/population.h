#pragma once

#include <string>
#include <vector>

#include "bench/cluster_scale/flood.h"

namespace bench {

/// How many replicas each workload has, and what keeps it at that number.
inline constexpr int kReplicas = 5;
inline constexpr int kInFlight = kReplicas * 10;

/// "shop-00042", the name of a workload and of its policy and tenant.
[[nodiscard]] std::string WorkloadName(int number);

/// The namespace that it is in, a hundred in each.
[[nodiscard]] std::string NamespaceOf(int number);

/// Fills a cluster with Deployments, their ReplicaSets and running pods, and a ScalingPolicy each.
///
/// The first workload is made through the API server, with what controllers, scheduler and kubelets
/// would write. The others are copies of what the server stored, with names, uids, nodes and
/// addresses of their own, put into etcd one by one: through the API server they would be 130,000
/// requests. Controllers and scheduler must not run: they would make the same once more.
class Population {
 public:
  /// `nodes`: named as tests/cluster/support/nodes.h does, from 0.
  Population(Flood& api, Flood& etcd, int nodes) : api_(api), etcd_(etcd), nodes_(nodes) {}

  /// Nodes from number `first` on; KWOK makes them ready.
  void MakeNodes(int first);

  /// For so many workloads; the controllers must still run.
  void MakeNamespaces(int workloads);

  /// Until there are so many workloads, and the API server knows of them.
  void GrowTo(int workloads);

 private:
  /// An object of the first workload, as the server tells it.
  struct Model {
    std::string path;  ///< In etcd: "/registry/pods/shops-000/shop-00000-6f7d9c8b54-00000".
    std::string json;
    std::string uid;
  };

  void MakeFirst();
  void AwaitServer();
  void Learn(const std::string& registry, const std::string& target);
  void Copy(int number);

  Flood& api_;
  Flood& etcd_;
  int nodes_;
  int workloads_ = 0;
  std::vector<Model> models_;
};

}  // namespace bench
