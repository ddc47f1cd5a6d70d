#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "scaler/engine/demand_levels.h"

namespace scaler::engine {

/// For how much demand (requests per second) there is room at a trial, and would be otherwise.
struct Provided {
  double provided = 0;           ///< By the decision.
  double unseasonal = 0;         ///< Without any season's forecast.
  double brief = 0;              ///< And holding nothing for what was there before.
  double held = 0;               ///< And holding for as long as the objective needs.
  double price = 0;              ///< Of room that is not used, in requests that find none.
  std::vector<double> seasonal;  ///< What each season alone says; 0: nothing.

  friend bool operator==(const Provided&, const Provided&) = default;
};

/// Whether a trial that began so long ago has its outcome in this sample. Two who look at the same
/// demand look some milliseconds apart: their trials are to end with the same sample all the same.
[[nodiscard]] bool IsOver(Duration since, Duration until);

/// A trial that has begun. Beside ForecastErrors and not within: clang holds a nested one with
/// initializers for incomplete, where it stands in an optional.
struct ForecastTrial {
  Time at{};         ///< Of the sample that it began with.
  Duration until{};  ///< After which the outcome is looked at.
  double demand = 0;
  Provided room;
  /// The row of each column, three bits each, 10 columns a number.
  std::vector<std::uint32_t> rows;

  friend bool operator==(const ForecastTrial&, const ForecastTrial&) = default;
};

/// How far demand moves within the lead, learned from trials: at one sample it is written down how
/// high demand is and since when it has not been higher; one lead later it is seen which levels it
/// has reached.
///
/// A level is described by its distance above the demand of the trial, in units of the typical move
/// at that demand (which makes small counts and large ones alike), and by the time since demand was
/// last as high. Counts of both are kept for each cell of that grid, so that headroom for growth
/// and the holding of what may come back are one and the same estimate.
struct ForecastErrors {
  using Trial = ForecastTrial;

  std::optional<Trial> trial;
  /// By rows (time since as high), then columns (distance): trials, and those that reached it.
  /// Empty: no trial has ended.
  std::vector<std::uint32_t> trials;
  std::vector<std::uint32_t> reached;
  /// By octave of demand: trials, and the sum of the moves in 1/4096 of the octave's middle.
  std::vector<std::uint32_t> scale_trials;
  std::vector<std::uint32_t> scale_moves;
  /// The median of the moves since demand last jumped to less than half or more than twice, in
  /// requests per second; 0 before any is known.
  double usual_move = 0;

  friend bool operator==(const ForecastErrors&, const ForecastErrors&) = default;
};

/// The chances that follow from what was learned, for one decision. They are worked out as far as
/// somebody asks. The errors must outlive it.
class Chances {
 public:
  static constexpr std::size_t kRows = 8;
  static constexpr std::size_t kColumns = 15;

  /// `move`: the typical move at this demand within the lead that is asked about.
  Chances(const ForecastErrors& errors, double demand, double move);

  /// That demand is at least `level` > the demand of now after the lead; `age` is how long ago it
  /// last was, empty for never. Falls with `level`; rises with the demand of now.
  [[nodiscard]] double Of(double level, std::optional<Duration> age);

  /// So many typical moves above the demand of now nothing is expected any more.
  [[nodiscard]] static double FarthestMoves();

 private:
  void LearnColumn(std::size_t column);  ///< After the one before it.

  const ForecastErrors& errors_;
  double demand_;
  double move_;
  double prior_;             ///< Of the next column.
  std::size_t columns_ = 0;  ///< So many are known.
  std::array<double, kRows * kColumns> chance_;
};

/// How a trial ended.
struct TrialOutcome {
  double demand = 0;  ///< Requests per second, one lead after the trial began.
  Provided room;
  Duration lead{};
};

/// Ends the trial of `errors` when its time has come and begins the next one; `levels` know of this
/// sample already. A sample that comes much too late ends a trial without an outcome. A trial
/// begins only while `busy`: an idle workload's errors rest.
std::optional<TrialOutcome> LearnErrors(Time at, double demand, const Provided& room, Duration lead,
                                        bool busy, const DemandLevels& levels,
                                        ForecastErrors& errors);

/// Forgets tables that are not of our sizes: another version's, or made up.
void KeepUsable(ForecastErrors& errors);

/// The typical move within the trials' lead at this demand, in requests per second.
[[nodiscard]] double TypicalMove(const ForecastErrors& errors, double demand);

}  // namespace scaler::engine
