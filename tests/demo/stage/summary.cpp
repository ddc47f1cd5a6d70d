#include "tests/demo/stage/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace demo {
namespace {

std::string SecondsOrNever(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.2f} s", *seconds) : "never";
}

std::string WakesInWords(const std::vector<Wake>& wakes) {
  if (wakes.empty()) {
    return "none";
  }
  std::vector<double> served;
  std::vector<double> decided;
  for (const auto& wake : wakes) {
    served.push_back(wake.seconds);
    decided.push_back(wake.decision_seconds);
  }
  std::sort(served.begin(), served.end());
  std::sort(decided.begin(), decided.end());
  const auto middle = wakes.size() / 2;
  return fmt::format(
      "{}; decided {:.2f} s after the first visit (median; longest {:.2f} s), served when the page "
      "came back, after {:.2f} s (longest {:.2f} s)",
      wakes.size(), decided[middle], decided.back(), served[middle], served.back());
}

std::string GapInWords(const Gap& gap) {
  std::string text = fmt::format("{} answered", gap.answered);
  for (const auto& [cause, count] : gap.failed) {
    text += fmt::format(", {} failed ({})", count, CauseName(cause));
  }
  for (const auto& [fate, count] : gap.failed_by_fate) {
    text += fmt::format(", {} {}", count, fate);
  }
  return text;
}

std::string FaultInWords(const FaultSummary& fault) {
  auto text = fmt::format("Fault: {} of {} at {:.1f} s, ", FaultKindName(fault.plan.kind),
                          fault.plan.part, fault.began_seconds);
  text += fault.back_seconds ? fmt::format("ready again {:.1f} s later; ",
                                           *fault.back_seconds - fault.began_seconds)
                             : "never ready again; ";
  text += "in the gap " + GapInWords(fault.gap);
  if (fault.replicas) {
    text += fmt::format("; {} of {} replicas are the same processes, {} run twice",
                        fault.replicas->same, fault.replicas->before, fault.replicas->twice.size());
  }
  return text + ".\n";
}

std::string CountsInWords(const Counted& counted) {
  return fmt::format("Requests counted: {} by visitors, {} in Prometheus, {} counter resets.\n",
                     counted.by_visitors,
                     counted.in_prometheus ? fmt::format("{:.0f}", *counted.in_prometheus) : "none",
                     counted.resets ? fmt::format("{:.0f}", *counted.resets) : "unknown");
}

std::string ReclaimInWords(const Reclaim& reclaim, std::uint64_t lost) {
  auto text = fmt::format("Reclaim of {} (zone {}) at {:.1f} s, ", reclaim.node, reclaim.zone,
                          reclaim.began_seconds);
  text += reclaim.notice_seconds > 0
              ? fmt::format("announced {:.0f} s before; empty after {}", reclaim.notice_seconds,
                            SecondsOrNever(reclaim.emptied_seconds))
              : std::string("unannounced");
  return text +
         fmt::format("; {} replicas were on it, {} requests lost.\n", reclaim.replicas, lost);
}

std::string AllSeconds(const std::vector<double>& all) {
  std::string text;
  for (const auto seconds : all) {
    text += fmt::format("{}{:.2f} s", text.empty() ? "" : ", ", seconds);
  }
  return text.empty() ? "none" : text;
}

std::string CapacityInWords(const CapacitySummary& capacity) {
  auto text = fmt::format("Nodes: at most {}; the spare was there {:.0f}% of the time",
                          capacity.most_nodes, 100 * capacity.spare_ok_share);
  if (capacity.cost_share_of_on_demand) {
    text += fmt::format("; they cost {:.0f}% of what they would have on demand",
                        100 * *capacity.cost_share_of_on_demand);
  }
  text += ".\n";
  for (std::size_t number = 0; number < capacity.reclaims.size(); ++number) {
    text += ReclaimInWords(capacity.reclaims[number], capacity.lost.at(number));
  }
  text += "Fallback to on-demand after: " + AllSeconds(capacity.fallback_seconds) +
          "; back to spot after: " + AllSeconds(capacity.return_seconds) + ".\n";
  for (const auto& problem : capacity.problems) {
    text += "Nodes: " + problem + "\n";
  }
  return text;
}

}  // namespace

std::map<std::string, std::int64_t> RestartsByReason(const Summary& summary) {
  std::map<std::string, std::int64_t> counts{
      {"oom_killed", 0}, {"app_error", 0}, {"health_check", 0}};
  for (const auto& [reason, count] : summary.restarts) {
    counts[reason] = std::llround(count);
  }
  return counts;
}

std::string ToText(const Summary& summary) {
  const auto& totals = summary.totals;
  std::string text = fmt::format(
      "Requests: {} sent in {:.0f} s, {} answered, {} met a sleeping shop, {} failed ({} by an "
      "injected fault, {} lost to a reclaim, {} lost to scaling, {} otherwise).\n",
      totals.sent, summary.seconds, totals.answered, totals.waking, totals.Failed(),
      totals.FailedBy(Cause::kInjected), totals.FailedBy(Cause::kLostToReclaim),
      totals.FailedBy(Cause::kLostToScaling), totals.FailedBy(Cause::kOther));
  for (const auto& step : summary.load_steps) {
    text += fmt::format("Tenfold load on {}: decided after {}, served by a new replica after {}.\n",
                        step.tenant, SecondsOrNever(step.decision_seconds),
                        SecondsOrNever(step.serving_seconds));
  }
  text += fmt::format("Scaled up {} times, down {} times, of these {} to zero.\n", totals.scale_ups,
                      totals.scale_downs, totals.scaled_to_zero);
  text += "Wakes from zero: " + WakesInWords(summary.wakes) + ".\n";
  text += CapacityInWords(summary.capacity);
  text += "Restarts in Prometheus:";
  for (const auto& [reason, count] : RestartsByReason(summary)) {
    text += fmt::format(" {} {}", reason, count);
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
  text += CountsInWords(summary.counted);
  for (const auto& fault : summary.faults) {
    text += FaultInWords(fault);
  }
  if (!summary.faults.empty()) {
    text +=
        fmt::format("Decisions: {} seen, {} no longer listed, {} that do not go on from before.\n",
                    summary.history.seen, summary.history.forgotten, summary.history.broken);
  }
  for (const auto& left : summary.left_behind) {
    text += "Left behind (removed now): " + left + "\n";
  }
  return text;
}

}  // namespace demo
