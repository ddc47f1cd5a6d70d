#include "scaler/engine/seasons.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace scaler::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<Duration, 2> kDayAndWeek{hours(24), hours(168)};

/// Parts of one season, and of all seasons together: what a workload may remember is bounded.
constexpr std::int64_t kMostParts = 288;
constexpr std::int64_t kMostPartsInAll = 360;
/// What begins by the clock on the wall begins at a multiple of these.
constexpr std::array<Duration, 12> kRoundParts{minutes(1),  minutes(2),  minutes(3),  minutes(5),
                                               minutes(10), minutes(15), minutes(20), minutes(30),
                                               hours(1),    hours(2),    hours(4),    hours(6)};
constexpr Duration kShortestPart = kRoundParts.front();
/// A lead is no longer than so many parts, as far as anybody looks.
constexpr int kFarthestParts = 24;

/// Levels of demand, four to the doubling: a character each that JSON need not escape.
constexpr int kUnknown = 0;
constexpr int kNobody = 1;
constexpr int kLowest = 2;
constexpr int kHighest = 88;
constexpr int kInOctave = 4;
constexpr int kLowestOctave = -6;
constexpr char kFirst = '#';
constexpr char kSkipped = '\\';
/// By so many levels it must have risen to be a rise, and not chance.
constexpr int kRise = 2;

/// What came then comes now in proportion, but no more than this.
constexpr double kMostGrowth = 2;
/// It has come when demand was at this part of the forecast.
constexpr double kHasCome = 0.8;

char CharOf(int level) {
  const int plain = kFirst + level;
  return static_cast<char>(plain >= kSkipped ? plain + 1 : plain);
}

int LevelOf(char character) {
  const int plain = character > kSkipped ? character - 1 : character;
  const int level = plain - kFirst;
  return level < kUnknown || level > kHighest ? kUnknown : level;
}

/// The demand of each level.
struct Levels {
  std::array<double, kHighest + 1> demand{};

  Levels() {
    for (int level = kLowest; level <= kHighest; ++level) {
      const double octaves = static_cast<double>(level - kLowest) / kInOctave + kLowestOctave;
      demand[static_cast<std::size_t>(level)] = std::exp2(octaves);
    }
  }

  [[nodiscard]] double Of(int level) const { return demand[static_cast<std::size_t>(level)]; }

  [[nodiscard]] static int Nearest(double value) {
    if (value <= 0) {
      return kNobody;
    }
    const double level = (std::log2(value) - kLowestOctave) * kInOctave + kLowest;
    return static_cast<int>(std::lround(std::clamp<double>(level, kLowest, kHighest)));
  }
};

const Levels kLevels;

std::int64_t PartsOf(Duration length, std::size_t seasons) {
  const auto share = kMostPartsInAll / static_cast<std::int64_t>(std::max<std::size_t>(seasons, 1));
  const auto most = std::min(kMostParts, share);
  for (const auto part : kRoundParts) {
    if (length % part == Duration{} && length / part <= most) {
      return length / part;
    }
  }
  return std::min(most, length / kShortestPart);
}

/// The parts of one season, numbered from 1970 on.
class Parts {
 public:
  explicit Parts(const Season& season)
      : season_(season), length_(season.length / static_cast<std::int64_t>(season.peaks.size())) {}

  [[nodiscard]] std::int64_t At(Time time) const {
    const auto since = time.time_since_epoch().count();
    const auto part = since / length_.count();
    return since % length_.count() < 0 ? part - 1 : part;
  }

  [[nodiscard]] Time Begin(std::int64_t part) const { return Time(part * length_); }

  [[nodiscard]] std::size_t Place(std::int64_t part) const {
    const auto all = static_cast<std::int64_t>(season_.peaks.size());
    return static_cast<std::size_t>((part % all + all) % all);
  }

  [[nodiscard]] int Level(std::int64_t part) const { return LevelOf(season_.peaks[Place(part)]); }

 private:
  const Season& season_;
  Duration length_;
};

/// What is expected of a part, from how the part `from`, of which the peak of now is known, was.
double Rise(const Parts& parts, std::int64_t from, double peak, std::int64_t part) {
  const int then = parts.Level(from);
  const int level = parts.Level(part);
  if (then == kUnknown || level < std::max<int>(then, kNobody) + kRise) {
    return 0;
  }
  if (then == kNobody) {
    return kLevels.Of(level);
  }
  return kLevels.Of(level) * std::min(peak / kLevels.Of(then), kMostGrowth);
}

double ForecastOne(const Season& season, Time at, double demand, Duration lead) {
  const auto parts_of = static_cast<std::int64_t>(season.peaks.size());
  if (parts_of < 2 || season.length / parts_of < kShortestPart) {
    return 0;
  }
  const Parts parts(season);
  const auto now = parts.At(at);
  const auto last = std::min<std::int64_t>(parts.At(at + lead), now + kFarthestParts);
  const auto known = parts.At(season.part);
  const bool began = known == now;
  const double before = began ? season.before : (known == now - 1 ? season.peak : 0);
  const double peak = began ? season.peak : 0;
  double forecast = Rise(parts, now - 1, before, now);
  if (peak >= forecast * kHasCome) {
    forecast = 0;
  }
  for (auto part = now + 1; part <= last; ++part) {
    forecast = std::max(forecast, Rise(parts, now, std::max(peak, demand), part));
  }
  return forecast;
}

/// Halfway from what was known to what was there now.
char Blend(char known, double peak) {
  const int level = LevelOf(known);
  return CharOf(Levels::Nearest(level == kUnknown ? peak : (kLevels.Of(level) + peak) / 2));
}

void Remember(Time at, double demand, Season& season) {
  const Parts parts(season);
  const auto now = parts.At(at);
  const auto known = parts.At(season.part);
  if (now == known) {
    season.peak = std::max(season.peak, demand);
    return;
  }
  if (now < known) {
    return;
  }
  auto& character = season.peaks[parts.Place(known)];
  character = Blend(character, season.peak);
  // Of parts between nothing was seen, so what is known of them stays.
  season.before = now == known + 1 ? season.peak : 0;
  season.peak = demand;
  season.part = parts.Begin(now);
}

Season BeginSeason(Duration length, std::int64_t parts, Time at, double demand) {
  Season season;
  season.length = length;
  season.peaks.assign(static_cast<std::size_t>(parts), CharOf(kUnknown));
  season.part = Parts(season).Begin(Parts(season).At(at));
  season.peak = demand;
  return season;
}

}  // namespace

std::span<const Duration> SeasonsOf(const Forecast& forecast) {
  if (forecast.mode == Forecast::Mode::kOff) {
    return {};
  }
  if (forecast.seasons.empty()) {
    return kDayAndWeek;
  }
  return {forecast.seasons.data(), std::min(forecast.seasons.size(), kMostSeasons)};
}

SeasonForecasts ForecastSeasons(const std::vector<Season>& seasons, Time at, double demand,
                                Duration lead) {
  SeasonForecasts forecasts{};
  for (std::size_t i = 0; i < std::min(seasons.size(), kMostSeasons); ++i) {
    forecasts[i] = ForecastOne(seasons[i], at, demand, lead);
  }
  return forecasts;
}

void LearnSeasons(std::span<const Duration> lengths, Time at, double demand,
                  std::vector<Season>& seasons) {
  std::size_t place = 0;
  for (const auto length : lengths) {
    const auto parts = PartsOf(length, lengths.size());
    if (parts < 2) {
      continue;
    }
    const auto fits = [&](const Season& season) {
      return season.length == length && std::cmp_equal(season.peaks.size(), parts);
    };
    if (place >= seasons.size() || !fits(seasons[place])) {
      // Another policy, or the first sample: what is known of other lengths says nothing.
      seasons.resize(place);
      seasons.push_back(BeginSeason(length, parts, at, demand));
    } else {
      Remember(at, demand, seasons[place]);
    }
    ++place;
  }
  seasons.resize(place);
}

ProofRule SeasonRule(const Season& season) {
  // The first season has nothing to go by, so that the end of the third is the earliest.
  return {.cycle = season.length, .keeps = 0.75, .cycles = 2, .wins = 1.5};
}

std::optional<std::size_t> HighestForecast(const std::vector<Season>& seasons,
                                           const SeasonForecasts& forecasts, bool only_proven) {
  std::optional<std::size_t> highest;
  for (std::size_t i = 0; i < std::min(seasons.size(), kMostSeasons); ++i) {
    const bool counts =
        forecasts[i] > 0 && (!only_proven || IsProven(seasons[i].proof, SeasonRule(seasons[i])));
    if (counts && (!highest || forecasts[i] > forecasts[*highest])) {
      highest = i;
    }
  }
  return highest;
}

}  // namespace scaler::engine
