#include "scaler/ctl/backtest_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "common/replace_file.h"
#include "common/text.h"
#include "scaler/ctl/backtest_inputs.h"
#include "scaler/ctl/backtest_output.h"
#include "scaler/ctl/backtest_policies.h"
#include "scaler/ctl/play.h"
#include "scaler/ctl/progress_bar.h"
#include "scaler/ctl/report.h"

namespace scaler::ctl {
namespace {

using common::Fail;
using common::Result;

constexpr int kFailed = 1;

/// What --against names; files among it go to `files`.
Result<backtest::Against> ReadAgainst(const std::vector<std::string>& names,
                                      std::vector<std::string>& files) {
  backtest::Against against;
  for (const auto& name : names) {
    const auto& known = BaselineNames();
    std::error_code ignored;
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      against.hpa |= name == "hpa";
      against.hpa_cpu |= name == "hpa-cpu";
      against.keda |= name == "keda";
      against.fixed |= name == "static";
    } else if (std::filesystem::exists(name, ignored)) {
      files.push_back(name);
    } else {
      const auto nearest = common::NearestWord(name, known);
      return Fail(std::errc::invalid_argument,
                  fmt::format("--against: '{}' is neither a baseline ({}) nor a file{}", name,
                              fmt::join(known, ", "),
                              nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""));
    }
  }
  return against;
}

/// Where the whole input would be too old for a policy, every decision would only hold.
void NoteStaleInput(const backtest::World& world, BacktestPolicies& policies) {
  for (const auto& [name, document] : policies.runs) {
    const auto stale_after = document.terms.policy.guards.stale_after;
    if (world.metric_delay > stale_after) {
      policies.notes.push_back(fmt::format(
          "{}: demand is {} late, which its guards.staleAfter ({}) takes for missing", name,
          common::FormatDuration(world.metric_delay), common::FormatDuration(stale_after)));
    }
  }
}

void NoteGroups(BacktestPolicies& policies) {
  for (const auto& group : policies.groups) {
    if (group.limits.max_cpu_cores) {
      policies.notes.push_back(group.name +
                               ": a history says nothing of requests for CPU; that cap "
                               "is not played");
    }
  }
}

/// Plays again what is to be seen, and only that.
Result<std::vector<ReportedSeries>> RecordSeries(const BacktestOptions& options,
                                                 const backtest::Plan& plan,
                                                 const backtest::World& world,
                                                 const backtest::Outcome& outcome) {
  constexpr std::size_t kMostSeries = 4;
  const backtest::Detail detail;
  const auto wanted = WorthALook(outcome, kMostSeries);
  auto history = OpenHistory(options);
  if (!history) {
    return tl::make_unexpected(history.error());
  }
  std::vector<ReportedSeries> all;
  while (all.size() < wanted.size()) {
    const auto series = (*history)->Next();
    if (!series) {
      return tl::make_unexpected(series.error());
    }
    if (!*series) {
      break;
    }
    if (std::find(wanted.begin(), wanted.end(), (*series)->name) == wanted.end()) {
      continue;
    }
    const auto fitted = backtest::Fitted(world, **series);
    auto& one = all.emplace_back();
    one.name = (*series)->name;
    one.begin = (*series)->begin;
    one.length = (*series)->Length();
    one.highest_demand = backtest::HighestDemand(**series, detail.parts);
    for (const auto* contender : plan.WorthRecording(outcome.peak_hold)) {
      const auto rule = contender->rule(fitted, **series);
      one.recordings.push_back(backtest::Record(fitted, **series, *rule, detail));
      one.recordings.back().run = contender->name;
    }
  }
  return all;
}

/// Empty: it was written, or is not asked for.
std::string WriteReport(const BacktestOptions& options, const backtest::Plan& plan,
                        const backtest::Outcome& outcome, BacktestContext context) {
  if (options.report.empty()) {
    return {};
  }
  const auto series = RecordSeries(options, plan, context.world, outcome);
  if (!series) {
    return series.error().what;
  }
  if (context.in_groups) {
    context.notes.emplace_back("the curves are of each series by itself, without caps of groups");
  }
  const auto written = common::ReplaceFile(options.report, ReportHtml(outcome, context, *series),
                                           common::Survives::kOurEnd);
  return written ? std::string() : written.error().what;
}

}  // namespace

CommandResult Backtest(BacktestOptions options) {
  const auto against = ReadAgainst(options.against, options.policies);
  if (!against) {
    return Refuse(against.error().what);
  }
  auto policies = ReadBacktestPolicies(options.policies);
  if (!policies) {
    return Refuse(policies.error().what);
  }
  const auto world = WorldOf(options.world, *policies);
  if (!world) {
    return Refuse(world.error().what);
  }
  NoteStaleInput(*world, *policies);
  NoteGroups(*policies);
  const auto history = OpenHistory(options);
  if (!history) {
    return HistoryProblem(options, history.error());
  }
  const backtest::Plan plan(std::move(policies->runs), *against);
  backtest::Comparison comparison(*world, plan.Contenders());
  {
    ProgressBar bar;
    const auto tell = [&](double share, const std::string& words) { bar.Show(share, words); };
    const auto played =
        policies->groups.empty()
            ? PlayAll(**history, options.threads, comparison, tell)
            : PlayInGroups(**history, options.threads, plan, policies->groups, comparison, tell);
    if (!played) {
      return Refuse(played.error().what);
    }
  }
  const BacktestContext context{
      .history = options.trace.empty() ? options.prometheus.address : options.trace,
      .world = comparison.WorldUsed(),
      .objectives = plan.Objectives(),
      .in_groups = !policies->groups.empty(),
      .notes = std::move(policies->notes)};
  const auto outcome = backtest::MakeOutcome(plan, comparison);
  if (const auto problem = WriteReport(options, plan, outcome, context); !problem.empty()) {
    return {.code = kFailed, .out = {}, .err = problem + "\n"};
  }
  return {.code = 0,
          .out = options.json ? BacktestJson(outcome, context) : BacktestTable(outcome, context),
          .err = {}};
}

}  // namespace scaler::ctl
