#pragma once

#include <memory>
#include <string>

#include "common/io_loop.h"
#include "exporters/server.h"
#include "scaler/kubernetes/agents/agent_finder.h"
#include "scaler/kubernetes/agents/node_losses.h"
#include "scaler/kubernetes/events/announcer.h"
#include "scaler/kubernetes/leadership/shared_freeze.h"
#include "scaler/kubernetes/leadership/succession.h"
#include "scaler/kubernetes/nodes/cluster_nodes.h"
#include "scaler/kubernetes/policies/policy_objects.h"
#include "scaler/kubernetes/policies/status_writer.h"
#include "scaler/kubernetes/workloads/cluster_platform.h"
#include "scaler/ledger/ledger.h"
#include "scaler/loop/loop.h"
#include "scaler/program/api_client.h"
#include "scaler/program/heap_keeper.h"
#include "scaler/program/inputs.h"
#include "scaler/program/program.h"

namespace scaler::program {

/// Replicas are pods of a Kubernetes cluster. The parts in the order of their dependencies; the
/// last is destroyed first.
///
/// The loop begins when everything that there is has been heard of: who decides on half of it would
/// forget the other half, and might write to what is somebody else's.
class ClusterProgram final : public Program {
 public:
  [[nodiscard]] common::Result<void> Start(const Options& options,
                                           const config::Config& config) override;
  [[nodiscard]] int Port() const override { return server_->Port(); }
  [[nodiscard]] common::Result<void> Run() override;

 private:
  [[nodiscard]] common::Result<void> Open(const Options& options, const config::Config& config);
  void OnSynced();
  void Begin();
  void WakeLoop();
  void SayWhatIsAwaited();
  void OpenPolicies(const std::string& directory);
  void OpenAgents(const config::KubernetesConfig& config);
  void OpenNodes(const config::KubernetesConfig& config);
  void OpenEvents();
  void OpenElection(const config::KubernetesConfig& config);
  void StopOnSignal();
  void Close();

  common::IoLoop io_;
  loop::StatusBoard board_;
  kubernetes::agents::NodeLossBoard lost_;
  std::unique_ptr<loop::FreezeSwitch> freeze_;
  ApiClient api_;
  std::unique_ptr<kubernetes::workloads::ClusterPlatform> platform_;
  std::unique_ptr<kubernetes::leadership::SharedFreeze> shared_freeze_;  ///< Null: the same.
  std::unique_ptr<kubernetes::leadership::Succession> succession_;  ///< Null: it is the only one.
  std::unique_ptr<kubernetes::nodes::ClusterNodes> nodes_;
  std::unique_ptr<ledger::Ledger> ledger_;
  Inputs inputs_;
  std::unique_ptr<kubernetes::agents::AgentFinder> finder_;
  std::unique_ptr<kubernetes::agents::NodeLossWatch> losses_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<loop::Loop> loop_;
  std::unique_ptr<kubernetes::policies::PolicyObjects> policies_;
  std::unique_ptr<kubernetes::policies::StatusWriter> status_;
  std::unique_ptr<kubernetes::events::Recorder> recorder_;
  std::unique_ptr<kubernetes::events::Announcer> announcer_;
  std::unique_ptr<common::Timer> awaited_;
  std::unique_ptr<HeapKeeper> heap_;
  std::unique_ptr<exporters::Server> server_;
  bool stopping_ = false;
  common::Result<void> result_;
};

}  // namespace scaler::program
