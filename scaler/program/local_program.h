#pragma once

#include <memory>
#include <string>

#include "common/io_loop.h"
#include "exporters/server.h"
#include "scaler/fleet/fleet.h"
#include "scaler/ledger/ledger.h"
#include "scaler/local/cloud/cloud_client.h"
#include "scaler/local/local_platform.h"
#include "scaler/loop/loop.h"
#include "scaler/loop/policy_keeper.h"
#include "scaler/program/inputs.h"
#include "scaler/program/program.h"

namespace scaler::program {

/// Replicas are processes of this machine. The parts in the order of their dependencies; the last
/// is destroyed first.
class LocalProgram final : public Program {
 public:
  [[nodiscard]] common::Result<void> Start(const Options& options,
                                           const config::Config& config) override;
  [[nodiscard]] int Port() const override { return server_->Port(); }
  [[nodiscard]] common::Result<void> Run() override;

 private:
  [[nodiscard]] common::Result<void> StartLoop(const Options& options,
                                               const config::Config& config);
  [[nodiscard]] common::Result<void> WantEmpty(const std::string& node, bool empty);
  void StopOnSignal();

  common::IoLoop io_;
  loop::StatusBoard board_;
  std::unique_ptr<loop::FreezeSwitch> freeze_;
  std::unique_ptr<local::LocalPlatform> platform_;
  std::unique_ptr<ledger::Ledger> ledger_;
  Inputs inputs_;
  std::unique_ptr<local::cloud::CloudClient> cloud_;  ///< Null: there are no nodes.
  std::unique_ptr<fleet::Fleet> fleet_;               ///< The same.
  std::unique_ptr<loop::Loop> loop_;
  std::unique_ptr<loop::PolicyKeeper> policies_;
  std::unique_ptr<exporters::Server> server_;
};

}  // namespace scaler::program
