#include "scaler/explain/reasons.h"

#include <fmt/format.h>

#include "common/text.h"

namespace scaler::explain {
namespace {

std::string Measured(const engine::Recommendation& recommendation) {
  const auto& signal = recommendation.signal;
  if (signal == "cpu" || signal == "memory") {
    return fmt::format("{:.0f}% of the request, target {:.0f}%", recommendation.value * 100,
                       recommendation.target * 100);
  }
  if (signal == "requests" || signal == "forecast") {
    return fmt::format("{:.1f}/s, {:g}/s a replica", recommendation.value, recommendation.target);
  }
  if (signal == "formula") {
    return fmt::format("{:g}", recommendation.value);
  }
  return fmt::format("{:g}, target {:g}", recommendation.value, recommendation.target);
}

/// What the objective saw coming.
std::string Provided(const engine::Headroom& headroom) {
  const auto lead = common::FormatDuration(headroom.lead);
  auto text = fmt::format("{:.1f} requests/s need {}", headroom.demand, headroom.reactive);
  if (headroom.replicas > headroom.reactive) {
    text += fmt::format("; {} with what may come within {}, the time of {} start",
                        headroom.replicas, lead, headroom.node ? "a node's" : "a replica's");
  }
  if (headroom.last_as_high) {
    text += fmt::format("; the last of them was needed {} ago",
                        common::FormatDuration(*headroom.last_as_high));
  }
  if (headroom.unheld) {
    text += fmt::format(
        "; {} would be held for what may come back, but that has not shown to be "
        "worth it",
        *headroom.unheld);
  }
  if (headroom.season) {
    const auto& season = *headroom.season;
    text += fmt::format("; the seasons of {} say that {:.1f} requests/s are about to come{}",
                        common::FormatDuration(season.season), season.demand,
                        season.used ? "" : ", but have not shown that they help");
  }
  return text;
}

}  // namespace

std::string Recommended(const engine::Recommendation& recommendation) {
  return fmt::format("{}: {} -> {}", recommendation.signal, Measured(recommendation),
                     recommendation.replicas);
}

std::vector<Reason> ReasonsOf(const engine::Decision& decision) {
  std::vector<Reason> reasons;
  for (const auto& recommendation : decision.recommendations) {
    reasons.emplace_back("signal", Recommended(recommendation));
  }
  for (const auto& clamp : decision.clamps) {
    reasons.emplace_back("rule", fmt::format("{}: {} -> {} ({})", engine::RuleName(clamp.rule),
                                             clamp.from, clamp.to, engine::Why(clamp)));
  }
  for (const auto& left_out : decision.left_out) {
    reasons.emplace_back("left out", fmt::format("{}: {}", left_out.what, left_out.why));
  }
  if (decision.headroom) {
    reasons.emplace_back("objective", Provided(*decision.headroom));
  }
  return reasons;
}

}  // namespace scaler::explain
