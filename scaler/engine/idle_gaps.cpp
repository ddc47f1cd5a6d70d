#include "scaler/engine/idle_gaps.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace scaler::engine {
namespace {

using std::chrono::seconds;

constexpr std::size_t kOctaves = 17;  // From 4 s to 6 days.
constexpr std::size_t kInOctave = 8;
constexpr std::size_t kBuckets = kOctaves * kInOctave;
constexpr double kShortestSeconds = 4;

constexpr std::uint32_t kGapWeight = 256;
/// An old gap loses this share with each new one.
constexpr std::uint32_t kFade = 64;
constexpr int kMostCount = 1'000;
/// Fewer say nothing.
constexpr int kFewestGaps = 4;
/// What is believed beside the gaps that were seen, as heavy as one gap: that who has stayed away
/// for long will stay away for longer, the chance within the lead falling as kReturn * lead / age.
constexpr double kPriorGaps = 1;
constexpr double kReturn = 0.5;
constexpr double kPriorSeconds = 30;
/// To end a replica for less than so many leads saves nothing.
constexpr double kStopFor = 3;
constexpr double kMostReplicas = 1'000'000;
/// Samples come at their own times, so a gap's length is known to about this.
constexpr double kBlurSeconds = 5;

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Where the buckets begin, in seconds; the last entry ends the last one.
struct Edges {
  std::array<double, kBuckets + 1> at{};

  Edges() {
    for (std::size_t i = 0; i <= kBuckets; ++i) {
      at[i] = kShortestSeconds * std::exp2(static_cast<double>(i) / static_cast<double>(kInOctave));
    }
    at[0] = 0;  // Whatever is shorter.
  }
};

const Edges kEdges;

std::size_t BucketOf(double gap) {
  int exponent = 0;
  std::frexp(gap / kShortestSeconds, &exponent);
  const int octave = std::clamp(exponent - 1, 0, static_cast<int>(kOctaves) - 1);
  auto bucket = static_cast<std::size_t>(octave) * kInOctave;
  while (bucket + 1 < kBuckets && kEdges.at[bucket + 1] <= gap) {
    ++bucket;
  }
  return bucket;
}

/// The weight of gaps that end after `from`, and of those of them that end by `until`.
struct Mass {
  double within = 0;
  double rest = 0;
};

Mass Ending(const std::vector<std::uint32_t>& weights, double from, double until) {
  Mass mass;
  for (std::size_t i = BucketOf(from); i < weights.size(); ++i) {
    if (weights[i] == 0) {
      continue;
    }
    const double begin = kEdges.at[i];
    const double length = kEdges.at[i + 1] - begin;
    const double after = std::clamp((from - begin) / length, 0.0, 1.0);
    const double by = std::clamp((until - begin) / length, 0.0, 1.0);
    mass.rest += weights[i] * (1 - after);
    mass.within += weights[i] * std::max(by - after, 0.0);
  }
  mass.rest /= kGapWeight;
  mass.within /= kGapWeight;
  return mass;
}

void Count(Duration gap, double demand, IdleGaps& gaps) {
  gaps.weights.resize(kBuckets);
  for (auto& weight : gaps.weights) {
    weight -= (weight + kFade - 1) / kFade;
  }
  gaps.weights[BucketOf(Seconds(gap))] += kGapWeight;
  gaps.count = std::min(gaps.count + 1, kMostCount);
  const double share = std::max(1.0 / gaps.count, 1.0 / kFade);
  gaps.return_demand += (demand - gaps.return_demand) * share;
}

/// That somebody comes within `ahead` seconds, after `age` seconds without.
double ChanceOfVisit(const IdleGaps& gaps, double age, double ahead) {
  const auto mass = Ending(gaps.weights, std::max(age - kBlurSeconds, 0.0), age + ahead);
  const double prior = std::min(kReturn * ahead / (age + kPriorSeconds), 1.0);
  return (mass.within + kPriorGaps * prior) / (mass.rest + kPriorGaps);
}

}  // namespace

void LearnGaps(Time at, bool visited, double demand, IdleGaps& gaps) {
  if (visited) {
    if (!gaps.visited && gaps.last_visit && at > *gaps.last_visit) {
      Count(at - *gaps.last_visit, demand, gaps);
    }
    gaps.last_visit = at;
  }
  gaps.visited = visited;
}

void ForgetLastVisit(IdleGaps& gaps) {
  gaps.last_visit.reset();
  gaps.visited = false;
}

std::optional<Warmth> KeepWarm(const IdleGaps& gaps, const WarmthQuestion& question) {
  if (!gaps.last_visit || gaps.count < kFewestGaps) {
    return {};
  }
  Warmth warmth;
  warmth.quiet_for = std::max<Duration>(question.seen - *gaps.last_visit, Duration{});
  const double age = Seconds(warmth.quiet_for);
  const double lead =
      Seconds(question.lead + std::max<Duration>(question.now - question.seen, Duration{}));
  warmth.chance = ChanceOfVisit(gaps, age, question.warm_now ? kStopFor * lead : lead);
  warmth.warm = warmth.chance >= question.overload;
  const double carried = question.per_replica.value_or(0);
  const double needed = carried > 0 ? std::ceil(gaps.return_demand / carried - 1e-9) : 1;
  warmth.replicas = static_cast<int>(std::clamp(needed, 1.0, kMostReplicas));
  return warmth;
}

}  // namespace scaler::engine
