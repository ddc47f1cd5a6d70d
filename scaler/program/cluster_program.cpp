#include "scaler/program/cluster_program.h"

#include <filesystem>
#include <utility>

#include "common/log.h"
#include "scaler/web/api.h"

namespace scaler::program {
namespace {

using common::Result;

/// While the loop has not begun the status page says so often what is missing.
constexpr auto kSayEvery = std::chrono::seconds(1);

}  // namespace

Result<void> ClusterProgram::Start(const Options& options, const config::Config& config) {
  const std::filesystem::path state = options.state;
  policies_directory_ = options.policies;
  freeze_ = std::make_unique<loop::FreezeSwitch>(state / "freeze.json");
  const web::Backend backend{board_, io_, state / "ledger.sqlite", *freeze_, [this] {
                               io_.Post([this] {
                                 if (loop_) {
                                   loop_->Wake();
                                 }
                               });
                             }};
  return exporters::ParseListenAddress(options.server.listen)
      .and_then([&](const exporters::ListenAddress& address) {
        return exporters::Server::Start(address, web::ScalerRoutes(backend),
                                        options.server.security);
      })
      .and_then([&](std::unique_ptr<exporters::Server> started) {
        server_ = std::move(started);
        return Open(options, config);
      })
      .map([&] {
        platform_->Start([this] { OnSynced(); });
        SayWhatIsAwaited();
      });
}

/// Everything that can be refused, before anything runs.
Result<void> ClusterProgram::Open(const Options& options, const config::Config& config) {
  return api_.Open(io_, config.kubernetes.value_or(config::KubernetesConfig{}))
      .and_then([&] {
        platform_ = std::make_unique<kubernetes::workloads::ClusterPlatform>(io_, *api_.client);
        return ledger::Ledger::Open(std::filesystem::path(options.state) / "ledger.sqlite");
      })
      .and_then([&](std::unique_ptr<ledger::Ledger> opened) {
        ledger_ = std::move(opened);
        return inputs_.Open(io_, options, config);
      });
}

/// From within an event of a watch: what follows is none of its business.
void ClusterProgram::OnSynced() {
  io_.Post([this] {
    if (platform_) {
      common::log::Info("everything of the cluster has been heard of",
                        {{"workloads", std::to_string(platform_->List().size())}});
      Begin();
    }
  });
}

void ClusterProgram::Begin() {
  awaited_.reset();
  loop_ = std::make_unique<loop::Loop>(io_, *platform_, *inputs_.signals, *ledger_, *freeze_,
                                       board_, loop::LoopOptions{}, inputs_.external.get());
  policies_ = std::make_unique<loop::PolicyKeeper>(io_, *platform_, policies_directory_);
  result_ = loop_->Start(policies_->First());
  if (result_) {
    policies_->Watch(*loop_);
  } else {
    io_.Stop();
  }
}

void ClusterProgram::SayWhatIsAwaited() {
  auto status = std::make_shared<loop::Status>();
  status->problems = platform_->Problems();
  board_.Put(std::move(status));
  awaited_ = io_.After(kSayEvery, [this] { SayWhatIsAwaited(); });
}

Result<void> ClusterProgram::Run() {
  StopOnSignal();
  io_.Run();
  return result_;
}

void ClusterProgram::StopOnSignal() {
  io_.OnTerminationSignal([this](int number) {
    common::log::Info("stopping", {{"signal", std::to_string(number)}});
    // Nothing is heard and nothing is decided any more.
    awaited_.reset();
    policies_.reset();
    loop_.reset();
    inputs_.Close();
    platform_.reset();
    io_.Stop();
  });
}

}  // namespace scaler::program
