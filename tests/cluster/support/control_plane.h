#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "integration/demo/port_range.h"
#include "support/scratch_directory.h"
#include "tests/cluster/support/janitor.h"
#include "tests/cluster/support/run.h"
#include "tests/demo/stage/children.h"

namespace cluster {

/// True if tests/cluster/build.sh has built what a control plane consists of.
[[nodiscard]] bool IsBuilt();

/// Waits for `holds`, which is asked every 50 ms; false if it does not come to hold in time.
[[nodiscard]] bool Eventually(const std::function<bool()>& holds,
                              std::chrono::seconds limit = std::chrono::seconds(60));

struct PlaneOptions {
  int nodes = 6;
  /// For many thousands of objects: the parts' limits on what they ask are raised, and nodes tell
  /// of themselves less often.
  bool many_objects = false;
};

/// A real Kubernetes control plane with nodes that KWOK plays, on free ports of loopback, in a
/// scratch directory. Nothing of it is left when this is gone, also when the process is killed.
///
/// RBAC and the default admission are on. Use it from one thread, the one that made it.
class ControlPlane {
 public:
  /// Starts etcd, kube-apiserver, controller-manager, scheduler, KWOK and waits until they serve.
  /// Throws std::runtime_error with the last words of who does not.
  explicit ControlPlane(const PlaneOptions& options = {});
  ~ControlPlane();
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

  /// Runs kubectl as the administrator.
  [[nodiscard]] Outcome Kubectl(const std::vector<std::string>& arguments,
                                const std::string& input = "") const;

  /// The same, and its output; throws std::runtime_error with its complaint if it fails.
  std::string Must(const std::vector<std::string>& arguments, const std::string& input = "") const;

  /// Waits until the API server serves the kind of this definition ("stages.kwok.x-k8s.io"); throws
  /// std::runtime_error if it does not within a minute.
  void AwaitKind(const std::string& definition) const;

  /// A new token of a service account, and a kubeconfig that names the token's file, `path`.token.
  /// `port`: where the server is to be found; 0: where it listens. Throws std::runtime_error where
  /// the account is not there.
  void WriteAccount(const std::string& name_space, const std::string& account,
                    const std::filesystem::path& path, std::uint16_t port = 0) const;

  /// etcd forgets everything but what is now.
  void Compact() const;

  /// Faults: "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok".
  void Kill(const std::string& part);
  /// After Kill: with the same data on the same ports. Waits until it serves.
  void Start(const std::string& part);

  /// For what else a test runs beside it; ended with it.
  [[nodiscard]] demo::Children& Children() { return children_; }
  /// A port that nobody else uses, anew with each call; at most some hundred.
  [[nodiscard]] std::uint16_t NewPort();
  [[nodiscard]] const std::filesystem::path& Directory() const { return scratch_.Path(); }
  [[nodiscard]] std::filesystem::path Pki() const { return scratch_.Path() / "pki"; }
  /// What our service accounts have asked the API server, and got; see audit.h.
  [[nodiscard]] std::filesystem::path AuditLog() const { return scratch_.Path() / "audit.log"; }
  [[nodiscard]] std::uint16_t ApiPort() const { return api_port_; }
  [[nodiscard]] std::uint16_t EtcdPort() const { return etcd_port_; }

 private:
  [[nodiscard]] std::vector<std::string> Command(const std::string& part) const;
  [[nodiscard]] std::vector<std::string> ApiServer() const;
  [[nodiscard]] std::vector<std::string> ControllerManager() const;
  [[nodiscard]] bool Serves(const std::string& part) const;
  [[nodiscard]] std::string LastWords(const std::string& part) const;
  void Settle() const;

  const PlaneOptions options_;
  const tests::ScratchDirectory scratch_;
  const tests::PortRange range_;
  demo::Children children_;
  const Janitor janitor_;
  std::uint16_t next_port_ = 0;
  std::uint16_t api_port_ = 0;
  std::uint16_t etcd_port_ = 0;
  std::uint16_t etcd_peer_port_ = 0;
  std::uint16_t controller_manager_port_ = 0;
  std::uint16_t scheduler_port_ = 0;
  std::uint16_t kwok_port_ = 0;
};

/// The one that all of a program shares; made when it is first asked for, with those options.
[[nodiscard]] ControlPlane& Plane(const PlaneOptions& options = {});

/// Ends it, if there is one: before `main` ends.
void EndPlane();

}  // namespace cluster
