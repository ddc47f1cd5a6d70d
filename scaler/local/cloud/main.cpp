// trimtab-local-cloud: wiring only.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "common/io_loop.h"
#include "common/log.h"
#include "common/version.h"
#include "scaler/local/cloud/commands.h"
#include "scaler/local/cloud/config.h"
#include "scaler/local/cloud/service.h"

namespace {

namespace cloud = scaler::local::cloud;

constexpr int kFailed = 1;
constexpr int kRefused = 2;  ///< The arguments or the configuration are wrong.

struct Options {
  std::string config;
  std::string state = "/var/lib/trimtab/cloud";
  std::string log_level = "info";
  std::string log_format = "text";
  bool check = false;
  cloud::CommandOptions command;
};

int Complain(int code, const std::string& what) {
  fmt::print(stderr, "trimtab-local-cloud: {}\n", what);
  return code;
}

int Serve(const Options& options, cloud::Spec spec) {
  // Nobody waits for the agents of nodes: who is in a cgroup shows who lives.
  std::signal(SIGCHLD, SIG_IGN);
  common::IoLoop loop;
  auto service = cloud::Service::Open(loop, std::move(spec), options.state);
  if (!service) {
    return Complain(kFailed, service.error().what);
  }
  bool stopping = false;
  loop.OnTerminationSignal([&](int number) {
    common::log::Info("stopping", {{"signal", std::to_string(number)}});
    if (std::exchange(stopping, true)) {
      loop.Stop();  // Asked twice: at once.
      return;
    }
    (*service)->Stop([&] { loop.Stop(); });
  });
  common::log::Info("trimtab-local-cloud runs", {{"version", common::kVersion},
                                                 {"socket", (*service)->Socket().string()},
                                                 {"state", options.state}});
  loop.Run();
  common::log::Info("trimtab-local-cloud ends");
  return 0;
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Gives nodes that are slices of this machine, as a cloud would: with a boot time, a price,\n"
      "a metadata service, and all that goes wrong. Without a command: serves until it is told to\n"
      "end. With one: asks the program that serves.",
      "trimtab-local-cloud");
  app.set_version_flag("--version", std::string("trimtab-local-cloud ") + common::kVersion);
  app.add_option("--config", options.config, "YAML file with the pools");
  app.add_option("--state", options.state, "Directory that survives a restart")
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->capture_default_str();
  app.add_option("--log-format", options.log_format, "text or json")->capture_default_str();
  app.add_flag("--check", options.check, "Validate the configuration, and stop");
  app.add_option("--socket", options.command.socket,
                 "Where the program that serves is, for commands")
      ->capture_default_str();
  app.footer(
      "Exits with 0 after SIGTERM or SIGINT or when a command was done, with 1 if it cannot be,\n"
      "and with 2 if its arguments or configuration are wrong.");
  cloud::AddCommands(app, options.command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kRefused;
  }
  if (options.command.list || options.command.mischief) {
    return cloud::RunCommand(options.command);
  }
  if (const auto configured = common::log::Configure(options.log_level, options.log_format);
      !configured) {
    return Complain(kRefused, configured.error().what);
  }
  if (options.config.empty()) {
    return Complain(kRefused, "give --config FILE to serve, or a command; see --help");
  }
  auto spec = cloud::ReadConfig(options.config);
  if (!spec) {
    return Complain(kRefused, spec.error().what);
  }
  if (options.check) {
    fmt::print("configuration ok: {} pools\n", spec->pools.size());
    return 0;
  }
  return Serve(options, std::move(*spec));
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
