// trimtab-demo: the whole of Trimtab on one machine, with real parts and real traffic.

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "common/text.h"
#include "tests/demo/stage/ports.h"
#include "tests/demo/stage/stage.h"

namespace {

/// Before any thread starts, so that only the stage sees them.
void BlockSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int Run(const demo::StageOptions& options, const std::string& summary_file) {
  const auto summary = demo::RunDemo(options);
  if (!summary) {
    if (summary.error().code == std::errc::interrupted) {
      return 130;
    }
    std::cerr << "trimtab-demo: " << summary.error().what << '\n';
    return 1;
  }
  std::cout << demo::ToText(*summary);
  if (!summary_file.empty()) {
    if (const auto written = demo::WriteSummary(*summary, summary_file); !written) {
      std::cerr << "trimtab-demo: " << written.error().what << '\n';
      return 1;
    }
  }
  return summary->left_behind.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs Trimtab on this machine with 40 small shops and their visitors, on loopback.",
               "trimtab-demo");
  demo::StageOptions options;
  std::string duration;
  std::string summary_file;
  std::string source = std::filesystem::current_path().string();
  app.add_option("--for", duration, "Stop after this time of traffic, e.g. 60s (else: Ctrl-C)");
  app.add_option("--summary", summary_file, "Write what happened to this file, as JSON");
  app.add_option("--port-base", options.port_base, "The first of our ports")
      ->check(CLI::Range(1024, demo::Ports::kLargestBase))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Another course of the same traffic")
      ->capture_default_str();
  std::vector<std::string> faults;
  app.add_option("--fault", faults, demo::FaultHelp())->type_name("TIME:KIND:PART[:TIME]");
  app.add_flag("--keep", options.keep, "Keep the run's directory with its logs");
  app.add_option("--source-dir", source, "The root of the sources")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (!duration.empty()) {
    const auto parsed = common::ParseDuration(duration);
    if (!parsed) {
      std::cerr << "trimtab-demo: --for: " << parsed.error().what << '\n';
      return 2;
    }
    options.duration = *parsed;
  }
  auto planned = demo::ParseFaults(faults, options.duration);
  if (!planned) {
    std::cerr << "trimtab-demo: --fault: " << planned.error().what << '\n';
    return 2;
  }
  options.faults = std::move(*planned);
  BlockSignals();
  options.source = std::filesystem::absolute(source);
  options.binaries = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return Run(options, summary_file);
}
