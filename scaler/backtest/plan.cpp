#include "scaler/backtest/plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace scaler::backtest {
namespace {

/// From here on an objective is none (see engine::Objective).
constexpr double kNoObjective = 0.5;

constexpr Duration kKedaCooldown = std::chrono::minutes(5);

const RunResult* Find(const std::vector<RunResult>& runs, const std::string& name) {
  const auto found =
      std::find_if(runs.begin(), runs.end(), [&](const auto& run) { return run.name == name; });
  return found == runs.end() ? nullptr : &*found;
}

}  // namespace

Plan::Plan(std::vector<std::pair<std::string, policy::ScalingPolicy>> documents,
           const Against& against) {
  const int min = documents.front().second.terms.policy.replicas.min;
  const int some = std::max(min, 1);
  for (auto& [name, document] : documents) {
    const auto& objective = document.terms.policy.objective;
    objectives_.push_back(objective.overload < kNoObjective ? std::optional(objective)
                                                            : std::nullopt);
    contenders_.push_back(PolicyContender(std::move(name), document));
    policies_.push_back(std::move(document));
  }
  HpaOptions hpa;
  hpa.min = some;
  if (against.hpa) {
    contenders_.push_back(HpaContender("hpa", hpa));
  }
  if (against.hpa_cpu) {
    auto on_cpu = hpa;
    on_cpu.saturates = true;
    contenders_.push_back(HpaContender("hpa-cpu", on_cpu));
  }
  if (against.keda) {
    auto to_zero = hpa;
    to_zero.zero_after = kKedaCooldown;
    contenders_.push_back(HpaContender("keda", to_zero));
  }
  if (against.fixed) {
    contenders_.push_back(StaticContender(some));
  }
  contenders_.push_back(OracleContender("oracle", 1, min));
  contenders_.push_back(OracleContender("oracle70", 0.7, some));
  contenders_.push_back(FloorContender(min));
  first_of_sweep_ = contenders_.size();
  for (const auto& options : PeakHoldSweep(min)) {
    contenders_.push_back(PeakHoldContender(options));
  }
}

std::vector<const Contender*> Plan::WorthRecording(const std::string& of_sweep) const {
  constexpr std::size_t kMostPolicies = 3;
  std::vector<const Contender*> worth;
  for (std::size_t i = 0; i < contenders_.size(); ++i) {
    const auto& contender = contenders_[i];
    const bool policy = i < std::min(policies_.size(), kMostPolicies);
    const bool hpa = i >= policies_.size() && contender.name == "hpa";
    if (policy || hpa || (i >= first_of_sweep_ && contender.name == of_sweep)) {
      worth.push_back(&contender);
    }
  }
  return worth;
}

Outcome MakeOutcome(const Plan& plan, Comparison& comparison) {
  Outcome outcome;
  outcome.series = comparison.SeriesNames();
  auto runs = comparison.TakeRuns();
  const auto first = runs.begin() + static_cast<std::ptrdiff_t>(plan.FirstOfSweep());
  outcome.sweep.assign(std::make_move_iterator(first), std::make_move_iterator(runs.end()));
  runs.erase(first, runs.end());
  outcome.floor = std::move(runs.back());
  runs.pop_back();
  outcome.runs = std::move(runs);
  auto best =
      CheapestWithin(Frontier(outcome.sweep), outcome.runs.front().total.total.ExcessShare());
  outcome.peak_hold = std::exchange(best.name, "peak-hold");
  outcome.runs.push_back(std::move(best));
  return outcome;
}

std::optional<double> GapClosed(const Outcome& outcome, const RunResult& run) {
  const double share = run.total.total.ExcessShare();
  const auto& rule = CheapestWithin(Frontier(outcome.sweep), share).total.total;
  const auto* const oracle = Find(outcome.runs, "oracle");
  if (oracle == nullptr || rule.ExcessShare() > share) {
    return std::nullopt;
  }
  const double gap = rule.pod_hours - oracle->total.total.pod_hours;
  if (gap <= 0) {
    return std::nullopt;
  }
  return (rule.pod_hours - run.total.total.pod_hours) / gap;
}

}  // namespace scaler::backtest
