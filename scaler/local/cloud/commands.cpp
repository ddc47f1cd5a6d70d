#include "scaler/local/cloud/commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "common/io_loop.h"
#include "common/text.h"
#include "scaler/local/cloud/unix_call.h"

namespace scaler::local::cloud {
namespace {

using common::Result;
using std::chrono::milliseconds;

constexpr auto kDeadline = std::chrono::seconds(10);
constexpr int kFailed = 1;

/// Adds one command with its draft.
CLI::App* AddOne(CLI::App& app, CommandOptions& options, const std::string& name,
                 const std::string& help, Mischief::What what) {
  auto& draft = options.drafts.emplace_back();
  draft.what = what;
  auto* const command = app.add_subcommand(name, help);
  command->callback([&options, &draft] { options.mischief = draft; });
  return command;
}

void AddDuration(CLI::App* command, const std::string& flag, const std::string& help,
                 std::function<void(milliseconds)> take, bool required = false) {
  auto* const option = command->add_option_function<std::string>(
      flag,
      [take = std::move(take)](const std::string& text) {
        const auto duration = common::ParseDuration(text);
        if (!duration) {
          throw CLI::ValidationError(duration.error().what);
        }
        take(*duration);
      },
      help);
  option->required(required);
}

void AddAfter(CLI::App* command, const std::string& flag, const std::string& help,
              Mischief& draft) {
  AddDuration(command, flag, help, [&draft](milliseconds after) { draft.after = after; });
}

void AddNodeCommands(CLI::App& app, CommandOptions& options) {
  using What = Mischief::What;
  const auto add = [&](const char* name, const char* help, What what) {
    auto* const command = AddOne(app, options, name, help, what);
    command->add_option("node", options.drafts.back().node, "The node")->required();
    return command;
  };
  auto* command = add("reclaim", "Take a spot node, with notice or without", What::kReclaim);
  AddAfter(command, "--notice",
           "How long it is told before; 0s: not at all (default 2m, 30s on GCP and Azure)",
           options.drafts.back());
  add("withdraw", "Take back every notice of a node", What::kWithdraw);
  add("rebalance", "Recommend to leave a node: it may be taken soon", What::kRebalance);
  command = add("maintenance", "Announce that a node goes for maintenance", What::kMaintenance);
  AddAfter(command, "--in", "When (default 15m)", options.drafts.back());
}

CLI::App* AddTrouble(CLI::App& app, CommandOptions& options, Trouble::Kind kind,
                     const std::string& help, bool of_a_pool) {
  auto* const command =
      AddOne(app, options, std::string(WordOf(kind)), help, Mischief::What::kTrouble);
  auto& draft = options.drafts.back();
  draft.kind = kind;
  if (of_a_pool) {
    command->add_option("pool", draft.pool, "The pool; without it every pool");
    command->add_option("--zone", draft.zone, "Only in this zone");
  }
  AddAfter(command, "--for", "How long (default 1m)", draft);
  return command;
}

void AddTroubles(CLI::App& app, CommandOptions& options) {
  using Kind = Trouble::Kind;
  AddTrouble(app, options, Kind::kStockOut, "Have no nodes to give", true);
  auto* command =
      AddTrouble(app, options, Kind::kLaunchFailures, "Let boots come to nothing", true);
  auto& failing = options.drafts.back();
  command->add_option_function<std::string>(
      "--share",
      [&failing](const std::string& text) {
        const auto share = common::ParsePercent(text);
        if (!share) {
          throw CLI::ValidationError(share.error().what);
        }
        failing.share = *share;
      },
      "Of how many of the nodes ordered meanwhile (default 100%)");
  const auto by = [&](CLI::App* slow) {
    auto& draft = options.drafts.back();
    AddDuration(
        slow, "--by", "How much longer", [&draft](milliseconds more) { draft.by = more; }, true);
  };
  by(AddTrouble(app, options, Kind::kSlowBoots, "Let nodes boot slowly", true));
  by(AddTrouble(app, options, Kind::kSlowAnswers, "Answer slowly", false));
  AddTrouble(app, options, Kind::kStaleList, "Tell of the nodes as they are now, for a time",
             false);
}

// --- printing ----------------------------------------------------------------------------------

std::string Until(common::MonotonicTime at, common::MonotonicTime now) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(std::max(at - now, {}));
  return common::FormatDuration(left);
}

const char* StateOf(const ListedNode& listed) {
  switch (listed.node.state) {
    case platform::ProvidedNode::State::kBooting:
      return "booting";
    case platform::ProvidedNode::State::kRunning:
      return "running";
    case platform::ProvidedNode::State::kGoing:
      break;
  }
  return "going";
}

std::string NoticesOf(const ListedNode& listed, common::MonotonicTime now) {
  std::string text;
  if (listed.reclaim) {
    text += "  is taken in " + Until(listed.reclaim->at, now);
  }
  if (listed.maintenance) {
    text += "  goes for maintenance in " + Until(listed.maintenance->at, now);
  }
  if (listed.rebalance) {
    text += "  should be left";
  }
  return text;
}

Result<UnixAnswer> AskAndWait(const CommandOptions& options, const std::string& method,
                              const std::string& target, const std::string& body) {
  common::IoLoop loop;
  Result<UnixAnswer> result;
  const auto call = CallUnix(loop.Context(), options.socket, method, target, body, kDeadline,
                             [&](const Result<UnixAnswer>& answer) {
                               result = answer;
                               loop.Stop();
                             });
  loop.Run();
  return result;
}

int Complain(const std::string& what) {
  fmt::print(stderr, "trimtab-local-cloud: {}\n", what);
  return kFailed;
}

}  // namespace

std::string Describe(const Listing& listing, common::MonotonicTime now) {
  auto text = fmt::format("{:<28} {:<16} {:<6} {:<10} {:<8} {:<8} {}\n", "NODE", "POOL", "ZONE",
                          "TYPE", "STATE", "AGE", "AGENT");
  for (const auto& listed : listing.nodes) {
    const auto& node = listed.node;
    const bool spot = node.type == CapacityType::kSpot;
    text += fmt::format("{:<28} {:<16} {:<6} {:<10} {:<8} {:<8} {}{}\n", node.name, node.pool,
                        node.zone, spot ? "spot" : "on-demand", StateOf(listed),
                        Until(now, node.ordered_at), node.agent.empty() ? "-" : node.agent,
                        NoticesOf(listed, now));
  }
  for (const auto& trouble : listing.troubles) {
    text += fmt::format("trouble: {} of {} in {} for {} more\n", WordOf(trouble.kind),
                        trouble.pool.empty() ? "every pool" : trouble.pool,
                        trouble.zone.empty() ? "every zone" : "zone " + trouble.zone,
                        Until(trouble.until, now));
  }
  for (const auto& account : listing.accounts) {
    text += fmt::format("cost: {} {:.4f} for {:.0f} node seconds\n", account.pool, account.cost,
                        account.node_seconds);
  }
  return text;
}

void AddCommands(CLI::App& app, CommandOptions& options) {
  auto* const list = app.add_subcommand("list", "Show nodes, troubles and costs");
  list->add_flag("--json", options.json, "As the API answers");
  list->callback([&options] { options.list = true; });
  AddNodeCommands(app, options);
  auto* const down =
      AddOne(app, options, "zone-down", "Lose all nodes of a zone at once, unannounced",
             Mischief::What::kZoneDown);
  down->add_option("zone", options.drafts.back().zone, "The zone")->required();
  AddAfter(down, "--for", "How long the zone has no nodes to give then (default 1m)",
           options.drafts.back());
  AddTroubles(app, options);
  AddOne(app, options, "calm", "End every trouble", Mischief::What::kCalm);
  auto* const quota =
      AddOne(app, options, "quota", "Set how many nodes a pool may have", Mischief::What::kQuota);
  quota->add_option("pool", options.drafts.back().pool, "The pool")->required();
  quota->add_option("nodes", options.drafts.back().nodes, "At most so many")->required();
  app.require_subcommand(0, 1);
}

int RunCommand(const CommandOptions& options) {
  const auto answer = options.list
                          ? AskAndWait(options, "GET", "/v1/nodes", "")
                          : AskAndWait(options, "POST", "/v1/mischief", Encode(*options.mischief));
  if (!answer) {
    return Complain("cannot ask the cloud: " + answer.error().what);
  }
  if (answer->status != 200) {
    std::string_view rest = answer->body;
    return Complain(std::string(common::TakeLine(rest)));
  }
  if (!options.list) {
    return 0;
  }
  if (options.json) {
    fmt::print("{}\n", answer->body);
    return 0;
  }
  const auto listing = DecodeListing(answer->body);
  if (!listing) {
    return Complain(listing.error().what);
  }
  fmt::print("{}", Describe(*listing, common::SystemClock().Monotonic()));
  return 0;
}

}  // namespace scaler::local::cloud
