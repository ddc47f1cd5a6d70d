#include "scaler/engine/forecast_errors.h"

#include <algorithm>
#include <cmath>

namespace scaler::engine {
namespace {

using std::chrono::seconds;

constexpr std::size_t kRows = Chances::kRows;
constexpr std::size_t kColumns = Chances::kColumns;

/// Distances of the levels that a trial asks about, in typical moves.
constexpr std::array<double, kColumns> kDistances{0.1, 0.5, 1,  1.5, 2,  3,  4, 5,
                                                  6,   8,   10, 14,  20, 30, 45};
/// How long ago demand was last as high: up to these, or longer ago, or never. Thrice the one
/// before.
constexpr std::array<Duration, kRows - 1> kAges{seconds(15),    seconds(75),   seconds(240),
                                                seconds(750),   seconds(2400), seconds(7500),
                                                seconds(30'000)};

/// What is believed before anything is known, in trials: that a level is reached less often than
/// the nearer and the younger one, by this factor.
constexpr double kPriorTrials = 5;
constexpr double kPriorFactor = 0.5;
constexpr double kPriorNearest = 0.02;

/// Beyond so many trials old ones are forgotten: half of all.
constexpr std::uint32_t kMostTrials = 8000;
constexpr std::uint32_t kMostScaleTrials = 2000;

/// Demands of less than 2^-16 or more than 2^16 requests per second share the outermost octaves.
constexpr int kOctaves = 32;
constexpr int kLowestOctave = -16;
constexpr double kMoveUnit = 4096;
/// Demand that has never moved will.
constexpr double kLeastMove = 0.01;
/// Before anything is known: chance arrivals counted over this window, and this share beside.
constexpr double kPriorWindowSeconds = 30;
constexpr double kPriorShare = 0.05;

/// A trial moves the median by this part of itself, or of what was believed before.
constexpr double kMedianGain = 0.125;
constexpr double kLeastMedianGain = 0.05;
constexpr double kNoMove = 0.001;  ///< So small a share of demand is none.

/// A loop looks at a sample at most its shortest interval after another does, and counts that in.
constexpr Duration kApart = std::chrono::milliseconds(100);

constexpr std::uint32_t kBitsOfRow = 3;
constexpr std::size_t kRowsInWord = 10;
constexpr std::size_t kWords = (kColumns + kRowsInWord - 1) / kRowsInWord;  ///< Of a trial's rows.

std::size_t RowOf(std::optional<Duration> age) {
  std::size_t row = 0;
  while (row < kAges.size() && (!age || *age > kAges[row])) {
    ++row;
  }
  return row;
}

std::size_t OctaveOf(double demand) {
  int exponent = 0;
  std::frexp(demand, &exponent);  // demand is in [2^(exponent-1), 2^exponent).
  return static_cast<std::size_t>(std::clamp(exponent - 1 - kLowestOctave, 0, kOctaves - 1));
}

/// Middles of the octaves, and the moves that are believed there before anything is known.
struct Octaves {
  std::array<double, kOctaves> middle{};
  std::array<double, kOctaves> prior{};

  Octaves() {
    for (int i = 0; i < kOctaves; ++i) {
      const auto octave = static_cast<std::size_t>(i);
      middle[octave] = std::ldexp(1.5, i + kLowestOctave);
      prior[octave] =
          std::sqrt(middle[octave] / kPriorWindowSeconds) + kPriorShare * middle[octave];
    }
  }
};

const Octaves kOctave;

/// The typical move at the middle of the octave, falling to no lower octave's. An octave with few
/// trials follows its neighbour.
class Moves {
 public:
  explicit Moves(const ForecastErrors& errors) : errors_(errors) {
    while (lowest_ < errors.scale_trials.size() && errors.scale_trials[lowest_] == 0) {
      ++lowest_;
    }
    if (lowest_ >= errors.scale_trials.size()) {
      lowest_ = 0;
    }
    octave_ = lowest_;
    move_ = std::max(Learned(lowest_, kOctave.prior[lowest_]), Least(lowest_));
  }

  /// The questions rise.
  double At(std::size_t octave) {
    if (octave < lowest_) {
      return move_ * kOctave.prior[octave] / kOctave.prior[lowest_];
    }
    for (; octave_ < octave; ++octave_) {
      const double prior = move_ * kOctave.prior[octave_ + 1] / kOctave.prior[octave_];
      move_ = std::max({move_, Learned(octave_ + 1, prior), Least(octave_ + 1)});
    }
    return move_;
  }

 private:
  [[nodiscard]] double Learned(std::size_t octave, double prior) const {
    if (octave >= errors_.scale_trials.size() || errors_.scale_trials[octave] == 0) {
      return prior;
    }
    const double sum = errors_.scale_moves[octave] * kOctave.middle[octave] / kMoveUnit;
    return (sum + kPriorTrials * prior) / (errors_.scale_trials[octave] + kPriorTrials);
  }

  static double Least(std::size_t octave) { return kLeastMove * kOctave.middle[octave]; }

  const ForecastErrors& errors_;
  std::size_t lowest_ = 0;
  std::size_t octave_ = 0;
  double move_ = 0;
};

/// Demands between which nothing is usual.
bool IsJump(double from, double to) { return std::abs(to - from) > std::max(from, to) / 2; }

/// Up where the move was larger, down where it was not: as often the one as the other.
void LearnUsualMove(double from, double to, double& usual) {
  const double step =
      std::max(usual * kMedianGain, kLeastMedianGain * kOctave.prior[OctaveOf(from)]);
  const bool more = std::abs(to - from) > std::max(usual, kNoMove * from);
  usual = more ? usual + step : std::max(usual - step, 0.0);
}

void LearnMove(double from, double to, ForecastErrors& errors) {
  errors.scale_trials.resize(kOctaves);
  errors.scale_moves.resize(kOctaves);
  const auto octave = OctaveOf(from);
  auto& trials = errors.scale_trials[octave];
  auto& moves = errors.scale_moves[octave];
  const double move = std::abs(to - from) / kOctave.middle[octave] * kMoveUnit;
  // More than a hundredfold is as good as a hundredfold, and cannot overflow the sum.
  moves += static_cast<std::uint32_t>(std::lround(std::min(move, 100 * kMoveUnit)));
  if (++trials > kMostScaleTrials) {
    trials /= 2;
    moves /= 2;
  }
}

std::size_t RowOfColumn(const ForecastErrors::Trial& trial, std::size_t column) {
  const auto word = trial.rows[column / kRowsInWord];
  return (word >> (column % kRowsInWord * kBitsOfRow)) & (kRows - 1);
}

void LearnReached(const ForecastErrors::Trial& trial, double move, double demand,
                  ForecastErrors& errors) {
  errors.trials.resize(kRows * kColumns);
  errors.reached.resize(kRows * kColumns);
  for (std::size_t column = 0; column < kColumns; ++column) {
    const auto cell = RowOfColumn(trial, column) * kColumns + column;
    errors.reached[cell] += demand >= trial.demand + kDistances[column] * move ? 1 : 0;
    if (++errors.trials[cell] > kMostTrials) {
      errors.trials[cell] /= 2;
      errors.reached[cell] /= 2;
    }
  }
}

void BeginTrial(Time at, double demand, const Provided& room, Duration lead,
                const DemandLevels& levels, ForecastErrors& errors) {
  auto& trial = errors.trial ? *errors.trial : errors.trial.emplace();
  trial.at = at;
  trial.until = lead;
  trial.demand = demand;
  trial.room = room;
  trial.rows.assign(kWords, 0);
  const double move = TypicalMove(errors, demand);
  LevelWalk walk(levels);
  for (std::size_t column = 0; column < kColumns; ++column) {
    const auto last = walk.LastAtLeast(demand + kDistances[column] * move);
    const auto row = RowOf(last ? std::optional<Duration>(at - *last) : std::nullopt);
    trial.rows[column / kRowsInWord] |= static_cast<std::uint32_t>(row)
                                        << (column % kRowsInWord * kBitsOfRow);
  }
}

}  // namespace

bool IsOver(Duration since, Duration until) { return since >= until - std::min(kApart, until / 2); }

void KeepUsable(ForecastErrors& errors) {
  const auto fit = [](const auto& one, const auto& other, std::size_t size) {
    return one.size() == other.size() && (one.empty() || one.size() == size);
  };
  if (!fit(errors.trials, errors.reached, kRows * kColumns)) {
    errors.trials.clear();
    errors.reached.clear();
  }
  if (!fit(errors.scale_trials, errors.scale_moves, kOctaves)) {
    errors.scale_trials.clear();
    errors.scale_moves.clear();
  }
  if (errors.trial && errors.trial->rows.size() != kWords) {
    errors.trial.reset();
  }
}

double TypicalMove(const ForecastErrors& errors, double demand) {
  Moves moves(errors);
  const auto octave = OctaveOf(demand);
  // Between the middles of two octaves, on the straight line from one to the other.
  const bool lower = demand < kOctave.middle[octave];
  const std::size_t below = lower && octave > 0 ? octave - 1 : octave;
  const std::size_t above = std::min<std::size_t>(below + 1, kOctaves - 1);
  const double least = moves.At(below);
  if (above == below || demand <= kOctave.middle[below]) {
    return least;
  }
  const double most = moves.At(above);
  const double along =
      (demand - kOctave.middle[below]) / (kOctave.middle[above] - kOctave.middle[below]);
  return least + (most - least) * std::min(along, 1.0);
}

Chances::Chances(const ForecastErrors& errors, double demand, double move)
    : errors_(errors), demand_(demand), move_(move), prior_(kPriorNearest) {}

void Chances::LearnColumn(std::size_t column) {
  const bool learned = !errors_.trials.empty();
  std::uint32_t all_trials = 0;
  std::uint32_t all_reached = 0;
  for (std::size_t cell = column; learned && cell < kRows * kColumns; cell += kColumns) {
    all_trials += errors_.trials[cell];
    all_reached += errors_.reached[cell];
  }
  // What is known of this distance whatever the age; each age departs from it as it is known.
  const double overall = (all_reached + kPriorTrials * prior_) / (all_trials + kPriorTrials);
  for (std::size_t cell = column; cell < kRows * kColumns; cell += kColumns) {
    const double trials = learned ? errors_.trials[cell] : 0;
    const double reached = learned ? errors_.reached[cell] : 0;
    const double chance = (reached + kPriorTrials * overall) / (trials + kPriorTrials);
    chance_[cell] = column > 0 ? std::min(chance_[cell - 1], chance) : chance;
  }
  prior_ *= kPriorFactor;
}

double Chances::FarthestMoves() { return kDistances.back(); }

double Chances::Of(double level, std::optional<Duration> age) {
  const double distance = (level - demand_) / move_;
  // The first column that is as far; the last one for what is farther than any.
  std::size_t last = 0;
  while (last + 1 < kColumns && kDistances[last] < distance) {
    ++last;
  }
  for (; columns_ <= last; ++columns_) {
    LearnColumn(columns_);
  }
  const double* row = &chance_[RowOf(age) * kColumns];
  if (distance <= kDistances.front()) {
    return row[0];
  }
  if (distance > kDistances.back()) {
    return 0;
  }
  const double along =
      (distance - kDistances[last - 1]) / (kDistances[last] - kDistances[last - 1]);
  return row[last - 1] + along * (row[last] - row[last - 1]);
}

std::optional<TrialOutcome> LearnErrors(Time at, double demand, const Provided& room, Duration lead,
                                        bool busy, const DemandLevels& levels,
                                        ForecastErrors& errors) {
  std::optional<TrialOutcome> outcome;
  if (errors.trial) {
    const auto& trial = *errors.trial;
    const auto late = at - trial.at - trial.until;
    const bool jumped = IsJump(trial.demand, demand);
    if (jumped) {
      errors.usual_move = 0;  // Nothing is known yet of how demand moves there.
    }
    if (!IsOver(at - trial.at, trial.until)) {
      return {};
    }
    if (late <= std::max<Duration>(trial.until / 2, seconds(5))) {
      outcome = TrialOutcome{demand, trial.room, trial.until};
      // By the measure that the trial began with.
      const double move = TypicalMove(errors, trial.demand);
      LearnReached(trial, move, demand, errors);
      LearnMove(trial.demand, demand, errors);
      if (!jumped) {
        LearnUsualMove(trial.demand, demand, errors.usual_move);
      }
    }
  }
  if (busy) {
    BeginTrial(at, demand, room, lead, levels, errors);
  } else {
    errors.trial.reset();
  }
  return outcome;
}

}  // namespace scaler::engine
