#include "scaler/ctl/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "common/clock.h"
#include "common/json_writer.h"
#include "scaler/explain/reasons.h"

namespace scaler::ctl {
namespace {

using backtest::Outcome;
using backtest::RunResult;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --line: #8884; --soft: #8888; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25em .8em; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 12px; fill: currentColor; }
.note { opacity: .75; margin: .3em 0; }
label { margin-right: 1em; white-space: nowrap; }
#tip { position: fixed; pointer-events: none; max-width: 36em; padding: .5em .7em; font-size: 13px;
  background: Canvas; color: CanvasText; border: 1px solid var(--soft); border-radius: 4px;
  white-space: pre-line; display: none; box-shadow: 0 2px 8px #0004; }
)";

std::string Cell(const std::string& text) { return "<td>" + EscapeHtml(text) + "</td>"; }

std::string TableRow(const RunResult& run, const std::string& name) {
  const auto& total = run.total.total;
  return "<tr>" + Cell(name) + Cell(fmt::format("{:.1f}", total.pod_hours)) +
         Cell(fmt::format("{:.1f}", total.node_hours)) +
         Cell(fmt::format("{:.4g} %", total.ExcessShare() * 100)) +
         Cell(fmt::format("{:.0f}", total.cold_requests)) + Cell(fmt::format("{}", total.actions)) +
         Cell(fmt::format("{}", total.reversals)) + "</tr>\n";
}

std::string NumbersTable(const Outcome& outcome) {
  std::string table =
      "<table><thead><tr><th>run</th><th>pod-hours</th><th>node-hours</th><th>excess</th>"
      "<th>cold requests</th><th>actions</th><th>reversals</th></tr></thead><tbody>\n";
  for (const auto& run : outcome.runs) {
    table += TableRow(run, run.name == "peak-hold" ? "peak-hold " + outcome.peak_hold : run.name);
  }
  return table + "</tbody></table>\n";
}

void WritePoint(common::JsonWriter& json, const RunResult& run, bool rule) {
  json.BeginObject();
  json.Key("name").String(run.name);
  json.Key("hours").Double(run.total.total.pod_hours);
  json.Key("excess").Double(run.total.total.ExcessShare());
  json.Key("rule").Bool(rule);
  json.EndObject();
}

void WriteChange(common::JsonWriter& json, const backtest::Change& change) {
  json.BeginObject();
  json.Key("at").Integer(change.at.time_since_epoch().count());
  json.Key("from").Integer(change.from);
  json.Key("to").Integer(change.to);
  std::string why = fmt::format("{:.4g} requests/s seen", change.rate);
  if (change.reason) {
    for (const auto& [label, content] : explain::ReasonsOf(*change.reason)) {
      why += "\n" + label + ": " + content;
    }
  }
  json.Key("why").String(why);
  json.EndObject();
}

void WriteRecording(common::JsonWriter& json, const backtest::Recording& recording,
                    const std::string& peak_hold) {
  json.BeginObject();
  // As in the other drawing; no policy's name has a space.
  json.Key("run").String(recording.run == peak_hold ? "peak-hold" : recording.run);
  for (const auto& [key, values] :
       {std::pair("fewest", &recording.fewest_ready), {"most", &recording.most_ready}}) {
    json.Key(key).BeginArray();
    for (const int value : *values) {
      json.Integer(std::max(0, value));
    }
    json.EndArray();
  }
  json.Key("left_out").Integer(static_cast<std::int64_t>(recording.changes_left_out));
  json.Key("changes").BeginArray();
  for (const auto& change : recording.changes) {
    WriteChange(json, change);
  }
  json.EndArray().EndObject();
}

std::string Data(const Outcome& outcome, const BacktestContext& context,
                 const std::vector<ReportedSeries>& series) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("capacity").Double(context.world.capacity_per_replica);
  json.Key("points").BeginArray();
  for (const auto& run : outcome.runs) {
    WritePoint(json, run, false);
  }
  for (const auto& run : outcome.sweep) {
    WritePoint(json, run, true);
  }
  json.EndArray();
  json.Key("series").BeginArray();
  for (const auto& one : series) {
    json.BeginObject();
    json.Key("name").String(one.name);
    json.Key("begin").Integer(one.begin.time_since_epoch().count());
    json.Key("length").Integer(one.length.count());
    json.Key("demand").BeginArray();
    for (const double rate : one.highest_demand) {
      json.Double(rate);
    }
    json.EndArray();
    json.Key("runs").BeginArray();
    for (const auto& recording : one.recordings) {
      WriteRecording(json, recording, outcome.peak_hold);
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  // Inside of a script nothing ends it but "</", and nothing else in JSON has that sign.
  std::string safe;
  for (const char c : json.Take()) {
    safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  }
  return safe;
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::vector<std::string> WorthALook(const Outcome& outcome, std::size_t most) {
  std::vector<std::size_t> order(outcome.series.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto& results = outcome.runs.front().series;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    const auto& a = results[left].total;
    const auto& b = results[right].total;
    return std::pair(a.excess, a.requests) > std::pair(b.excess, b.requests);
  });
  std::vector<std::string> names;
  for (const auto index : order) {
    if (names.size() < most) {
      names.push_back(outcome.series[index]);
    }
  }
  return names;
}

std::string ReportHtml(const Outcome& outcome, const BacktestContext& context,
                       const std::vector<ReportedSeries>& series) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  // The page asks nobody for anything, and nobody can make it.
  page +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n";
  page += "<title>Backtest: " + EscapeHtml(outcome.runs.front().name) + "</title>\n<style>";
  page += kStyle;
  page += "</style></head><body>\n<h1>Backtest of " + EscapeHtml(outcome.runs.front().name) +
          "</h1>\n<p>" + EscapeHtml(context.history) +
          fmt::format(": {} series, {:.0f} requests.</p>\n", outcome.series.size(),
                      outcome.runs.front().total.total.requests);
  page += NumbersTable(outcome);
  for (const auto& note : context.notes) {
    page += "<p class=\"note\">" + EscapeHtml(note) + "</p>\n";
  }
  page +=
      "<h2>Cost and excess</h2>\n<p class=\"note\">Down and left is better. Grey: every "
      "peak-hold rule, the line joins the best of them.</p>\n<div id=\"plane\"></div>\n";
  if (!series.empty()) {
    page += fmt::format(
        "<h2>Over time</h2>\n<p class=\"note\">{} of {} series, those with the most in excess. "
        "Demand and the capacity that is ready; a dot is a decision.</p>\n"
        "<p><label>Series <select id=\"series\"></select></label><span id=\"runs\"></span></p>\n"
        "<div id=\"time\"></div>\n",
        series.size(), outcome.series.size());
  }
  page += "<div id=\"tip\"></div>\n<script type=\"application/json\" id=\"data\">" +
          Data(outcome, context, series) + "</script>\n<script>" + kReportScript +
          "</script>\n</body></html>\n";
  return page;
}

}  // namespace scaler::ctl
