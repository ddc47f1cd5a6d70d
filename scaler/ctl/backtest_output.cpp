#include "scaler/ctl/backtest_output.h"

#include <fmt/format.h>

#include <optional>

#include "common/clock.h"
#include "common/json_writer.h"
#include "common/text.h"
#include "scaler/ctl/table.h"

namespace scaler::ctl {
namespace {

using backtest::Outcome;
using backtest::RunResult;
using backtest::SeriesResult;
using backtest::Totals;

std::string Share(double part, double whole) {
  return whole > 0 ? fmt::format("{:.3g} %", part / whole * 100) : "-";
}

std::string Worst(const SeriesResult& result, bool several) {
  const auto& worst = result.worst;
  if (worst.excess <= 0) {
    return "-";
  }
  // "2026-11-21T03:10:12.345Z" to the minute.
  const auto at = common::FormatRfc3339(worst.at).substr(0, 16);
  return fmt::format("{} {}{}", at, Share(worst.excess, worst.requests),
                     several ? " " + worst.series : "");
}

std::vector<std::string> Row(const RunResult& run, bool several) {
  const auto& total = run.total.total;
  return {run.name,
          fmt::format("{:.1f}", total.pod_hours),
          fmt::format("{:.1f}", total.node_hours),
          Share(total.excess, total.requests),
          fmt::format("{:.0f}", total.cold_requests),
          fmt::format("{}", total.actions),
          fmt::format("{}", total.reversals),
          Worst(run.total, several)};
}

/// Why an objective is not kept though it could be.
std::string WhyMissed(const engine::Objective& objective) {
  if (!objective.hold && !objective.learn_hold) {
    return "; that is MISSED";
  }
  return fmt::format(
      "; that is MISSED: objective.hold is {}, and `hold: auto` would hold replicas from the start "
      "for what comes back",
      objective.hold ? common::FormatDuration(*objective.hold) : "`learned`");
}

/// What the numbers say of a policy beside the rules that anything has to beat.
std::string Verdict(const Outcome& outcome, const RunResult& run,
                    const std::optional<engine::Objective>& objective) {
  std::string text = run.name + ":";
  const double share = run.total.total.ExcessShare();
  if (objective) {
    const double allowed = objective->overload;
    text += fmt::format(" {} above capacity, of {:.4g} % allowed", Share(share, 1), allowed * 100);
    if (share > allowed) {
      const double floor = outcome.floor.total.total.ExcessShare();
      text += floor > allowed
                  ? fmt::format(
                        "; that is out of reach: bursts within the start cost {} even to who "
                        "keeps all that was ever needed",
                        Share(floor, 1))
                  : WhyMissed(*objective);
    }
    text += ";";
  }
  const auto& rule = backtest::CheapestWithin(backtest::Frontier(outcome.sweep), share);
  if (rule.total.total.ExcessShare() > share) {
    text += " no peak-hold has as little excess\n";
  } else if (const auto closed = backtest::GapClosed(outcome, run)) {
    text += fmt::format(
        " goes {:.0f} % of the way from the best peak-hold with as little excess to perfect "
        "foresight\n",
        *closed * 100);
  } else {
    text += " the best peak-hold with as little excess costs no more than perfect foresight\n";
  }
  return text;
}

void WriteTotals(common::JsonWriter& json, const Totals& totals) {
  json.BeginObject();
  json.Key("pod_hours").Double(totals.pod_hours);
  json.Key("node_hours").Double(totals.node_hours);
  json.Key("requests").Double(totals.requests);
  json.Key("excess").Double(totals.excess);
  json.Key("cold_requests").Double(totals.cold_requests);
  json.Key("actions").Integer(totals.actions);
  json.Key("reversals").Integer(totals.reversals);
  json.EndObject();
}

void WriteRun(common::JsonWriter& json, const Outcome& outcome, const RunResult& run) {
  json.BeginObject().Key("total");
  WriteTotals(json, run.total.total);
  json.Key("halves").BeginArray();
  for (const auto& half : run.total.halves) {
    WriteTotals(json, half);
  }
  json.EndArray();
  const auto& worst = run.total.worst;
  json.Key("worst_minute").BeginObject();
  json.Key("at").String(common::FormatRfc3339(worst.at));
  json.Key("series").String(worst.series);
  json.Key("requests").Double(worst.requests);
  json.Key("excess").Double(worst.excess);
  json.EndObject();
  json.Key("series").BeginObject();
  for (std::size_t i = 0; i < outcome.series.size(); ++i) {
    json.Key(outcome.series[i]);
    WriteTotals(json, run.series[i].total);
  }
  json.EndObject().EndObject();
}

void WriteWorld(common::JsonWriter& json, const backtest::World& world) {
  const auto seconds = [](backtest::Duration duration) {
    return std::chrono::duration<double>(duration).count();
  };
  json.BeginObject();
  json.Key("capacity_per_replica").Double(world.capacity_per_replica);
  json.Key("pod_start_seconds").Double(seconds(world.pod_start));
  json.Key("nodes").Bool(world.nodes);
  json.Key("node_start_seconds").Double(seconds(world.node_start));
  json.Key("pods_per_node").Integer(world.pods_per_node);
  json.Key("metric_delay_seconds").Double(seconds(world.metric_delay));
  json.Key("hpa_delay_seconds").Double(seconds(world.hpa_delay));
  json.Key("step_seconds").Double(seconds(world.step));
  json.EndObject();
}

}  // namespace

std::string BacktestTable(const Outcome& outcome, const BacktestContext& context) {
  const bool several = outcome.series.size() > 1;
  std::vector<std::vector<std::string>> rows{
      {"RUN", "POD-HOURS", "NODE-HOURS", "EXCESS", "COLD", "ACTIONS", "REVERSALS", "WORST MINUTE"}};
  for (const auto& run : outcome.runs) {
    rows.push_back(Row(run, several));
    if (run.name == "peak-hold") {
      rows.back().front() += " " + outcome.peak_hold;
    }
  }
  const auto& world = context.world;
  auto text = fmt::format(
      "{}: {} series, {:.0f} requests; a replica serves {:.4g}/s and starts in {}, {}\n\n",
      context.history, outcome.series.size(), outcome.runs.front().total.total.requests,
      world.capacity_per_replica, common::FormatDuration(world.pod_start),
      world.nodes ? fmt::format("a node of {} in {}", world.pods_per_node,
                                common::FormatDuration(world.node_start))
                  : "and always finds room");
  text += FormatTable(rows) + "\n";
  for (std::size_t i = 0; i < context.objectives.size(); ++i) {
    text += Verdict(outcome, outcome.runs[i], context.objectives[i]);
  }
  for (const auto& note : context.notes) {
    text += "note: " + note + "\n";
  }
  return text;
}

std::string BacktestJson(const Outcome& outcome, const BacktestContext& context) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("history").String(context.history);
  json.Key("world");
  WriteWorld(json, context.world);
  json.Key("runs").BeginObject();
  for (const auto& run : outcome.runs) {
    json.Key(run.name);
    WriteRun(json, outcome, run);
  }
  json.EndObject();
  json.Key("peak_hold").String(outcome.peak_hold);
  json.Key("peak_hold_sweep").BeginObject();
  for (const auto& run : outcome.sweep) {
    json.Key(run.name);
    WriteTotals(json, run.total.total);
  }
  json.EndObject();
  json.Key("floor");
  WriteTotals(json, outcome.floor.total.total);
  json.Key("notes").BeginArray();
  for (const auto& note : context.notes) {
    json.String(note);
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

}  // namespace scaler::ctl
