#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "common/http/client.h"
#include "common/http/client_options.h"
#include "common/json_writer.h"
#include "common/version.h"
#include "scaler/ctl/backtest_command.h"
#include "scaler/ctl/backtest_options.h"
#include "scaler/ctl/capacity_commands.h"
#include "scaler/ctl/cluster.h"
#include "scaler/ctl/decide.h"
#include "scaler/ctl/diff_command.h"
#include "scaler/ctl/policy_commands.h"
#include "scaler/ctl/show.h"
#include "scaler/ctl/spot_command.h"
#include "scaler/ctl/tune_command.h"

namespace {

using common::Result;

constexpr int kFailed = 1;   ///< The scaler could not be asked, or what was asked for is not so.
constexpr int kRefused = 2;  ///< What was given is wrong: arguments or files.
constexpr auto kDeadline = std::chrono::seconds(5);

struct Options {
  std::string address = "127.0.0.1:9106";
  common::http::ClientOptions client;
  scaler::ctl::ClusterOptions cluster;
  std::unique_ptr<scaler::ctl::ClusterConnection> connection;  ///< Null: no cluster is asked.
  std::string reason;
  std::string output = "table";
  std::string workload;
  std::size_t last = 5;
  bool all = false;
  std::vector<std::string> files;
  std::string file;
  std::string kind;
  bool crd = false;
  bool reference = false;
  bool capacity = false;
  scaler::ctl::DrainRequest drain;
};

int Complain(const std::string& what) {
  fmt::print(stderr, "trimtabctl: {}\n", what);
  return kFailed;
}

Result<std::string> Ask(const Options& options, const std::string& target,
                        const std::string& method = "GET", const std::string& body = {}) {
  if (options.connection) {
    return options.connection->Scaler().Ask(target, method, body);
  }
  const auto credentials = common::http::Credentials::Open(options.client);
  if (!credentials) {
    return tl::make_unexpected(credentials.error());
  }
  const auto answer =
      common::http::Client(*credentials).Send(method, options.address, target, body, kDeadline);
  if (!answer) {
    const bool refused = answer.error().code == std::errc::connection_refused;
    return common::Fail(
        std::errc::connection_refused,
        answer.error().what +
            (refused ? "\nIs trimtab-scaler running? Name its address with --address." : ""));
  }
  if (answer->status == 401) {
    return common::Fail(std::errc::permission_denied,
                        options.address + " wants a token: give its file with --token-file");
  }
  if (answer->status != 200) {
    return common::Fail(std::errc::protocol_error, fmt::format("{} answers {}: {}", options.address,
                                                               answer->status, answer->body));
  }
  return answer->body;
}

int Print(const scaler::ctl::CommandResult& outcome) {
  fmt::print("{}", outcome.out);
  fmt::print(stderr, "{}", outcome.err);
  return outcome.code;
}

scaler::ctl::AskScaler Asker(const Options& options) {
  return [&options](const std::string& target, const std::string& method) {
    return Ask(options, target, method);
  };
}

int Status(const Options& options) {
  const auto json = Ask(options, "/api/v1/status");
  if (!json) {
    return Complain(json.error().what);
  }
  if (options.output == "json") {
    fmt::print("{}", *json);
    return 0;
  }
  const auto table = scaler::ctl::ShowStatus(*json);
  if (!table) {
    return Complain(table.error().what);
  }
  fmt::print("{}", *table);
  return 0;
}

/// The query for a workload given as "name" or "namespace/name".
std::string DecisionsTarget(const Options& options, std::size_t limit) {
  const auto slash = options.workload.find('/');
  const std::string own = options.connection ? options.connection->Namespace() : "local";
  const auto name_space = slash == std::string::npos ? own : options.workload.substr(0, slash);
  const auto name =
      slash == std::string::npos ? options.workload : options.workload.substr(slash + 1);
  return fmt::format("/api/v1/decisions?namespace={}&workload={}&limit={}",
                     common::http::EscapeQuery(name_space), common::http::EscapeQuery(name), limit);
}

/// Without --all, what only says that a rule came or went is left out.
bool Worth(const scaler::ctl::ExplainedDecision& decision, const Options& options) {
  return options.all || decision.line.decision.outcome != scaler::engine::Outcome::kKept;
}

int Explain(const Options& options) {
  if (options.capacity) {
    return Print(scaler::ctl::ExplainNodes(Asker(options), options.output == "json", options.last,
                                           options.all));
  }
  if (options.workload.empty()) {
    fmt::print(stderr,
               "trimtabctl: name a workload, or --capacity for the decisions about nodes\n");
    return kRefused;
  }
  const auto json = Ask(options, DecisionsTarget(options, 1000));
  if (!json) {
    return Complain(json.error().what);
  }
  if (options.output == "json") {
    fmt::print("{}", *json);
    return 0;
  }
  auto decisions = scaler::ctl::ParseDecisions(*json);
  if (!decisions) {
    return Complain(decisions.error().what);
  }
  if (decisions->empty()) {
    return Complain(fmt::format(
        "no decision is known for {}; `trimtabctl status` lists the workloads", options.workload));
  }
  // The newest always shows: it says how things are now.
  const auto newest = decisions->back();
  std::erase_if(*decisions, [&](const auto& decision) {
    return decision.id != newest.id && !Worth(decision, options);
  });
  const auto now = common::SystemClock().Wall();
  const auto first = decisions->size() - std::min(options.last, decisions->size());
  for (auto index = first; index < decisions->size(); ++index) {
    fmt::print("{}{}", index == first ? "" : "\n", scaler::ctl::Explain((*decisions)[index], now));
  }
  return 0;
}

int Replay(const Options& options) {
  const auto decisions =
      Ask(options, options.workload.empty() ? "/api/v1/decisions?limit=1000"
                                            : DecisionsTarget(options, 1000))
          .and_then([](const std::string& json) { return scaler::ctl::ParseDecisions(json); });
  if (!decisions) {
    return Complain(decisions.error().what);
  }
  std::size_t differ = 0;
  for (const auto& decision : *decisions) {
    if (!scaler::codec::Replays(decision.line)) {
      ++differ;
      fmt::print("#{} {}: this program decides otherwise\n", decision.id, decision.line.workload);
    }
  }
  fmt::print("{} decisions replayed, {} differ\n", decisions->size(), differ);
  const int nodes = options.workload.empty() ? Print(scaler::ctl::ReplayNodes(Asker(options))) : 0;
  return differ == 0 && nodes == 0 ? 0 : kFailed;
}

int Drain(const Options& options) {
  return Print(scaler::ctl::DrainNode(
      Asker(options), options.drain,
      [] { std::this_thread::sleep_for(std::chrono::milliseconds(500)); },
      [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
      }));
}

int Switch(const Options& options, bool freeze) {
  common::JsonWriter body;
  body.BeginObject().Key("reason").String(options.reason).EndObject();
  const auto answer = freeze ? Ask(options, "/api/v1/freeze", "POST", body.Take())
                             : Ask(options, "/api/v1/freeze", "DELETE");
  if (!answer) {
    return Complain(answer.error().what);
  }
  if (options.output == "json") {
    fmt::print("{}", *answer);
  } else {
    fmt::print("{}\n", freeze ? "frozen: nothing is written until `trimtabctl unfreeze`"
                              : "unfrozen: decisions are acted on again");
  }
  return 0;
}

int Schema(const Options& options) {
  using scaler::ctl::SchemaForm;
  return Print(scaler::ctl::PrintSchema(options.crd         ? SchemaForm::kCrd
                                        : options.reference ? SchemaForm::kReference
                                                            : SchemaForm::kJson,
                                        options.kind));
}

void AddScalerOptions(CLI::App& command, Options& options) {
  command
      .add_option("--address", options.address,
                  "Host and port of the scaler; without it those of TRIMTAB_ADDRESS")
      ->capture_default_str();
  command.add_option("-o,--output", options.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  common::http::AddClientOptions(command, "", "the scaler", options.client);
  scaler::ctl::AddClusterOptions(command, options.cluster);
}

int Run(int argc, char** argv) {
  Options options;
  // Not CLI11's environment: it would take the place of an --address before the subcommand.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing of ours changes the environment.
  if (const char* address = std::getenv("TRIMTAB_ADDRESS"); address && *address != '\0') {
    options.address = address;
  }
  CLI::App app("Asks a Trimtab scaler what it does and why.", "trimtabctl");
  app.set_version_flag("--version", std::string("trimtabctl ") + common::kVersion);
  app.require_subcommand(1);
  // Before the subcommand or after it.
  AddScalerOptions(app, options);

  auto* status = app.add_subcommand("status", "Workloads, their replicas and last decisions");
  AddScalerOptions(*status, options);

  auto* explain = app.add_subcommand(
      "explain", "The last decisions of a workload, or about nodes, with reasons");
  explain->add_option("workload", options.workload, "NAME or NAMESPACE/NAME");
  explain->add_flag("--capacity", options.capacity, "Those about nodes");
  explain->add_option("--last", options.last, "How many decisions")->capture_default_str();
  explain->add_flag("--all", options.all, "Also those that changed only which rules applied");
  AddScalerOptions(*explain, options);

  auto* replay = app.add_subcommand(
      "replay", "Decide again from the ledger's inputs and compare, byte for byte");
  replay->add_option("workload", options.workload, "NAME or NAMESPACE/NAME; all without it");
  AddScalerOptions(*replay, options);

  auto* capacity = app.add_subcommand(
      "capacity", "Nodes, pools, what must still fit, and what waits for a node");
  AddScalerOptions(*capacity, options);
  auto* drain = app.add_subcommand(
      "drain", "Have a node emptied and removed: replicas move first, within the budget");
  drain->add_option("node", options.drain.node, "Its name, as `trimtabctl capacity` shows it")
      ->required();
  auto* undo = drain->add_flag("--undo", options.drain.undo, "It may stay after all");
  drain->add_flag("--wait", options.drain.wait, "Until it is gone; says what it waits for")
      ->excludes(undo);
  AddScalerOptions(*drain, options);

  auto* freeze = app.add_subcommand(
      "freeze", "Stop every write of the scaler; it goes on deciding and explaining");
  freeze->add_option("--reason", options.reason, "Shown wherever the scaler shows itself")
      ->default_val("frozen by hand");
  AddScalerOptions(*freeze, options);
  auto* unfreeze = app.add_subcommand("unfreeze", "Let the scaler write again");
  AddScalerOptions(*unfreeze, options);

  auto* decide = app.add_subcommand(
      "decide", "Answer {policy, state, observation} lines from standard input, without a scaler");
  decide->footer(
      "One JSON object a line in, {\"state\", \"decision\"} a line out; docs/decide.md describes\n"
      "them. Exits with 2 if a line could not be read; its answer says why.");

  auto* validate = app.add_subcommand("validate", "Check policy files or directories of them");
  validate->add_option("file", options.files, "YAML files or directories")->required();
  validate->footer("Exits with 0 if all are good and with 2 if not.");

  auto* schema = app.add_subcommand("schema", "What policies may say: as a JSON Schema");
  schema->add_option("kind", options.kind,
                     "ScalingPolicy, ScalingGroup or CapacityPolicy; else all");
  auto* crd = schema->add_flag("--crd", options.crd, "As CustomResourceDefinitions");
  schema->add_flag("--reference", options.reference, "As Markdown for people")->excludes(crd);

  auto* import = app.add_subcommand(
      "import", "Policies from HorizontalPodAutoscalers and KEDA's ScaledObjects");
  import->add_option("file", options.file, "A YAML or JSON file; - is the standard input")
      ->required();
  import->footer(
      "The policies go to stdout, and to stderr a line for each thing that is left out.\n"
      "Exits with 0 if nothing is, with 1 if something is, and with 2 if an object\n"
      "cannot be made a policy.");

  scaler::ctl::BacktestOptions backtest_options;
  const auto* const backtest = scaler::ctl::AddBacktest(app, backtest_options);
  scaler::ctl::DiffOptions diff_options;
  const auto* const diff = scaler::ctl::AddDiff(app, diff_options);

  scaler::ctl::TuneOptions tune_options;
  const auto* const tune = scaler::ctl::AddTune(app, tune_options);

  scaler::ctl::SpotOptions spot_options;
  const auto* const spot = scaler::ctl::AddBacktestSpot(app, spot_options);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kRefused;
  }
  if (options.cluster.Given()) {
    options.cluster.token_file = options.client.token_file;
    auto opened = scaler::ctl::ClusterConnection::Open(options.cluster);
    if (!opened) {
      fmt::print(stderr, "trimtabctl: {}\n", opened.error().what);
      return kRefused;
    }
    options.connection = std::move(*opened);
  }
  if (status->parsed()) {
    return Status(options);
  }
  if (explain->parsed()) {
    return Explain(options);
  }
  if (capacity->parsed()) {
    return Print(scaler::ctl::Capacity(Asker(options), options.output == "json"));
  }
  if (drain->parsed()) {
    return Drain(options);
  }
  if (decide->parsed()) {
    std::ios::sync_with_stdio(false);
    return scaler::ctl::DecideLines(std::cin, std::cout) == 0 ? 0 : kRefused;
  }
  if (freeze->parsed() || unfreeze->parsed()) {
    return Switch(options, freeze->parsed());
  }
  if (validate->parsed()) {
    return Print(scaler::ctl::ValidatePolicies(options.files));
  }
  if (schema->parsed()) {
    return Schema(options);
  }
  if (diff->parsed()) {
    return Print(scaler::ctl::Diff(diff_options));
  }
  if (backtest->parsed()) {
    return Print(scaler::ctl::Backtest(backtest_options));
  }
  if (tune->parsed()) {
    return Print(scaler::ctl::Tune(tune_options));
  }
  if (spot->parsed()) {
    return Print(scaler::ctl::BacktestSpot(spot_options));
  }
  if (import->parsed()) {
    return Print(scaler::ctl::ImportPolicies(options.file));
  }
  return Replay(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    return Complain(error.what());
  }
}
