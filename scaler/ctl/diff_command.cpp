#include "scaler/ctl/diff_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "common/clock.h"
#include "common/text.h"
#include "scaler/backtest/difference.h"
#include "scaler/backtest/policy_rule.h"
#include "scaler/ctl/backtest_inputs.h"
#include "scaler/ctl/progress_bar.h"
#include "scaler/explain/reasons.h"

namespace scaler::ctl {
namespace {

using backtest::Difference;
using common::Result;

std::string Why(const std::string& name, int replicas,
                const std::optional<engine::Decision>& decision) {
  auto text = fmt::format("    {} asks for {}\n", name, replicas);
  if (decision) {
    for (const auto& [label, content] : explain::ReasonsOf(*decision)) {
      text += fmt::format("      {:<10} {}\n", label, content);
    }
  }
  return text;
}

std::string Show(const Difference& difference, const std::string& first,
                 const std::string& second) {
  return fmt::format(
             "{}  {} for {}: {} asks for {:.2f} pod-hours {} than {}\n  at {}, {:.4g} "
             "requests/s\n",
             difference.series, common::FormatRfc3339(difference.from).substr(0, 19),
             common::FormatDuration(difference.length), second, std::abs(difference.pod_hours),
             difference.pod_hours < 0 ? "less" : "more", first,
             common::FormatRfc3339(difference.at).substr(0, 19), difference.rate) +
         Why(first, difference.first, difference.first_reason) +
         Why(second, difference.second, difference.second_reason);
}

Result<std::vector<Difference>> PlayBoth(backtest::history::History& history,
                                         const backtest::World& world,
                                         const BacktestPolicies& policies, std::size_t most) {
  ProgressBar bar;
  std::vector<Difference> all;
  for (bool first = true;; first = false) {
    const auto series = history.Next();
    if (!series) {
      return tl::make_unexpected(series.error());
    }
    if (!*series) {
      return first ? Result<std::vector<Difference>>(
                         common::Fail(std::errc::invalid_argument,
                                      "the history has no series, or none that --series means"))
                   : all;
    }
    bar.Show(history.Progress(), (*series)->name);
    auto fitted = world;
    fitted.step = std::min(fitted.step, (*series)->period);
    const auto rule = [&](std::size_t run) {
      const auto& terms = backtest::TermsFor(policies.runs[run].second, (*series)->labels);
      return backtest::PolicyRule(fitted, terms.policy, terms.schedules);
    };
    auto one = rule(0);
    auto other = rule(1);
    auto found = backtest::Compare(fitted, **series, one, other, most);
    all.insert(all.end(), std::make_move_iterator(found.begin()),
               std::make_move_iterator(found.end()));
    backtest::KeepLargest(most, all);
  }
}

}  // namespace

CLI::App* AddDiff(CLI::App& app, DiffOptions& options) {
  auto* const command = app.add_subcommand(
      "diff", "Where two policies differ over a history, and why each decided as it did");
  command->add_option("policy", options.backtest.policies, "Files with two policies together")
      ->required();
  AddHistoryOptions(*command, options.backtest.trace, options.backtest.history);
  AddPrometheusOptions(*command, options.backtest.prometheus);
  AddWorldOptions(*command, options.backtest.world);
  command->add_option("--most", options.most, "How many differences, the largest by pod-hours")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->footer(
      "Each policy is in a world of its own, in which a pod always finds room. Exits as backtest.");
  return command;
}

CommandResult Diff(const DiffOptions& options) {
  const auto policies = ReadBacktestPolicies(options.backtest.policies);
  if (!policies) {
    return Refuse(policies.error().what);
  }
  if (policies->runs.size() != 2) {
    return Refuse(
        fmt::format("two policies are compared; the files have {}", policies->runs.size()));
  }
  auto world = WorldOf(options.backtest.world, *policies);
  if (!world) {
    return Refuse(world.error().what);
  }
  world->nodes = false;
  const auto history = OpenHistory(options.backtest);
  if (!history) {
    return HistoryProblem(options.backtest, history.error());
  }
  const auto differences = PlayBoth(**history, *world, *policies, options.most);
  if (!differences) {
    return Refuse(differences.error().what);
  }
  CommandResult done;
  for (const auto& one : *differences) {
    done.out += (done.out.empty() ? "" : "\n") +
                Show(one, policies->runs[0].first, policies->runs[1].first);
  }
  if (differences->empty()) {
    done.out = "they never differ\n";
  }
  for (const auto& note : policies->notes) {
    done.out += "note: " + note + "\n";
  }
  return done;
}

}  // namespace scaler::ctl
