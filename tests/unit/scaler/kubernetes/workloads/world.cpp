#include "unit/scaler/kubernetes/workloads/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace tests {
namespace {

std::string After(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  return at == std::string::npos ? "" : text.substr(at + mark.size());
}

}  // namespace

ClusterWorld::ClusterWorld() {
  for (const auto* const collection :
       {kDeployments, kStatefulSets, kReplicaSets, kPods, kAutoscalers}) {
    api.Serve(collection);
  }
}

void ClusterWorld::PutDeployment(const std::string& name, int replicas, const std::string& labels) {
  const std::string container =
      R"({"resources":{"requests":{"cpu":"500m","memory":"64Mi"},"limits":{"memory":"128Mi"}}})";
  api.PutObject(kDeployments,
                fmt::format(R"({{"metadata":{{"name":"{}","namespace":"shops","labels":{}}},)"
                            R"("spec":{{"replicas":{},"selector":{{}},"template":{{"spec":)"
                            R"({{"containers":[{},{}]}}}}}}}})",
                            name, labels, replicas, container, container));
}

void ClusterWorld::PutReplicaSet(const std::string& deployment, const std::string& revision) {
  api.PutObject(
      kReplicaSets,
      fmt::format(R"({{"metadata":{{"name":"{}-{}","namespace":"shops","ownerReferences":[)"
                  R"({{"kind":"Deployment","name":"{}","uid":"{}","controller":true}}]}}}})",
                  deployment, revision, deployment, UidOf(kDeployments, deployment)));
}

void ClusterWorld::PutPod(const std::string& name, const std::string& replica_set,
                          const std::string& status) {
  const auto revision = replica_set.substr(replica_set.rfind('-') + 1);
  api.PutObject(
      kPods, fmt::format(R"({{"metadata":{{"name":"{}","namespace":"shops",)"
                         R"("labels":{{"pod-template-hash":"{}"}},"ownerReferences":[)"
                         R"({{"kind":"ReplicaSet","name":"{}","uid":"{}","controller":true}}]}},)"
                         R"("status":{}}})",
                         name, revision, replica_set, UidOf(kReplicaSets, replica_set), status));
}

void ClusterWorld::PutAutoscaler(const std::string& name, const std::string& deployment) {
  api.Put(kAutoscalers, "shops", name,
          fmt::format(R"({{"scaleTargetRef":{{"apiVersion":"apps/v1","kind":"Deployment",)"
                      R"("name":"{}"}},"maxReplicas":9}})",
                      deployment));
}

void ClusterWorld::Start() {
  platform.OnChange([this] { ++changes; });
  platform.Start([this] { ++synced; });
  RunFor(std::chrono::seconds(1));
}

std::shared_ptr<const scaler::platform::Workload> ClusterWorld::Find(const std::string& name) {
  const auto all = platform.List();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& workload) {
    return workload->id == scaler::platform::WorkloadId{"shops", name};
  });
  return found == all.end() ? nullptr : *found;
}

std::shared_ptr<std::string> ClusterWorld::Scale(const std::string& name, int replicas) {
  auto became = std::make_shared<std::string>("pending");
  platform.Scale({"shops", name}, replicas, [became](const common::Result<void>& result) {
    *became = result ? "ok" : result.error().what;
  });
  return became;
}

int ClusterWorld::ReplicasOf(const std::string& deployment) const {
  const auto number = After(api.Get(kDeployments, "shops", deployment), "\"replicas\":");
  return number.empty() ? -1 : std::stoi(number);
}

std::string ClusterWorld::UidOf(const std::string& collection, const std::string& name) const {
  const auto rest = After(api.Get(collection, "shops", name), "\"uid\":\"");
  return rest.substr(0, rest.find('"'));
}

}  // namespace tests
