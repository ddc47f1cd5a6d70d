#include "scaler/engine/need.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scaler::engine {
namespace {

/// No policy allows more; keeps a wild product from overflowing an int.
constexpr double kMostReplicas = 1'000'000;

/// Thousandths of a replica are the noise of additions.
constexpr double kNoise = 1e-9;

int Up(double replicas) {
  if (std::isnan(replicas)) {
    return 0;  // More than any number can be, less as much.
  }
  return static_cast<int>(std::ceil(std::clamp(replicas, 0.0, kMostReplicas) - kNoise));
}

bool IsItsOwn(std::string_view signal) {
  return signal == "cpu" || signal == "memory" || signal == "in_flight" || signal == "queued";
}

/// The engine's word for what people call `inFlight`.
std::string_view SignalOf(std::string_view name) { return name == "inFlight" ? "in_flight" : name; }

template <typename Counts>
int Largest(const std::vector<Recommendation>& recommendations, const Counts& counts) {
  int largest = 0;
  for (const auto& recommendation : recommendations) {
    if (counts(recommendation.signal)) {
      largest = std::max(largest, recommendation.replicas);
    }
  }
  return largest;
}

/// What the signal of that name asks for, a forecast with the requests that it foresees. One that
/// asks for nothing, as cpu where nothing runs, needs none.
template <typename Counts>
double Need(std::string_view name, const Recommendations& asked, const Counts& counts) {
  const auto signal = SignalOf(name);
  return Largest(asked.from_signals, [&](std::string_view each) {
    return counts(each) && (each == signal || (signal == "requests" && each == "forecast"));
  });
}

/// Of the signals of a formula, one that nobody can tell.
struct Missing {
  std::string signal;
};

template <typename Counts>
std::pair<double, Missing> Evaluate(const std::string& formula, const Recommendations& asked,
                                    const Counts& counts) {
  Missing missing;
  const auto result = EvaluateFormula(formula, [&](std::string_view name) {
    const auto signal = SignalOf(name);
    const bool gone = std::any_of(asked.missing.begin(), asked.missing.end(),
                                  [&](const LeftOut& one) { return one.what == signal; });
    if (gone && missing.signal.empty()) {
      missing.signal = name;
    }
    return std::optional(Need(name, asked, counts));
  });
  return {result.value, missing};
}

}  // namespace

int NeedOf(const Policy& policy, const Recommendations& asked, int current, Decision& decision) {
  const auto all = [](std::string_view /*signal*/) { return true; };
  if (policy.formula.empty()) {
    return Largest(asked.from_signals, all);
  }
  const auto [value, missing] = Evaluate(policy.formula, asked, all);
  if (!missing.signal.empty()) {
    decision.left_out.push_back({"formula", missing.signal + " is missing"});
    return current;
  }
  const int replicas = Up(value);
  decision.recommendations.push_back({"formula", value, 0, replicas});
  return replicas;
}

int NeedFromOutside(const Policy& policy, const Recommendations& asked) {
  const auto from_outside = [](std::string_view signal) { return !IsItsOwn(signal); };
  if (policy.formula.empty()) {
    return Largest(asked.from_signals, from_outside);
  }
  const auto [value, missing] = Evaluate(policy.formula, asked, from_outside);
  return missing.signal.empty() ? Up(value) : 0;
}

FormulaResult CheckFormula(std::string_view formula, const Signals& signals) {
  return EvaluateFormula(formula, [&](std::string_view name) -> std::optional<double> {
    const auto external = std::any_of(signals.external.begin(), signals.external.end(),
                                      [&](const ExternalSignal& one) { return one.name == name; });
    const bool known = (name == "requests" && signals.requests) ||
                       (name == "inFlight" && signals.in_flight) ||
                       (name == "queued" && signals.queued) || (name == "cpu" && signals.cpu) ||
                       (name == "memory" && signals.memory) || external;
    return known ? std::optional(0.0) : std::nullopt;
  });
}

}  // namespace scaler::engine
