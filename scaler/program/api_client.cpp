#include "scaler/program/api_client.h"

#include <cstdlib>
#include <utility>

#include "common/kubernetes/kubeconfig.h"
#include "common/version.h"

namespace scaler::program {
namespace {

using common::Result;
using common::kubernetes::Access;

constexpr auto kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr auto kOwnNamespace = "trimtab";

/// So that no write of a burst waits for a handshake.
constexpr std::size_t kReadyConnections = 4;

/// Before there are threads.
std::string Environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

bool InPod(const config::KubernetesConfig& config) {
  return config.kubeconfig.empty() && config.context.empty();
}

Result<Access> FindAccess(const config::KubernetesConfig& config) {
  if (!InPod(config)) {
    const auto files = config.kubeconfig.empty() ? Environment("KUBECONFIG") : config.kubeconfig;
    return common::kubernetes::ReadKubeconfig(
        common::kubernetes::KubeconfigFiles(files, Environment("HOME")), config.context);
  }
  return common::kubernetes::InClusterAccess(Environment("KUBERNETES_SERVICE_HOST"),
                                             Environment("KUBERNETES_SERVICE_PORT"),
                                             kServiceAccount)
      .map_error([](common::Error error) {
        error.what += "; outside of a cluster give kubernetes.kubeconfig or kubernetes.context";
        return error;
      });
}

}  // namespace

Result<void> ApiClient::Open(common::IoLoop& io, const config::KubernetesConfig& config) {
  return FindAccess(config)
      .and_then([&](Access found) {
        access = std::move(found);
        return common::kubernetes::HttpsTransport::Open(io.Context(), access);
      })
      .map([&](std::unique_ptr<common::kubernetes::HttpsTransport> opened) {
        name_space = !config.name_space.empty() ? config.name_space
                     : InPod(config)            ? access.name_space
                                                : kOwnNamespace;
        transport = std::move(opened);
        transport->KeepReady(kReadyConnections);
        gate = std::make_unique<kubernetes::leadership::GatedTransport>(
            io, *transport, [this] { return !may_write || may_write(); },
            kubernetes::leadership::LeasesOf(name_space));
        tokens = common::kubernetes::MakeTokenSource(io, access);
        common::kubernetes::ClientOptions options;
        options.rate = config.rate;
        options.user_agent = std::string("trimtab-scaler/") + common::kVersion;
        client = std::make_unique<common::kubernetes::Client>(io, *gate, *tokens, options);
      });
}

}  // namespace scaler::program
