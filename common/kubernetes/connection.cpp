#include "common/kubernetes/connection.h"

#include <cstdlib>
#include <utility>

#include "common/kubernetes/kubeconfig.h"

namespace common::kubernetes {
namespace {

constexpr const char* kAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

Result<Access> FindAccess(const ConnectionOptions& options) {
  if (!options.kubeconfig.empty()) {
    return ReadKubeconfig(KubeconfigFiles(options.kubeconfig, {}), options.context);
  }
  const auto host = Environment("KUBERNETES_SERVICE_HOST");
  if (host.empty()) {
    return Fail(std::errc::invalid_argument,
                "this is no pod of a cluster (KUBERNETES_SERVICE_HOST is not set); name a "
                "kubeconfig");
  }
  return InClusterAccess(host, Environment("KUBERNETES_SERVICE_PORT"), kAccountDirectory);
}

}  // namespace

Result<std::unique_ptr<Connection>> Connect(IoLoop& loop, const ConnectionOptions& options) {
  auto access = FindAccess(options);
  if (!access) {
    return tl::make_unexpected(access.error());
  }
  auto connection = std::make_unique<Connection>();
  connection->access = std::move(*access);
  connection->tokens = MakeTokenSource(loop, connection->access);
  auto transport = HttpsTransport::Open(loop.Context(), connection->access);
  if (!transport) {
    return tl::make_unexpected(transport.error());
  }
  connection->transport = std::move(*transport);
  connection->client =
      std::make_unique<Client>(loop, *connection->transport, *connection->tokens, options.client);
  return connection;
}

}  // namespace common::kubernetes
