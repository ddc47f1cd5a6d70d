// Wiring only: flags, configuration, the parts in their order, and the end.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "agent/collect/collector.h"
#include "agent/collect/sources.h"
#include "agent/collect/state_directory.h"
#include "agent/config/config.h"
#include "agent/exposition/pages.h"
#include "agent/interruption/watcher.h"
#include "agent/kubernetes/pod_watch.h"
#include "agent/kubernetes/restart_file.h"
#include "common/clock.h"
#include "common/io_loop.h"
#include "common/kubernetes/connection.h"
#include "common/log.h"
#include "common/version.h"
#include "exporters/server.h"
#include "exporters/server_options.h"

namespace {

using common::Result;

constexpr int kFailed = 1;
constexpr int kRefused = 2;

struct Options {
  std::string config;
  exporters::ServerOptions server = {.listen = "127.0.0.1:9105"};
  std::string root = "/";
  std::string state;
  std::string log_level = "info";
  std::string log_format = "text";
  bool check = false;
};

int Complain(int status, const std::string& what) {
  fmt::print(stderr, "trimtab-agent: {}\n", what);
  return status;
}

std::string HostName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

Result<agent::config::Config> LoadConfig(const Options& options) {
  auto config =
      options.config.empty() ? agent::config::Config{} : agent::config::ReadConfig(options.config);
  if (!config) {
    return config;
  }
  if (config->kubernetes && config->kubernetes->node_name.empty()) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing of ours changes the environment.
    const char* const node = std::getenv("NODE_NAME");
    if (node == nullptr || *node == '\0') {
      return common::Fail(std::errc::invalid_argument,
                          options.config +
                              ": kubernetes: the name of this node is not known; write nodeName, "
                              "or set NODE_NAME (of a DaemonSet: fieldRef spec.nodeName)");
    }
    config->kubernetes->node_name = node;
  }
  if (config->node.name.empty()) {
    config->node.name = config->kubernetes ? config->kubernetes->node_name : HostName();
  }
  return config;
}

/// The parts in the order of their dependencies; the last is destroyed first.
struct Program {
  common::IoLoop io;
  std::unique_ptr<agent::collect::StateDirectory> state;
  std::unique_ptr<agent::interruption::Watcher> watcher;
  std::unique_ptr<common::kubernetes::Connection> api;
  std::unique_ptr<agent::kubernetes::PodWatch> pods;  ///< Null: outside of Kubernetes.
  std::unique_ptr<agent::collect::Collector> collector;
  std::unique_ptr<exporters::Server> server;

  Result<void> Start(const Options& options, const agent::config::Config& config,
                     const exporters::ListenAddress& address) {
    const auto directory = options.state.empty()
                               ? std::optional<std::filesystem::path>()
                               : std::optional<std::filesystem::path>(options.state);
    return agent::collect::StateDirectory::Open(directory, io.Wall())
        .and_then([&](std::unique_ptr<agent::collect::StateDirectory> opened) {
          state = std::move(opened);
          StartWatcher(config);
          return StartPods(config);
        })
        .and_then([&] { return OpenSources(options, config); })
        .and_then([&](std::unique_ptr<agent::collect::Sources> sources) {
          StartCollector(std::move(sources), config);
          return StartServer(options, config, address);
        });
  }

 private:
  Result<void> StartPods(const agent::config::Config& config) {
    if (!config.kubernetes) {
      return {};
    }
    common::kubernetes::ConnectionOptions connecting;
    connecting.kubeconfig = config.kubernetes->kubeconfig;
    connecting.context = config.kubernetes->context;
    connecting.client.user_agent = std::string("trimtab-agent/") + common::kVersion;
    agent::kubernetes::PodWatchOptions watching;
    watching.node = config.kubernetes->node_name;
    const auto file = state->Pods();
    if (!file.empty()) {
      watching.save = [file](const agent::kubernetes::SavedRestarts& saved) {
        return agent::kubernetes::SaveRestarts(file, saved);
      };
    }
    const auto load = [&] {
      return file.empty() ? Result<agent::kubernetes::SavedRestarts>({})
                          : agent::kubernetes::LoadRestarts(file);
    };
    return common::kubernetes::Connect(io, connecting)
        .and_then([&](std::unique_ptr<common::kubernetes::Connection> connection) {
          api = std::move(connection);
          return load();
        })
        .map([&](agent::kubernetes::SavedRestarts saved) {
          watching.saved = std::move(saved);
          pods =
              std::make_unique<agent::kubernetes::PodWatch>(io, *api->client, std::move(watching));
          pods->Start();
        });
  }

  void StartWatcher(const agent::config::Config& config) {
    if (!config.node.metadata) {
      return;
    }
    watcher = std::make_unique<agent::interruption::Watcher>(*config.node.metadata, io, [this] {
      io.Post([this] {
        if (collector) {
          collector->Wake();
        }
      });
    });
  }

  Result<std::unique_ptr<agent::collect::Sources>> OpenSources(
      const Options& options, const agent::config::Config& config) {
    agent::collect::SourceOptions sources;
    sources.root = options.root;
    sources.access_log = config.access_log;
    sources.checkpoint = state->Checkpoint();
    sources.haproxy_socket = config.haproxy_socket;
    sources.lifecycle = config.lifecycle;
    sources.tenants = config.tenants;
    sources.earlier_oom_kills = state->EarlierOomKills();
    sources.slice = config.node.cgroup;
    sources.tell_containers = config.tell_containers;
    if (watcher) {
      sources.watched = [this] { return watcher->Latest(); };
    }
    if (pods) {
      sources.pods = agent::collect::PodSource{
          .latest = [this] { return pods->Latest(); },
          .observe =
              [this](agent::kubernetes::OomKillCounts kills) { pods->Observe(std::move(kills)); }};
    }
    return agent::collect::Sources::Open(std::move(sources), io);
  }

  void StartCollector(std::unique_ptr<agent::collect::Sources> sources,
                      const agent::config::Config& config) {
    agent::collect::CollectorOptions collecting;
    collecting.interval = config.signal_interval;
    collecting.save_oom_kills = [this](const agent::collect::OomKills& kills) {
      return state->SaveOomKills(kills);
    };
    collector =
        std::make_unique<agent::collect::Collector>(std::move(sources), std::move(collecting), io);
  }

  Result<void> StartServer(const Options& options, const agent::config::Config& config,
                           const exporters::ListenAddress& address) {
    const agent::exposition::AgentInfo info{.node = config.node.name,
                                            .zone = config.node.zone,
                                            .capacity_type = config.node.capacity_type,
                                            .instance_type = config.node.instance_type,
                                            .pool = config.node.pool};
    return exporters::Server::Start(
               address, agent::exposition::MakeRoutes(*collector, info, state->Epoch(), io),
               options.server.security)
        .map([&](std::unique_ptr<exporters::Server> started) { server = std::move(started); });
  }
};

int Serve(const Options& options, const agent::config::Config& config,
          const exporters::ListenAddress& address) {
  Program program;
  if (const auto started = program.Start(options, config, address); !started) {
    return Complain(kFailed, started.error().what);
  }
  program.io.OnTerminationSignal([&](int number) {
    common::log::Info("stopping", {{"signal", std::to_string(number)}});
    program.io.Stop();
  });
  common::log::Info("trimtab-agent runs", {{"version", common::kVersion},
                                           {"node", config.node.name},
                                           {"port", std::to_string(program.server->Port())},
                                           {"epoch", std::to_string(program.state->Epoch())}});
  program.io.Run();
  return 0;
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app("Tells what happens on this node: to Prometheus, and to trimtab-scaler.",
               "trimtab-agent");
  app.set_version_flag("--version", std::string("trimtab-agent ") + common::kVersion);
  app.add_option("--config", options.config,
                 "YAML file; without it only the node's own metrics are served");
  exporters::AddServerOptions(app, "/metrics, /healthz, /readyz, /signals", options.server);
  app.add_option("--root", options.root, "Where this machine's / is mounted: /proc, /sys")
      ->capture_default_str();
  app.add_option("--state", options.state,
                 "Directory that survives a restart; without it counters begin at 0 each time");
  app.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->capture_default_str();
  app.add_option("--log-format", options.log_format, "text or json")->capture_default_str();
  app.add_flag("--check", options.check, "Validate the flags and the configuration, and stop");
  app.footer(
      "Exits with 0 after SIGTERM or SIGINT, with 1 if it cannot run, and with 2 if its\n"
      "flags or its configuration are wrong.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kRefused;
  }

  const auto address = common::log::Configure(options.log_level, options.log_format).and_then([&] {
    return exporters::ParseListenAddress(options.server.listen);
  });
  if (!address) {
    return Complain(kRefused, address.error().what);
  }
  const auto config = LoadConfig(options);
  if (!config) {
    return Complain(kRefused, config.error().what);
  }
  if (options.check) {
    fmt::print("configuration ok: node {}, {} tenants\n", config->node.name,
               config->tenants->Tenants().size());
    return 0;
  }
  return Serve(options, *config, *address);
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
