#include "bench/cluster_scale/population.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/cluster/support/control_plane.h"
#include "tests/cluster/support/nodes.h"

namespace bench {
namespace {

namespace json = boost::json;

constexpr int kWorkloadsInNamespace = 100;
constexpr const char* kHash = "6f7d9c8b54";

std::string UidOf(const std::string& object) {
  return json::value_to<std::string>(json::parse(object).at("metadata").at("uid"));
}

/// One for each object; the server's are random, and nobody reads more into them.
std::string UidOf(int number, std::size_t object) {
  return fmt::format("{:08x}-0000-4000-8000-{:012x}", number, object);
}

std::string Base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const auto length = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                        reinterpret_cast<const unsigned char*>(bytes.data()),
                                        static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// "10.1.2.3" of the pod with this number in all.
std::string AddressOf(int pod) {
  return fmt::format("10.{}.{}.{}", 100 + (pod >> 16), (pod >> 8) & 255, pod & 255);
}

/// As a person writes a server: what is left out the API server fills in.
std::string PodSpec(const std::string& node) {
  return fmt::format(
      R"("spec":{{{}"terminationGracePeriodSeconds":30,"containers":[{{"name":"server",)"
      R"("image":"registry.example.com/shops/web:1.42.0","ports":[{{"name":"http",)"
      R"("containerPort":8080}}],"env":[{{"name":"LOG_LEVEL","value":"info"}},)"
      R"({{"name":"DATABASE","value":"postgres://db.shops.svc:5432/shop"}},)"
      R"({{"name":"POD","valueFrom":{{"fieldRef":{{"fieldPath":"metadata.name"}}}}}}],)"
      R"("readinessProbe":{{"httpGet":{{"path":"/ready","port":"http"}}}},)"
      R"("livenessProbe":{{"httpGet":{{"path":"/live","port":"http"}}}},)"
      R"("resources":{{"requests":{{"cpu":"100m","memory":"64Mi"}},)"
      R"("limits":{{"memory":"128Mi"}}}}}}]}})",
      node.empty() ? "" : fmt::format(R"("nodeName":"{}",)", node));
}

std::string Labels(const std::string& name, bool of_pod) {
  return fmt::format(R"("labels":{{"app":"{}","app.kubernetes.io/part-of":"shops"{}}})", name,
                     of_pod ? fmt::format(R"(,"pod-template-hash":"{}")", kHash) : "");
}

std::string Owner(const char* kind, const std::string& name, const std::string& uid) {
  return fmt::format(
      R"("ownerReferences":[{{"apiVersion":"apps/v1","kind":"{}","name":"{}","uid":"{}",)"
      R"("controller":true,"blockOwnerDeletion":true}}])",
      kind, name, uid);
}

std::string Quoted(const std::string& text) { return '"' + text + '"'; }

std::string NodeName(int number) { return fmt::format("on-demand-{}", number); }

std::string ReplicaSetName(const std::string& name) { return fmt::format("{}-{}", name, kHash); }

/// As short as those that controllers make up.
std::string PodName(const std::string& workload, int pod) {
  return fmt::format("{}-{:05x}", ReplicaSetName(workload), pod);
}

std::string ReplicasSpec(const std::string& name, bool of_replica_set) {
  const auto hash =
      of_replica_set ? fmt::format(R"(,"pod-template-hash":"{}")", kHash) : std::string();
  return fmt::format(R"("spec":{{"replicas":{},"selector":{{"matchLabels":{{"app":"{}"{}}}}},)"
                     R"("template":{{"metadata":{{{}}},{}}}}})",
                     kReplicas, name, hash, Labels(name, of_replica_set), PodSpec(""));
}

std::string PolicyObject(const std::string& name) {
  return fmt::format(
      R"({{"apiVersion":"trimtab.io/v1alpha1","kind":"ScalingPolicy","metadata":{{"name":"{0}"}},)"
      R"("spec":{{"target":{{"kind":"Deployment","name":"{0}"}},"replicas":{{"min":1,"max":20}},)"
      R"("objective":{{"overload":"50%"}},"signals":{{"inFlight":{{"perReplica":10}}}}}}}})",
      name);
}

/// What a kubelet says of a pod that runs.
std::string RunningStatus(int pod) {
  constexpr const char* kAt = "2026-01-01T00:00:00Z";
  std::string conditions;
  for (const auto* type :
       {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
    conditions += fmt::format(R"({}{{"type":"{}","status":"True","lastTransitionTime":"{}"}})",
                              conditions.empty() ? "" : ",", type, kAt);
  }
  return fmt::format(
      R"({{"status":{{"phase":"Running","hostIP":"127.0.0.1","podIP":"{0}",)"
      R"("podIPs":[{{"ip":"{0}"}}],"startTime":"{1}","qosClass":"Burstable","conditions":[{2}],)"
      R"("containerStatuses":[{{"name":"server","ready":true,"started":true,"restartCount":0,)"
      R"("image":"registry.example.com/shops/web:1.42.0","imageID":)"
      R"("registry.example.com/shops/web@sha256:{3:064x}","containerID":"containerd://{3:064x}",)"
      R"("state":{{"running":{{"startedAt":"{1}"}}}}}}]}}}})",
      AddressOf(pod), kAt, conditions, pod);
}

std::string In(const std::string& name_space, const char* root, const char* plural) {
  return fmt::format("{}/namespaces/{}/{}", root, name_space, plural);
}

}  // namespace

std::string WorkloadName(int number) { return fmt::format("shop-{:05}", number); }

std::string NamespaceOf(int number) {
  return fmt::format("shops-{:03}", number / kWorkloadsInNamespace);
}

void Population::MakeNodes(int first) {
  const auto list = json::parse(cluster::Nodes(nodes_ - first, "on-demand", first));
  for (const auto& node : list.at("items").as_array()) {
    api_.Create("/api/v1/nodes", json::serialize(node));
  }
  api_.Run("nodes");
}

void Population::MakeNamespaces(int workloads) {
  std::vector<std::string> names;
  for (int number = 0; number < workloads; number += kWorkloadsInNamespace) {
    names.push_back(NamespaceOf(number));
    api_.Create("/api/v1/namespaces",
                fmt::format(R"({{"metadata":{{"name":"{}"}}}})", names.back()));
  }
  api_.Run("namespaces");
  // No pod is taken before its namespace has an account for it.
  for (const auto& name : names) {
    if (!cluster::Eventually([&] {
          const auto accounts = json::parse(api_.Get(In(name, "/api/v1", "serviceaccounts")));
          return !accounts.at("items").as_array().empty();
        })) {
      throw std::runtime_error("namespace " + name + " gets no service account");
    }
  }
}

/// Each object by a put of its own: a server gives every object a revision of its own, and a list
/// from its cache that ends among objects of one revision would lack the others for good.
void Population::GrowTo(int workloads) {
  constexpr int kRound = 1'000;  // So many are held in memory before they are sent.
  if (workloads_ == 0) {
    MakeFirst();
    workloads_ = 1;
  }
  while (workloads_ < workloads) {
    const int until = std::min(workloads_ + kRound, workloads);
    for (; workloads_ < until; ++workloads_) {
      Copy(workloads_);
    }
    etcd_.Run(fmt::format("{} workloads", workloads_));
  }
  AwaitServer();
}

/// Until the server's own watches of etcd have told it of everything: what is measured is how soon
/// who asks it knows it all.
void Population::AwaitServer() {
  const int last = workloads_ - 1;
  const auto space = NamespaceOf(last);
  const auto name = WorkloadName(last);
  // From the cache as it is. Each kind comes in the order in which it was written.
  for (const auto& object : {In(space, "/api/v1", "pods/") + PodName(name, last * kReplicas),
                             In(space, "/apis/apps/v1", "deployments/") + name,
                             In(space, "/apis/apps/v1", "replicasets/") + ReplicaSetName(name),
                             In(space, "/apis/trimtab.io/v1alpha1", "scalingpolicies/") + name}) {
    const auto target = object + "?resourceVersion=0";
    std::string problem;
    const auto is_known = [&] {
      try {
        return !api_.Get(target).empty();
      } catch (const std::runtime_error& error) {
        problem = error.what();
        return false;
      }
    };
    if (!cluster::Eventually(is_known, std::chrono::seconds(300))) {
      throw std::runtime_error(
          fmt::format("the server does not get to know {}: {}", object, problem));
    }
  }
}

void Population::MakeFirst() {
  const auto name = WorkloadName(0);
  const auto apps = In(NamespaceOf(0), "/apis/apps/v1", "");
  const auto pods = In(NamespaceOf(0), "/api/v1", "pods");
  const auto policies = In(NamespaceOf(0), "/apis/trimtab.io/v1alpha1", "scalingpolicies");
  api_.Create(policies, PolicyObject(name));
  api_.Create(apps + "deployments", fmt::format(R"({{"metadata":{{"name":"{}",{}}},{}}})", name,
                                                Labels(name, false), ReplicasSpec(name, false)));
  api_.Run("the first policy");
  const auto deployment = UidOf(api_.Get(apps + "deployments/" + name));
  api_.Create(apps + "replicasets",
              fmt::format(R"({{"metadata":{{"name":"{}",{},{}}},{}}})", ReplicaSetName(name),
                          Labels(name, true), Owner("Deployment", name, deployment),
                          ReplicasSpec(name, true)));
  api_.Run("the first ReplicaSet");
  const auto owner = Owner("ReplicaSet", ReplicaSetName(name),
                           UidOf(api_.Get(apps + "replicasets/" + ReplicaSetName(name))));
  for (int pod = 0; pod < kReplicas; ++pod) {
    api_.Create(pods,
                fmt::format(R"({{"metadata":{{"name":"{}",{},{}}},{}}})", PodName(name, pod),
                            Labels(name, true), owner, PodSpec(NodeName(pod))),
                [this, target = pods + "/" + PodName(name, pod) + "/status",
                 pod](const std::string&) { api_.Patch(target, RunningStatus(pod)); });
  }
  api_.Run("the first pods");
  Learn("trimtab.io/scalingpolicies", policies + "/" + name);
  Learn("deployments", apps + "deployments/" + name);
  Learn("replicasets", apps + "replicasets/" + ReplicaSetName(name));
  for (int pod = 0; pod < kReplicas; ++pod) {
    Learn("pods", pods + "/" + PodName(name, pod));
  }
}

void Population::Learn(const std::string& registry, const std::string& target) {
  auto object = api_.Get(target);
  auto uid = UidOf(object);
  const auto name = target.substr(target.rfind('/') + 1);
  models_.push_back({fmt::format("/registry/{}/{}/{}", registry, NamespaceOf(0), name),
                     std::move(object), std::move(uid)});
}

/// Texts that stand for other objects are replaced wherever they are, references included.
void Population::Copy(int number) {
  for (std::size_t object = 0; object < models_.size(); ++object) {
    auto path = models_[object].path;
    auto copy = models_[object].json;
    for (auto* const text : {&path, &copy}) {
      for (int pod = 0; pod < kReplicas; ++pod) {
        const int of_all = number * kReplicas + pod;
        ReplaceAll(*text, PodName(WorkloadName(0), pod), PodName(WorkloadName(number), of_all));
        ReplaceAll(*text, Quoted(NodeName(pod)), Quoted(NodeName(of_all % nodes_)));
        ReplaceAll(*text, Quoted(AddressOf(pod)), Quoted(AddressOf(of_all)));
      }
      ReplaceAll(*text, WorkloadName(0), WorkloadName(number));
      ReplaceAll(*text, NamespaceOf(0), NamespaceOf(number));
      for (std::size_t other = 0; other < models_.size(); ++other) {
        ReplaceAll(*text, models_[other].uid, UidOf(number, other));
      }
    }
    etcd_.Create("/v3/kv/put",
                 fmt::format(R"({{"key":"{}","value":"{}"}})", Base64(path), Base64(copy)));
  }
}

}  // namespace bench
