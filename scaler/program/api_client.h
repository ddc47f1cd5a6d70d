#pragma once

#include <functional>
#include <memory>

#include "common/io_loop.h"
#include "common/kubernetes/access.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/https_transport.h"
#include "common/kubernetes/token_source.h"
#include "common/result.h"
#include "scaler/config/config.h"
#include "scaler/kubernetes/leadership/gated_transport.h"

namespace scaler::program {

/// The one client of the API server that all parts of a scaler share: its rate limit and its
/// priorities hold for all of them together.
struct ApiClient {
  common::kubernetes::Access access;
  std::unique_ptr<common::kubernetes::HttpsTransport> transport;
  std::unique_ptr<kubernetes::leadership::GatedTransport> gate;
  std::unique_ptr<common::kubernetes::TokenSource> tokens;
  std::unique_ptr<common::kubernetes::Client> client;

  /// The namespace of our own objects: as configured, else that of our pod, else "trimtab".
  std::string name_space;

  /// Asked before each write, of whatever part; empty: all may pass.
  std::function<bool()> may_write;

  /// Asks nothing yet. With a kubeconfig or a context that is gone by, as kubectl would; without
  /// both the service account of our pod is. `io` must outlive this. Fails with what to change.
  [[nodiscard]] common::Result<void> Open(common::IoLoop& io,
                                          const config::KubernetesConfig& config);
};

}  // namespace scaler::program
