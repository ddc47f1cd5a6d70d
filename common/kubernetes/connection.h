#pragma once

#include <memory>
#include <string>

#include "common/io_loop.h"
#include "common/kubernetes/access.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/https_transport.h"
#include "common/kubernetes/token_source.h"

namespace common::kubernetes {

struct ConnectionOptions {
  std::string kubeconfig = {};  ///< Files as $KUBECONFIG has them; empty: the pod's own account.
  std::string context = {};     ///< Of the kubeconfig; empty: its current one.
  ClientOptions client = {};
};

/// All that it takes to speak to one API server, the last destroyed first.
struct Connection {
  Access access;
  std::unique_ptr<TokenSource> tokens;
  std::unique_ptr<HttpsTransport> transport;
  std::unique_ptr<Client> client;
};

/// Reads who asks and where, without asking anything yet. The loop must outlive what is returned.
///
/// Blocking, for files. Fails as ReadKubeconfig, InClusterAccess and HttpsTransport::Open do; in a
/// process without KUBERNETES_SERVICE_HOST and without a kubeconfig it says what is missing.
[[nodiscard]] Result<std::unique_ptr<Connection>> Connect(IoLoop& loop,
                                                          const ConnectionOptions& options);

}  // namespace common::kubernetes
