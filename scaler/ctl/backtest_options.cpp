#include "scaler/ctl/backtest_options.h"

#include <CLI/CLI.hpp>

#include "common/http/client_options.h"
#include "common/text.h"
#include "scaler/ctl/parsed_option.h"

namespace scaler::ctl {

void AddWorldOptions(CLI::App& command, WorldOptions& options) {
  auto& world = options.world;
  constexpr const char* kGroup = "The world";
  AddParsed(command, "--capacity", common::ParseRate, "100/s", options.capacity,
            "What a replica serves; else what the first policy says of it")
      ->type_name("RATE")
      ->group(kGroup);
  AddDuration(command, "--pod-start", world.pod_start, "From the decision to a pod that is ready")
      ->group(kGroup);
  AddDuration(command, "--node-start", world.node_start,
              "From the order of a node to its first pod; 0s: a pod always finds room, as it does "
              "where there are several series")
      ->group(kGroup);
  command.add_option("--pods-per-node", world.pods_per_node, "Pods that a node takes")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->group(kGroup);
  AddDuration(command, "--step", world.step,
              "How often the world moves and policies decide; longer is quicker and coarser")
      ->group(kGroup);
  AddDuration(command, "--metric-delay", world.metric_delay,
              "How late demand is known to policies and to peak-hold")
      ->group(kGroup);
  AddDuration(command, "--hpa-delay", world.hpa_delay,
              "The same for the HPA: scrape, its own period, a step")
      ->group(kGroup);
}

void AddHistoryOptions(CLI::App& command, std::string& trace, backtest::history::Options& options) {
  constexpr const char* kGroup = "The history";
  command
      .add_option("--trace", trace,
                  "CSV, gzipped or not: time,series,value and others; see docs/backtest.md")
      ->type_name("FILE")
      ->group(kGroup);
  command.add_option("--series", options.series, "Only these, as in a shell: 'elb_*'")
      ->type_name("PATTERN")
      ->group(kGroup);
  AddParsed(command, "--period", common::ParseDuration, "", options.period,
            "Of the samples, where the file does not show it")
      ->type_name("DURATION")
      ->group(kGroup);
  command
      .add_flag("--rates", options.rates,
                "Values are requests per second, not requests in each period")
      ->group(kGroup);
}

void AddPrometheusOptions(CLI::App& command, PrometheusOptions& options) {
  constexpr const char* kGroup = "A history from Prometheus";
  command
      .add_option("--prometheus", options.address,
                  "Its address, instead of --trace; its step is "
                  "--period (1m)")
      ->type_name("URL")
      ->excludes("--trace")
      ->group(kGroup);
  command.add_option("--from", options.from, "A time in UTC, or how long ago")
      ->capture_default_str()
      ->group(kGroup);
  command.add_option("--to", options.to, "The same")->capture_default_str()->group(kGroup);
  command.add_option("--query", options.query, "What gives requests per second")
      ->capture_default_str()
      ->group(kGroup);
  common::http::AddClientOptions(command, "prometheus-", "Prometheus", options.client);
}

CLI::App* AddBacktest(CLI::App& app, BacktestOptions& options) {
  auto* const command = app.add_subcommand(
      "backtest", "What policies would have done and cost over a history, beside other rules");
  command->add_option("policy", options.policies, "Policy files; each policy is a run of its own")
      ->required();
  AddHistoryOptions(*command, options.trace, options.history);
  AddPrometheusOptions(*command, options.prometheus);
  AddWorldOptions(*command, options.world);
  command
      ->add_option("--against", options.against,
                   "hpa, hpa-cpu, keda, static, oracle, peak-hold or policy files; the last two of "
                   "the names are always there")
      ->delimiter(',')
      ->capture_default_str();
  command->add_flag("--json", options.json, "As JSON");
  command->add_option("--report", options.report, "Writes a page with plots, one HTML file")
      ->type_name("FILE");
  command->add_option("--threads", options.threads, "How many; one for each core");
  command->footer(
      "A run is called as its policy: metadata.name, or NAME@FILE where that is taken. peak-hold\n"
      "is the cheapest of 42 such rules with no more in excess than the first policy, chosen in\n"
      "hindsight; oracle knows the future. A progress bar goes to a terminal on stderr. Exits "
      "with\n"
      "1 if the history cannot be had and with 2 if arguments, policies or the history are wrong.\n"
      "docs/backtest.md says what the world is like and what the numbers mean.");
  return command;
}

}  // namespace scaler::ctl
