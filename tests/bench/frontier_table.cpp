#include "bench/frontier_table.h"

#include <algorithm>
#include <cstdio>

namespace bench {

using scaler::backtest::RunResult;
using scaler::backtest::Totals;

const Totals& Of(const RunResult& run, Part part) {
  return part == Part::kAll ? run.total.total : run.total.halves[part == Part::kFirstHalf ? 0 : 1];
}

std::vector<const RunResult*> FrontierOf(const std::vector<RunResult>& rules, Part part) {
  std::vector<const RunResult*> sorted;
  for (const auto& rule : rules) {
    sorted.push_back(&rule);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [&](const auto* left, const auto* right) {
    return Of(*left, part).pod_hours < Of(*right, part).pod_hours;
  });
  std::vector<const RunResult*> frontier;
  for (const auto* rule : sorted) {
    if (frontier.empty() ||
        Of(*rule, part).ExcessShare() < Of(*frontier.back(), part).ExcessShare()) {
      frontier.push_back(rule);
    }
  }
  return frontier;
}

void PrintRuns(const char* who, const std::vector<const RunResult*>& runs, Part part) {
  std::printf("    %-10s", who);
  for (const auto* run : runs) {
    const auto& totals = Of(*run, part);
    std::printf(" %.0f/%.2e(%s)", totals.pod_hours, totals.ExcessShare(), run->name.c_str());
  }
  std::printf("\n");
}

void PrintGaps(const std::vector<const RunResult*>& frontier,
               const std::vector<const RunResult*>& runs, double oracle_hours, Part part) {
  std::printf("    %-10s", "closes");
  for (const auto* run : runs) {
    const auto& totals = Of(*run, part);
    const auto rule = std::find_if(frontier.begin(), frontier.end(), [&](const auto* one) {
      return Of(*one, part).ExcessShare() <= totals.ExcessShare();
    });
    const double hours = rule == frontier.end() ? 0 : Of(**rule, part).pod_hours;
    if (rule == frontier.end()) {
      std::printf(" %s:none so good", run->name.c_str());
    } else if (hours <= oracle_hours) {
      std::printf(" %s:no gap", run->name.c_str());
    } else {
      std::printf(" %s:%+.0f%%", run->name.c_str(),
                  (hours - totals.pod_hours) / (hours - oracle_hours) * 100);
    }
  }
  std::printf("\n");
}

}  // namespace bench
