#include "scaler/ctl/spot_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "common/json_writer.h"
#include "common/text.h"
#include "scaler/backtest/spot/campaign_file.h"
#include "scaler/backtest/spot/comparison.h"
#include "scaler/backtest/spot/policy_run.h"
#include "scaler/ctl/parsed_option.h"
#include "scaler/ctl/progress_bar.h"
#include "scaler/ctl/table.h"
#include "scaler/policy/read.h"

namespace scaler::ctl {
namespace {

using backtest::spot::Entry;
using backtest::spot::World;
using engine::capacity::CapacityPolicy;
using engine::capacity::CapacityType;

struct Played {
  std::string campaign;
  std::vector<Entry> entries;  ///< The oracle first.
};

bool HasBothTypes(const CapacityPolicy& policy) {
  bool spot = false;
  bool on_demand = false;
  for (const auto& pool : policy.pools) {
    spot |= pool.type == CapacityType::kSpot;
    on_demand |= pool.type == CapacityType::kOnDemand;
  }
  return policy.spot && spot && on_demand;
}

/// The policies of the files; all problems of all files in one error.
common::Result<std::vector<CapacityPolicy>> ReadPolicies(const SpotOptions& options) {
  if (options.policies.empty()) {
    return std::vector{backtest::spot::DefaultPolicy(options.world, std::chrono::minutes(5))};
  }
  std::vector<CapacityPolicy> policies;
  std::vector<std::string> wrong;
  for (const auto& file : options.policies) {
    common::yaml::Problems problems(file);
    const auto documents = policy::ReadFile(file, problems);
    if (!problems.Empty()) {
      wrong.push_back(problems.AsError().what);
      continue;
    }
    if (documents.capacity.empty()) {
      wrong.push_back(file + ": holds no CapacityPolicy");
    }
    for (const auto& document : documents.capacity) {
      if (!HasBothTypes(document.terms)) {
        wrong.push_back(fmt::format(
            "{}: {}: only a policy with `spot`, a spot pool and an on-demand pool can be played",
            file, document.terms.name));
      }
      policies.push_back(document.terms);
    }
  }
  if (!wrong.empty()) {
    return common::Fail(std::errc::invalid_argument, fmt::format("{}", fmt::join(wrong, "\n")));
  }
  return policies;
}

std::string Table(const std::vector<Played>& all, const World& world) {
  std::string text = fmt::format(
      "{} replicas, a node each; a node starts in {}; notice {}; spot costs {} of on-demand\n",
      world.replicas, common::FormatDuration(world.node_start),
      common::FormatDuration(world.notice), world.spot_price);
  for (const auto& [campaign, entries] : all) {
    std::vector<std::vector<std::string>> rows{{"RUN", "COST", "OF ORACLE'S", "AVAILABILITY"}};
    for (const auto& [name, score] : entries) {
      rows.push_back({name, fmt::format("{:.3f}", score.cost),
                      fmt::format("{:.2f}", score.cost / entries.front().score.cost),
                      fmt::format("{:.5f}", score.availability)});
    }
    text += "\n" + campaign + "\n" + FormatTable(rows);
  }
  return text;
}

std::string Json(const std::vector<Played>& all, const World& world) {
  common::JsonWriter json;
  json.BeginObject().Key("world").BeginObject();
  json.Key("replicas").Integer(world.replicas);
  json.Key("node_start_seconds").Double(std::chrono::duration<double>(world.node_start).count());
  json.Key("notice_seconds").Double(std::chrono::duration<double>(world.notice).count());
  json.Key("spot_price").Double(world.spot_price);
  json.EndObject().Key("campaigns").BeginObject();
  for (const auto& [campaign, entries] : all) {
    json.Key(campaign).BeginObject().Key("runs").BeginObject();
    for (const auto& [name, score] : entries) {
      json.Key(name).BeginObject();
      json.Key("cost").Double(score.cost);
      json.Key("availability").Double(score.availability);
      json.EndObject();
    }
    json.EndObject().EndObject();
  }
  json.EndObject().EndObject();
  return json.Take() + "\n";
}

}  // namespace

CLI::App* AddBacktestSpot(CLI::App& app, SpotOptions& options) {
  auto* const command = app.add_subcommand(
      "backtest-spot", "What capacity policies would have cost on recorded spot markets");
  command->add_option("policy", options.policies,
                      "Files with CapacityPolicies; without one, all on spot, on-demand after a "
                      "minute without, back after five");
  command->add_option("--trace", options.trace, "CSV of availability; see docs/backtest.md")
      ->type_name("FILE")
      ->required();
  command->add_option("--campaign", options.campaign, "Only the campaign that is called so");
  command->add_flag("--json", options.json, "As JSON");
  auto& world = options.world;
  constexpr const char* kGroup = "The world";
  command->add_option("--replicas", world.replicas, "Wanted all the time; each fills a node")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str()
      ->group(kGroup);
  AddDuration(*command, "--notice", world.notice, "How long before its loss a node is told")
      ->group(kGroup);
  AddDuration(*command, "--node-start", world.node_start, "From the order of a node to its replica")
      ->group(kGroup);
  command->add_option("--spot-price", world.spot_price, "Of an on-demand node's")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str()
      ->group(kGroup);
  command->footer(
      "Cost is that of all nodes, where the wanted replicas on on-demand nodes cost 1; "
      "availability\n"
      "is the share of the time in which all of them ran. oracle knows the future. Exits with 2 "
      "if\n"
      "an argument, a policy or the trace is wrong.");
  return command;
}

CommandResult BacktestSpot(const SpotOptions& options) {
  const auto policies = ReadPolicies(options);
  if (!policies) {
    return Refuse(policies.error().what);
  }
  const auto campaigns = backtest::spot::ReadCampaigns(options.trace, options.campaign);
  if (!campaigns) {
    return Refuse(campaigns.error().what);
  }
  std::vector<Played> all;
  {
    ProgressBar bar;
    for (const auto& campaign : *campaigns) {
      bar.Show(static_cast<double>(all.size()) / static_cast<double>(campaigns->size()),
               campaign.name);
      const backtest::spot::Market market(campaign, options.world);
      all.push_back({campaign.name, backtest::spot::Compare(market, *policies)});
    }
  }
  return {.code = 0,
          .out = options.json ? Json(all, options.world) : Table(all, options.world),
          .err = {}};
}

}  // namespace scaler::ctl
