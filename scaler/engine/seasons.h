#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scaler/engine/proof.h"

namespace scaler::engine {

/// What one workload's demand is like at each part of a day, a week, or another season. The parts
/// are of UTC, so that what begins on the hour begins with a part.
struct Season {
  Duration length{};
  /// A character for the peak of each part, old seasons fading; see seasons.cpp. Empty: none yet.
  std::string peaks;
  Time part{};        ///< When the part of the last sample began.
  double peak = 0;    ///< So far in that part, requests per second.
  double before = 0;  ///< In the part before it.
  Proof proof;        ///< That its forecasts help.

  friend bool operator==(const Season&, const Season&) = default;
};

/// More are not watched; a policy file has no more.
inline constexpr std::size_t kMostSeasons = 8;

/// For each season the demand that it says is about to come, requests per second; 0: nothing.
using SeasonForecasts = std::array<double, kMostSeasons>;

/// The seasons of a policy; empty where there are to be none.
[[nodiscard]] std::span<const Duration> SeasonsOf(const Forecast& forecast);

/// What is about to come within the lead after a sample: where demand rose at this part of the
/// seasons before by a half or more, to that height, as far as demand of now goes with that of
/// then. Nothing any more once it has come, and nothing where it did not rise: what stays or falls
/// is seen without any season. Falls with no demand of now.
[[nodiscard]] SeasonForecasts ForecastSeasons(const std::vector<Season>& seasons, Time at,
                                              double demand, Duration lead);

/// The seasons are those of `lengths` from now on, what is known of them kept; and the sample is
/// remembered.
void LearnSeasons(std::span<const Duration> lengths, Time at, double demand,
                  std::vector<Season>& seasons);

/// A forecast counts where it would have saved more than it cost, on balance and in two seasons at
/// least.
[[nodiscard]] ProofRule SeasonRule(const Season& season);

/// The best of the forecasts that count, or of all of them; an index, empty where none says
/// anything.
[[nodiscard]] std::optional<std::size_t> HighestForecast(const std::vector<Season>& seasons,
                                                         const SeasonForecasts& forecasts,
                                                         bool only_proven);

}  // namespace scaler::engine
