#include "tests/bench/cluster_latency/external_metrics.h"

#include <fmt/format.h>

#include <stdexcept>

namespace cluster::latency {
namespace {

constexpr auto kDeadline = std::chrono::seconds(10);

common::http::Client Trusting() {
  common::http::ClientOptions options;
  options.tls.insecure = true;  // A certificate of the adapter's own, on loopback.
  auto credentials = common::http::Credentials::Open(options);
  if (!credentials) {
    throw std::runtime_error(credentials.error().what);
  }
  return common::http::Client(std::move(*credentials));
}

/// The aggregator finds an adapter on this host through a Service that is a mere name.
std::string Registration(std::uint16_t port) {
  return fmt::format(R"(apiVersion: v1
kind: Service
metadata: {{name: external-metrics, namespace: kube-system}}
spec: {{type: ExternalName, externalName: localhost}}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {{name: v1beta1.external.metrics.k8s.io}}
spec:
  service: {{name: external-metrics, namespace: kube-system, port: {}}}
  group: external.metrics.k8s.io
  version: v1beta1
  insecureSkipTLSVerify: true
  groupPriorityMinimum: 100
  versionPriority: 100
)",
                     port);
}

}  // namespace

ExternalMetrics::ExternalMetrics(ControlPlane& plane)
    : address_(fmt::format("https://127.0.0.1:{}", plane.NewPort())), client_(Trusting()) {
  const auto port = address_.substr(address_.rfind(':') + 1);
  const auto started = plane.Children().Start(
      "external-metrics",
      {SOURCE_DIR "/build/cluster/bin/external-metrics", "--listen=127.0.0.1:" + port,
       "--certificate=" + (plane.Pki() / "node.crt").string(),
       "--key=" + (plane.Pki() / "node.key").string()},
      plane.Directory() / "external-metrics.log");
  if (!started) {
    throw std::runtime_error(started.error().what);
  }
  plane.Must({"apply", "-f", "-"}, Registration(static_cast<std::uint16_t>(std::stoi(port))));
  const auto served = [&] {
    return client_.Send("PUT", address_, "/values/any", "1", kDeadline)
        .and_then([&](const auto&) -> common::Result<void> {
          const auto asked = plane.Kubectl(
              {"get", "--raw", "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/any"});
          return asked.Ok() ? common::Result<void>()
                            : common::Fail(std::errc::host_unreachable, asked.err);
        })
        .has_value();
  };
  if (!Eventually(served)) {
    throw std::runtime_error("the adapter of external metrics is not served by the API server");
  }
}

void ExternalMetrics::Set(const std::string& metric, int value) const {
  const auto answer =
      client_.Send("PUT", address_, "/values/" + metric, std::to_string(value), kDeadline);
  if (!answer || answer->status != 200) {
    throw std::runtime_error("the adapter of external metrics takes no number: " +
                             (answer ? answer->body : answer.error().what));
  }
}

}  // namespace cluster::latency
