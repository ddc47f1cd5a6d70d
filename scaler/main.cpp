// trimtab-scaler: wiring only.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>

#include "common/http/client_options.h"
#include "common/log.h"
#include "common/version.h"
#include "exporters/server_options.h"
#include "scaler/config/config.h"
#include "scaler/policy/directory.h"
#include "scaler/program/program.h"

namespace {

using common::Result;
using scaler::program::Options;
using scaler::program::PlatformChoice;

constexpr int kFailed = 1;
constexpr int kRefused = 2;  ///< The arguments or the configuration are wrong.

int Complain(int code, const std::string& what) {
  fmt::print(stderr, "trimtab-scaler: {}\n", what);
  return code;
}

Result<scaler::config::Config> LoadConfig(const Options& options) {
  return options.config.empty() ? scaler::config::Config{}
                                : scaler::config::ReadConfig(options.config);
}

/// On a cluster most have no directory of policies.
scaler::policy::Load LoadPolicies(const Options& options, PlatformChoice platform) {
  std::error_code ignored;
  const bool needed = platform != PlatformChoice::kKubernetes ||
                      std::filesystem::is_directory(options.policies, ignored);
  return needed ? scaler::policy::LoadDirectory(options.policies) : scaler::policy::Load{};
}

int Check(const Options& options, const scaler::config::Config& config, PlatformChoice platform) {
  const auto load = LoadPolicies(options, platform);
  if (!load.problems.empty()) {
    fmt::print(stderr, "{}\n", common::yaml::ToString(load.problems));
    return kRefused;
  }
  const auto workloads = platform == PlatformChoice::kKubernetes
                             ? std::string("the workloads of a cluster")
                             : fmt::format("{} workloads", config.local.workloads.size());
  fmt::print("configuration ok: {} agents, {}, {} policies\n", config.agents.size(), workloads,
             load.set.All().size());
  return 0;
}

int Serve(const Options& options, const scaler::config::Config& config, PlatformChoice platform) {
  const auto program = scaler::program::MakeProgram(platform);
  if (const auto started = program->Start(options, config); !started) {
    return Complain(kFailed, started.error().what);
  }
  common::log::Info("trimtab-scaler runs",
                    {{"version", common::kVersion},
                     {"platform", platform == PlatformChoice::kKubernetes ? "kubernetes" : "local"},
                     {"port", std::to_string(program->Port())},
                     {"policies", options.policies},
                     {"state", options.state}});
  if (const auto ended = program->Run(); !ended) {
    return Complain(kFailed, ended.error().what);
  }
  common::log::Info("trimtab-scaler ends");
  return 0;
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app("Decides how many replicas each workload has, and sees to it.", "trimtab-scaler");
  app.set_version_flag("--version", std::string("trimtab-scaler ") + common::kVersion);
  app.add_option("--config", options.config,
                 "YAML file with the agents and the workloads of this machine, or the cluster");
  app.add_option("--platform", options.platform,
                 "Who runs the replicas: local (this machine) or kubernetes; otherwise kubernetes "
                 "where the file has a section of that name")
      ->transform(CLI::Transformer(std::map<std::string, PlatformChoice>{
          {"local", PlatformChoice::kLocal}, {"kubernetes", PlatformChoice::kKubernetes}}))
      ->option_text("local|kubernetes");
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
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kRefused;
  }

  if (const auto configured = common::log::Configure(options.log_level, options.log_format);
      !configured) {
    return Complain(kRefused, configured.error().what);
  }
  const auto config = LoadConfig(options);
  if (!config) {
    return Complain(kRefused, config.error().what);
  }
  const auto platform = scaler::program::Choose(options, *config);
  if (!platform) {
    return Complain(kRefused, platform.error().what);
  }
  return options.check ? Check(options, *config, *platform) : Serve(options, *config, *platform);
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
