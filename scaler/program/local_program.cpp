#include "scaler/program/local_program.h"

#include <filesystem>
#include <utility>

#include "common/log.h"
#include "scaler/program/ask_loop.h"
#include "scaler/web/api.h"

namespace scaler::program {
namespace {

using common::Result;

}  // namespace

Result<void> LocalProgram::Start(const Options& options, const config::Config& config) {
  const std::filesystem::path state = options.state;
  freeze_ = std::make_unique<loop::FreezeSwitch>(state / "freeze.json");
  web::Backend backend{board_, io_, state / "ledger.sqlite", *freeze_, [this] {
                         io_.Post([this] {
                           if (loop_) {
                             loop_->Wake();
                           }
                         });
                       }};
  if (config.local.cloud_socket) {
    backend.want_empty = [this](const std::string& node, bool empty) {
      return WantEmpty(node, empty);
    };
  }
  return exporters::ParseListenAddress(options.server.listen)
      .and_then([&](const exporters::ListenAddress& address) {
        return exporters::Server::Start(address, web::ScalerRoutes(backend),
                                        options.server.security);
      })
      .and_then([&](std::unique_ptr<exporters::Server> started) {
        server_ = std::move(started);
        local::LocalOptions local;
        local.state = state;
        return local::LocalPlatform::Open(io_, config.local, local);
      })
      .and_then([&](std::unique_ptr<local::LocalPlatform> opened) {
        platform_ = std::move(opened);
        return ledger::Ledger::Open(state / "ledger.sqlite");
      })
      .and_then([&](std::unique_ptr<ledger::Ledger> opened) {
        ledger_ = std::move(opened);
        return inputs_.Open(io_, options, config);
      })
      .and_then([&] { return StartLoop(options, config); });
}

/// Called by the server's threads; the answer is the loop's.
Result<void> LocalProgram::WantEmpty(const std::string& node, bool empty) {
  return AskLoop(io_, [this, node, empty] {
    return fleet_ ? fleet_->Want(node, empty)
                  : common::Fail(std::errc::timed_out, "the scaler starts or ends");
  });
}

Result<void> LocalProgram::StartLoop(const Options& options, const config::Config& config) {
  loop_ = std::make_unique<loop::Loop>(io_, *platform_, *inputs_.signals, *ledger_, *freeze_,
                                       board_, loop::LoopOptions{}, inputs_.external.get());
  if (config.local.cloud_socket) {
    cloud_ = std::make_unique<local::cloud::CloudClient>(io_, *config.local.cloud_socket);
    fleet_ = std::make_unique<fleet::Fleet>(io_, *platform_, *cloud_);
    fleet_->SetNotices([this] { return fleet::NoticesOf(inputs_.signals->Notices()); });
    fleet_->OnAgents(
        [this](const std::vector<std::string>& agents) { inputs_.signals->SetNodeAgents(agents); });
    loop_->UseFleet(*fleet_);
  }
  policies_ = std::make_unique<loop::PolicyKeeper>(io_, *platform_, options.policies);
  auto started = loop_->Start(policies_->First());
  if (started) {
    policies_->Watch(*loop_);
  }
  return started;
}

Result<void> LocalProgram::Run() {
  StopOnSignal();
  io_.Run();
  return {};
}

void LocalProgram::StopOnSignal() {
  io_.OnTerminationSignal([this](int number) {
    common::log::Info("stopping", {{"signal", std::to_string(number)}});
    if (!loop_) {
      io_.Stop();  // Asked twice: at once.
      return;
    }
    // Nothing is heard and nothing is decided any more.
    policies_.reset();
    loop_.reset();
    fleet_.reset();
    cloud_.reset();
    inputs_.Close();
    platform_->Stop([this] { io_.Stop(); });
  });
}

}  // namespace scaler::program
