// trimtab-scaler: wiring only.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "common/http/client_options.h"
#include "common/io_loop.h"
#include "common/log.h"
#include "common/version.h"
#include "exporters/server.h"
#include "exporters/server_options.h"
#include "scaler/config/config.h"
#include "scaler/fleet/fleet.h"
#include "scaler/ledger/ledger.h"
#include "scaler/local/cloud/cloud_client.h"
#include "scaler/local/local_platform.h"
#include "scaler/loop/loop.h"
#include "scaler/loop/policy_keeper.h"
#include "scaler/signals/external_signals.h"
#include "scaler/signals/http_transport.h"
#include "scaler/signals/prometheus_transport.h"
#include "scaler/web/api.h"

namespace {

using common::Result;

constexpr int kFailed = 1;
constexpr int kRefused = 2;  ///< The arguments or the configuration are wrong.

/// A request about nodes waits no longer for the loop.
constexpr auto kLoopAnswers = std::chrono::seconds(5);

struct Options {
  std::string config;
  std::string policies = "/etc/trimtab/policies";
  exporters::ServerOptions server = {.listen = "127.0.0.1:9106"};
  common::http::ClientOptions agents;      ///< How to speak to agents.
  common::http::ClientOptions prometheus;  ///< The same for who answers external signals.
  std::string state = "/var/lib/trimtab/scaler";
  std::string log_level = "info";
  std::string log_format = "text";
  bool check = false;
};

int Complain(int code, const std::string& what) {
  fmt::print(stderr, "trimtab-scaler: {}\n", what);
  return code;
}

Result<scaler::config::Config> LoadConfig(const Options& options) {
  return options.config.empty() ? scaler::config::Config{}
                                : scaler::config::ReadConfig(options.config);
}

/// The parts in the order of their dependencies; the last is destroyed first.
struct Program {
  common::IoLoop io;
  scaler::loop::StatusBoard board;
  std::unique_ptr<scaler::loop::FreezeSwitch> freeze;
  std::unique_ptr<scaler::local::LocalPlatform> platform;
  std::unique_ptr<scaler::ledger::Ledger> ledger;
  std::unique_ptr<scaler::signals::HttpTransport> transport;
  std::unique_ptr<scaler::signals::Signals> signals;
  std::unique_ptr<scaler::signals::PrometheusTransport> prometheus;
  std::unique_ptr<scaler::signals::ExternalSignals> external;
  std::unique_ptr<scaler::local::cloud::CloudClient> cloud;  ///< Null: there are no nodes.
  std::unique_ptr<scaler::fleet::Fleet> fleet;               ///< The same.
  std::unique_ptr<scaler::loop::Loop> loop;
  std::unique_ptr<scaler::loop::PolicyKeeper> policies;
  std::unique_ptr<exporters::Server> server;

  Result<void> Start(const Options& options, const scaler::config::Config& config) {
    const std::filesystem::path state = options.state;
    freeze = std::make_unique<scaler::loop::FreezeSwitch>(state / "freeze.json");
    scaler::web::Backend backend{board, io, state / "ledger.sqlite", *freeze, [this] {
                                   io.Post([this] {
                                     if (loop) {
                                       loop->Wake();
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
          return exporters::Server::Start(address, scaler::web::ScalerRoutes(backend),
                                          options.server.security);
        })
        .and_then([&](std::unique_ptr<exporters::Server> started) {
          server = std::move(started);
          scaler::local::LocalOptions local;
          local.state = state;
          return scaler::local::LocalPlatform::Open(io, config.local, local);
        })
        .and_then([&](std::unique_ptr<scaler::local::LocalPlatform> opened) {
          platform = std::move(opened);
          return scaler::ledger::Ledger::Open(state / "ledger.sqlite");
        })
        .and_then([&](std::unique_ptr<scaler::ledger::Ledger> opened) {
          ledger = std::move(opened);
          return StartLoop(options, config);
        });
  }

  /// Called by the server's threads; the answer is the loop's.
  Result<void> WantEmpty(const std::string& node, bool empty) {
    const auto answer = std::make_shared<std::promise<Result<void>>>();
    auto taken = answer->get_future();
    io.Post([this, answer, node, empty] {
      answer->set_value(fleet ? fleet->Want(node, empty)
                              : common::Fail(std::errc::timed_out, "the scaler starts or ends"));
    });
    if (taken.wait_for(kLoopAnswers) != std::future_status::ready) {
      return common::Fail(std::errc::timed_out, "the loop does not answer");
    }
    return taken.get();
  }

  Result<void> StartLoop(const Options& options, const scaler::config::Config& config) {
    const auto credentials = common::http::Credentials::Open(options.agents);
    if (!credentials) {
      return tl::make_unexpected(credentials.error());
    }
    transport = std::make_unique<scaler::signals::HttpTransport>(io.Context(), *credentials);
    signals = std::make_unique<scaler::signals::Signals>(io, *transport, config.agents);
    if (const auto opened = OpenPrometheus(options, config); !opened) {
      return opened;
    }
    loop = std::make_unique<scaler::loop::Loop>(io, *platform, *signals, *ledger, *freeze, board,
                                                scaler::loop::LoopOptions{}, external.get());
    if (config.local.cloud_socket) {
      cloud = std::make_unique<scaler::local::cloud::CloudClient>(io, *config.local.cloud_socket);
      fleet = std::make_unique<scaler::fleet::Fleet>(io, *platform, *cloud);
      fleet->SetNotices([this] { return scaler::fleet::NoticesOf(signals->Notices()); });
      fleet->OnAgents(
          [this](const std::vector<std::string>& agents) { signals->SetNodeAgents(agents); });
      loop->UseFleet(*fleet);
    }
    policies = std::make_unique<scaler::loop::PolicyKeeper>(io, *platform, options.policies);
    auto started = loop->Start(policies->First());
    if (started) {
      policies->Watch(*loop);
    }
    return started;
  }

  Result<void> OpenPrometheus(const Options& options, const scaler::config::Config& config) {
    if (!config.prometheus) {
      return {};
    }
    const auto& [address, interval, deadline] = *config.prometheus;
    const scaler::signals::ExternalOptions external_options{
        .source = address, .interval = interval, .deadline = deadline};
    return common::http::Credentials::Open(options.prometheus).map([&](const auto& credentials) {
      prometheus = std::make_unique<scaler::signals::PrometheusTransport>(
          io, config.prometheus->address, config.prometheus->deadline, credentials,
          external_options.at_once);
      external =
          std::make_unique<scaler::signals::ExternalSignals>(io, *prometheus, external_options);
    });
  }

  void StopOnSignal() {
    io.OnTerminationSignal([this](int number) {
      common::log::Info("stopping", {{"signal", std::to_string(number)}});
      if (!loop) {
        io.Stop();  // Asked twice: at once.
        return;
      }
      // Nothing is heard and nothing is decided any more.
      policies.reset();
      loop.reset();
      fleet.reset();
      cloud.reset();
      signals.reset();
      external.reset();
      platform->Stop([this] { io.Stop(); });
    });
  }
};

int Check(const Options& options, const scaler::config::Config& config) {
  const auto load = scaler::policy::LoadDirectory(options.policies);
  if (!load.problems.empty()) {
    fmt::print(stderr, "{}\n", common::yaml::ToString(load.problems));
    return kRefused;
  }
  fmt::print("configuration ok: {} agents, {} workloads, {} policies\n", config.agents.size(),
             config.local.workloads.size(), load.set.All().size());
  return 0;
}

int Serve(const Options& options, const scaler::config::Config& config) {
  Program program;
  if (const auto started = program.Start(options, config); !started) {
    return Complain(kFailed, started.error().what);
  }
  common::log::Info("trimtab-scaler runs", {{"version", common::kVersion},
                                            {"port", std::to_string(program.server->Port())},
                                            {"policies", options.policies},
                                            {"state", options.state}});
  program.StopOnSignal();
  program.io.Run();
  common::log::Info("trimtab-scaler ends");
  return 0;
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app("Decides how many replicas each workload has, and sees to it.", "trimtab-scaler");
  app.set_version_flag("--version", std::string("trimtab-scaler ") + common::kVersion);
  app.add_option("--config", options.config,
                 "YAML file with the agents and the workloads of this machine");
  app.add_option("--policies", options.policies, "Directory of policies, read again on change")
      ->capture_default_str();
  exporters::AddServerOptions(app, "/metrics, /healthz, /readyz, /api/v1", options.server);
  common::http::AddClientOptions(app, "agent-", "the agents", options.agents);
  common::http::AddClientOptions(app, "prometheus-", "Prometheus", options.prometheus);
  app.add_option("--state", options.state, "Directory that survives a restart")
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->capture_default_str();
  app.add_option("--log-format", options.log_format, "text or json")->capture_default_str();
  app.add_flag("--check", options.check, "Validate the configuration and the policies, and stop");
  app.footer(
      "Exits with 0 after SIGTERM or SIGINT, with 1 if it cannot run, and with 2 if its\n"
      "arguments, configuration or (with --check) policies are wrong.");
  CLI11_PARSE(app, argc, argv);

  if (const auto configured = common::log::Configure(options.log_level, options.log_format);
      !configured) {
    return Complain(kRefused, configured.error().what);
  }
  const auto config = LoadConfig(options);
  if (!config) {
    return Complain(kRefused, config.error().what);
  }
  return options.check ? Check(options, *config) : Serve(options, *config);
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes while we write is an error of that write, not our end.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    return Complain(kFailed, error.what());
  }
}
