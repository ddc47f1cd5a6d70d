#include "tests/demo/stage/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <optional>
#include <system_error>

namespace demo {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

/// Milliseconds are as fine as it makes sense.
double Rounded(double seconds) { return std::round(seconds * 1000) / 1000; }

json::value OrNull(const std::optional<double>& seconds) {
  return seconds ? json::value(Rounded(*seconds)) : json::value(nullptr);
}

std::uint64_t FailedBy(const Totals& totals, Cause cause) {
  const auto found = totals.failed.find(cause);
  return found == totals.failed.end() ? 0 : found->second;
}

json::object RequestsOf(const Totals& totals) {
  json::object by_cause;
  for (const auto cause : {Cause::kInjected, Cause::kLostToScaling, Cause::kOther}) {
    by_cause[CauseName(cause)] = FailedBy(totals, cause);
  }
  json::object by_fate;
  for (const auto& [fate, count] : totals.failed_by_fate) {
    by_fate[fate] = count;
  }
  return {{"sent", totals.sent},
          {"answered", totals.answered},
          {"waking", totals.waking},
          {"failed", totals.Failed()},
          {"lost_to_scaling", FailedBy(totals, Cause::kLostToScaling)},
          {"failed_by_cause", by_cause},
          {"failed_by_fate", by_fate}};
}

json::array LoadStepsOf(const std::vector<LoadStep>& steps) {
  json::array list;
  for (const auto& step : steps) {
    list.push_back(json::object{{"tenant", step.tenant},
                                {"decision_seconds", OrNull(step.decision_seconds)},
                                {"serving_seconds", OrNull(step.serving_seconds)}});
  }
  return list;
}

json::array WakesOf(const std::vector<Wake>& wakes) {
  json::array list;
  for (const auto& wake : wakes) {
    list.push_back(json::object{
        {"tenant", wake.tenant}, {"seconds", Rounded(wake.seconds)}, {"refused", wake.refused}});
  }
  return list;
}

json::array LossesOf(const std::vector<Loss>& losses) {
  json::array list;
  for (const auto& loss : losses) {
    const std::chrono::duration<double> took = loss.outcome.ended - loss.outcome.sent;
    list.push_back(json::object{{"tenant", loss.tenant},
                                {"cause", CauseName(loss.cause)},
                                {"fate", FateName(loss.outcome.fate)},
                                {"status", loss.outcome.status},
                                {"sent_monotonic_ns", loss.outcome.sent.time_since_epoch().count()},
                                {"seconds", Rounded(took.count())}});
  }
  return list;
}

json::array AlertsOf(const std::vector<common::prometheus::Alert>& alerts) {
  json::array list;
  for (const auto& alert : alerts) {
    json::object labels;
    for (const auto& [name, value] : alert.labels) {
      labels[name] = value;
    }
    const auto name = alert.labels.find("alertname");
    list.push_back(json::object{{"alertname", name == alert.labels.end() ? "" : name->second},
                                {"labels", labels},
                                {"starts_at", alert.starts_at}});
  }
  return list;
}

json::array TextsOf(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

/// The three that the faults cause always, others where they happened.
json::object RestartsOf(const std::map<std::string, double>& restarts) {
  json::object object{{"oom_killed", 0}, {"app_error", 0}, {"health_check", 0}};
  for (const auto& [reason, count] : restarts) {
    object[reason] = std::llround(count);
  }
  return object;
}

/// Boost.JSON writes no line ends; a summary is read by people too.
void Indent(std::string& out, const json::value& value, const std::string& margin) {
  const auto deeper = margin + "  ";
  const auto* const object = value.if_object();
  const auto* const list = value.if_array();
  if (object != nullptr && !object->empty()) {
    out += "{";
    const char* separator = "\n";
    for (const auto& [key, element] : *object) {
      out += separator + deeper + json::serialize(key) + ": ";
      // An element of a list stays on one line.
      element.is_structured() ? Indent(out, element, deeper)
                              : static_cast<void>(out += json::serialize(element));
      separator = ",\n";
    }
    out += "\n" + margin + "}";
  } else if (list != nullptr && !list->empty()) {
    out += "[";
    const char* separator = "\n";
    for (const auto& element : *list) {
      out += separator + deeper + json::serialize(element);
      separator = ",\n";
    }
    out += "\n" + margin + "]";
  } else {
    out += json::serialize(value);
  }
}

std::string SecondsOrNever(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.2f} s", *seconds) : "never";
}

std::string WakesInWords(const std::vector<Wake>& wakes) {
  if (wakes.empty()) {
    return "none";
  }
  std::vector<double> seconds;
  for (const auto& wake : wakes) {
    seconds.push_back(wake.seconds);
  }
  std::sort(seconds.begin(), seconds.end());
  return fmt::format("{}, from the first refusal to the page {:.2f} s (median), {:.2f} s (longest)",
                     seconds.size(), seconds[seconds.size() / 2], seconds.back());
}

}  // namespace

std::string ToJson(const Summary& summary) {
  const json::object document{{"seconds", Rounded(summary.seconds)},
                              {"requests", RequestsOf(summary.totals)},
                              {"load_steps", LoadStepsOf(summary.load_steps)},
                              {"scale_ups", summary.totals.scale_ups},
                              {"scale_downs", summary.totals.scale_downs},
                              {"scaled_to_zero", summary.totals.scaled_to_zero},
                              {"wakes", WakesOf(summary.wakes)},
                              {"still_waking", TextsOf(summary.still_waking)},
                              {"restarts", RestartsOf(summary.restarts)},
                              {"alerts_received", AlertsOf(summary.alerts_received)},
                              {"losses", LossesOf(summary.losses)},
                              {"left_behind", TextsOf(summary.left_behind)}};
  std::string text;
  Indent(text, document, "");
  return text + "\n";
}

std::string ToText(const Summary& summary) {
  const auto& totals = summary.totals;
  std::string text = fmt::format(
      "Requests: {} sent in {:.0f} s, {} answered, {} met a sleeping shop, {} failed ({} by an "
      "injected fault, {} lost to scaling, {} otherwise).\n",
      totals.sent, summary.seconds, totals.answered, totals.waking, totals.Failed(),
      FailedBy(totals, Cause::kInjected), FailedBy(totals, Cause::kLostToScaling),
      FailedBy(totals, Cause::kOther));
  for (const auto& step : summary.load_steps) {
    text += fmt::format("Tenfold load on {}: decided after {}, served by a new replica after {}.\n",
                        step.tenant, SecondsOrNever(step.decision_seconds),
                        SecondsOrNever(step.serving_seconds));
  }
  text += fmt::format("Scaled up {} times, down {} times, of these {} to zero.\n", totals.scale_ups,
                      totals.scale_downs, totals.scaled_to_zero);
  text += "Wakes from zero: " + WakesInWords(summary.wakes) + ".\n";
  text += "Restarts in Prometheus:";
  for (const auto& [reason, count] : RestartsOf(summary.restarts)) {
    text += fmt::format(" {} {}", std::string_view(reason), count.as_int64());
  }
  text += ".\nAlerts in Alertmanager:";
  for (const auto& alert : summary.alerts_received) {
    const auto label = [&](const char* name) {
      const auto found = alert.labels.find(name);
      return found == alert.labels.end() ? std::string() : " " + found->second;
    };
    text += label("alertname") + label("workload") + ";";
  }
  text += summary.alerts_received.empty() ? " none.\n" : "\n";
  for (const auto& left : summary.left_behind) {
    text += "Left behind (removed now): " + left + "\n";
  }
  return text;
}

common::Result<void> WriteSummary(const Summary& summary, const fs::path& path) {
  const fs::path draft = path.string() + ".part";
  {
    std::ofstream file(draft, std::ios::trunc);
    file << ToJson(summary);
    file.flush();
    if (!file) {
      return common::FailErrno("cannot write " + draft.string());
    }
  }
  std::error_code error;
  fs::rename(draft, path, error);
  if (error) {
    return tl::make_unexpected(
        common::Error{error, "cannot write " + path.string() + ": " + error.message()});
  }
  return {};
}

}  // namespace demo
