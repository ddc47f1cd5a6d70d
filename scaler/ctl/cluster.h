#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/kubernetes/client.h"
#include "common/result.h"

namespace CLI {
class App;
}  // namespace CLI

namespace scaler::ctl {

/// Which cluster's scaler is asked; none is where neither context nor kubeconfig is given.
struct ClusterOptions {
  std::string context;     ///< Of the kubeconfig; empty: its current one.
  std::string kubeconfig;  ///< Files as in $KUBECONFIG; empty: those of kubectl.
  std::string name_space = "trimtab";
  std::string token_file;  ///< Of the scaler; empty: the Secret trimtab-tokens is asked for it.

  [[nodiscard]] bool Given() const { return !context.empty() || !kubeconfig.empty(); }
};

/// Adds --context, --kubeconfig and --namespace.
void AddClusterOptions(CLI::App& command, ClusterOptions& options);

/// Sends one request to an API server and waits for the answer.
using AskApi = std::function<common::kubernetes::Outcome<std::string>(common::kubernetes::Request)>;

/// Asks the scaler of a cluster through its API server's proxy, with the rights of whoever asks:
/// get of the Lease, of the Secret trimtab-tokens, and of pods/proxy or services/proxy (create and
/// delete as well for what changes something), all in the scaler's namespace.
///
/// The one that holds the Lease is asked, because a follower only knows what it would do; where
/// there is no Lease, any. Where that pod is gone the next leader is waited for, a little longer
/// than it takes to elect one; if none comes, what only reads asks any. Blocking.
class ClusterScaler {
 public:
  /// How it waits for the next leader.
  struct Waiting {
    std::function<void(std::chrono::milliseconds)> pause;
    std::function<void(const std::string&)> say;  ///< Why it takes so long.
  };

  /// `token` opens the scaler's port; empty: it is looked up.
  ClusterScaler(AskApi ask, std::string name_space, std::string token, Waiting waiting);

  /// Fails with what the API server or the scaler said and what to do.
  [[nodiscard]] common::Result<std::string> Ask(const std::string& target,
                                                const std::string& method, const std::string& body);

 private:
  using Answer = common::kubernetes::Outcome<std::string>;

  [[nodiscard]] common::Result<void> Find();
  [[nodiscard]] common::Result<std::string> FindHolder();
  [[nodiscard]] bool IsGone(const common::kubernetes::Refused& refused) const;
  [[nodiscard]] Answer AskOnce(const std::string& target, const std::string& method,
                               const std::string& body) const;
  [[nodiscard]] common::Result<Answer> AskLeader(const std::string& target,
                                                 const std::string& method,
                                                 const std::string& body);
  [[nodiscard]] std::string ServiceProxy() const;
  void FindToken();
  [[nodiscard]] common::Error Explain(const common::kubernetes::Refused& refused) const;

  AskApi ask_;
  std::string name_space_;
  std::string token_;
  Waiting waiting_;
  std::string no_token_;  ///< Why there is none.
  std::string proxy_;     ///< Empty until it has been found.
  std::string leader_;    ///< The pod behind it; empty: any behind the Service.
};

/// A cluster as a kubeconfig names it. Keeps its connection for as long as it lives.
class ClusterConnection {
 public:
  /// Fails as ReadKubeconfig and HttpsTransport::Open do, or with the token file.
  [[nodiscard]] static common::Result<std::unique_ptr<ClusterConnection>> Open(
      const ClusterOptions& options);
  ~ClusterConnection();

  [[nodiscard]] ClusterScaler& Scaler();
  /// Of the context: where a workload is that is named without one.
  [[nodiscard]] const std::string& Namespace() const;

 private:
  struct Parts;
  explicit ClusterConnection(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace scaler::ctl
