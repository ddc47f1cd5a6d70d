#include "tests/cluster/support/install.h"

#include <fmt/format.h>

#include <stdexcept>

#include "tests/cluster/support/control_plane.h"

namespace cluster {
namespace {

constexpr auto kBase = SOURCE_DIR "/deploy/kubernetes/base";
constexpr auto kKinds = "scalingpolicies,scalinggroups,capacitypolicies";

}  // namespace

void Install(bool pods) {
  auto& plane = Plane();
  if (plane.Kubectl({"get", "serviceaccount", "trimtab-scaler", "-n", "trimtab"}).Ok() && !pods) {
    return;
  }
  const auto secrets =
      RunToEnd({SOURCE_DIR "/deploy/kubernetes/make-secrets.sh"}, "", plane.Directory());
  if (!secrets.Ok()) {
    throw std::runtime_error("make-secrets.sh: " + secrets.err);
  }
  plane.Must({"apply", "--server-side", "--validate=strict", "-k", kBase});
  if (!pods) {
    plane.Must({"delete", "daemonset,deployment", "--all", "-n", "trimtab"});
  }
  plane.Must({"apply", "-f", "-"}, secrets.out);
  // Served a moment after they are established.
  if (!Eventually([&] { return plane.Kubectl({"get", kKinds, "-A"}).Ok(); })) {
    throw std::runtime_error("the kinds of policies are not served");
  }
}

void Uninstall() { Plane().Must({"delete", "--ignore-not-found", "--timeout=120s", "-k", kBase}); }

std::string NewNamespace(const std::string& test) {
  static int made = 0;
  auto name = fmt::format("{}-{}", test, ++made);
  Plane().Must({"create", "namespace", name});
  return name;
}

std::string Deployment(const std::string& name, int replicas) {
  return fmt::format(R"(apiVersion: apps/v1
kind: Deployment
metadata: {{name: {0}, labels: {{app: {0}}}}}
spec:
  replicas: {1}
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata:
      labels: {{app: {0}}}
      annotations:
        pod-create.stage.kwok.x-k8s.io/delay: 10ms
        pod-create.stage.kwok.x-k8s.io/jitter-delay: 10ms
        pod-ready.stage.kwok.x-k8s.io/delay: 100ms
        pod-ready.stage.kwok.x-k8s.io/jitter-delay: 100ms
        pod-delete.stage.kwok.x-k8s.io/delay: 10ms
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - {{name: server, image: shop, resources: {{requests: {{cpu: 100m, memory: 64Mi}}}}}}
)",
                     name, replicas);
}

}  // namespace cluster
