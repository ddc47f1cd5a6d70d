#include "scaler/engine/provision.h"

#include <algorithm>
#include <cmath>

namespace scaler::engine {
namespace {

using std::chrono::minutes;

constexpr double kMostReplicas = 1'000'000;
/// Rounding of the division does not ask for a replica.
constexpr double kRounding = 1e-9;
constexpr double kNoObjective = 0.5;
/// The part of a replica's capacity is looked at in so many places.
constexpr int kParts = 6;
/// Above this many replicas they are asked about in blocks of a power of two, so many to the whole.
constexpr int kBlocks = 64;
/// How fast the leniency moves in a trial, and how far.
constexpr double kCalibrationGain = 0.002;
constexpr double kTypicalGain = 0.0003;
constexpr double kMostAccount = 6;
/// A debt beyond this is forgiven; what is owed is worked off at the least leniency. Both, as the
/// account, in doublings.
constexpr double kLeastAccount = -20;
constexpr double kLeastLeniency = -1;
/// So many usual moves above what was there within Objective.hold: of moves by chance, next to none
/// is larger.
constexpr double kMostUsualMoves = 5;
/// After so long without a request nothing is left to be learned from waiting.
constexpr auto kRestAfter = minutes(10);

int Ceil(double replicas) {
  return static_cast<int>(std::clamp(std::ceil(replicas - kRounding), 0.0, kMostReplicas));
}

Duration LeadOf(const ProvisionQuestion& question, Duration start) {
  return start + std::max<Duration>(question.now - question.seen, Duration{});
}

/// Nobody has come for long.
bool Rests(const ProvisionQuestion& question, const DemandMemory& memory) {
  return question.demand <= 0 &&
         (memory.levels.empty() || question.seen - memory.levels.back().at > kRestAfter);
}

/// The end of the block after `replicas`. Blocks begin at multiples of their size, whatever the
/// demand is, so that more demand never gives fewer replicas.
int NextEnd(int replicas) {
  int size = 1;
  while (size * kBlocks * 2 <= replicas) {
    size *= 2;
  }
  return (replicas / size + 1) * size;
}

/// One search for the number.
class Search {
 public:
  Search(const ProvisionQuestion& question, const DemandMemory& memory, double move)
      : question_(question), chances_(memory.errors, question.demand, move), walk_(memory.levels) {}

  /// The number, from the demand's own need upwards, at most `most`.
  int From(int reactive, int most, double least_use) {
    int replicas = reactive;
    while (replicas < most) {
      const int end = NextEnd(replicas);
      if (UseOf(end) < least_use) {
        break;
      }
      replicas = end;
    }
    return std::min(replicas, most);
  }

 private:
  /// Share of the capacity of the replica with this number (from 1) that will be used.
  double UseOf(int number) {
    double sum = 0;
    for (int part = 0; part < kParts; ++part) {
      const double level = (number - 1 + (part + 0.5) / kParts) * question_.per_replica;
      if (level <= question_.demand) {
        sum += 1;
        continue;
      }
      const auto last = walk_.LastAtLeast(level);
      const auto age = last ? std::optional<Duration>(question_.seen - *last) : std::nullopt;
      chance_ = std::min(chance_, chances_.Of(level, age));
      sum += chance_;
    }
    return sum / kParts;
  }

  const ProvisionQuestion& question_;
  Chances chances_;
  LevelWalk walk_;
  double chance_ = 1;  ///< Of the highest level so far; a higher one is no likelier.
};

/// What may be there at most, for demand that moves so many times as far as in the trials.
int MostOf(const ProvisionQuestion& question, const DemandMemory& memory, double stretch) {
  if (!question.hold) {
    return static_cast<int>(kMostReplicas);
  }
  const double highest =
      std::max(question.demand, HighestSince(question.seen - *question.hold, memory.levels));
  const double usual = memory.errors.usual_move * stretch;
  return Ceil((highest + kMostUsualMoves * usual) / question.per_replica);
}

/// `stretch`: demand moves so many times as far as in the trials.
int Count(const ProvisionQuestion& question, const DemandMemory& memory, int reactive,
          double typical_move, double stretch, double least_use) {
  const double move = typical_move * stretch;
  const double spare = reactive * question.per_replica - question.demand;
  const int most = MostOf(question, memory, stretch);
  if (most <= reactive || spare > move * Chances::FarthestMoves()) {
    return reactive;
  }
  return Search(question, memory, move).From(reactive, most, least_use);
}

/// Moves the leniency so that the share of requests beyond what was provided becomes the
/// objective's: a little up with every request, down by as much for each `overload`th that was
/// beyond (a conformal controller, Gibbs and Candes 2021, weighted by requests).
void Calibrate(const TrialOutcome& outcome, double overload, DemandMemory& memory) {
  auto& typical = memory.typical_demand;
  const double before = typical;
  typical += typical > 0 ? (outcome.demand - typical) * kTypicalGain : outcome.demand;
  if (typical <= 0) {
    return;
  }
  // The account is one of requests: what was owed by a small workload is little for a large one.
  memory.account *= before / typical;
  const double allowed = outcome.demand / typical;
  const double beyond = std::max(outcome.demand - outcome.provided, 0.0) / (overload * typical);
  memory.account = std::clamp(memory.account + kCalibrationGain * (allowed - beyond), kLeastAccount,
                              kMostAccount);
  memory.leniency = std::exp2(std::max(memory.account, kLeastLeniency));
}

}  // namespace

Headroom Provision(const ProvisionQuestion& question, const DemandMemory& memory) {
  Headroom headroom;
  headroom.demand = question.demand;
  headroom.lead = LeadOf(question, question.lead.replica);
  headroom.reactive = Ceil(question.demand / question.per_replica);
  headroom.replicas = headroom.reactive;
  headroom.chance = std::min(question.overload * memory.leniency, 1.0);
  headroom.move = TypicalMove(memory.errors, question.demand);
  if (headroom.chance >= 1 || Rests(question, memory)) {
    return headroom;
  }
  // The first replica is for the rules of idleness to keep or to end.
  const int least = std::max(headroom.reactive, 1);
  const auto beyond = [&](int replicas) { return replicas > least ? replicas : headroom.reactive; };
  headroom.replicas = beyond(Count(question, memory, least, headroom.move, 1, headroom.chance));
  if (question.lead.room && question.lead.node) {
    // Where a node has to come first, demand has longer to move: by the square root of the time,
    // as things do that move by chance.
    const auto lead = LeadOf(question, *question.lead.node);
    const double stretch =
        std::sqrt(static_cast<double>(lead.count()) /
                  static_cast<double>(std::max(headroom.lead, Duration(1)).count()));
    const int far = beyond(
        Count(question, memory, least, headroom.move, std::max(stretch, 1.0), headroom.chance));
    if (far > question.current + *question.lead.room && far > headroom.replicas) {
      headroom.replicas = far;
      headroom.lead = lead;
      headroom.node = true;
    }
  }
  if (headroom.replicas > headroom.reactive) {
    LevelWalk walk(memory.levels);
    const auto last = walk.LastAtLeast((headroom.replicas - 1) * question.per_replica);
    if (last) {
      headroom.last_as_high = question.seen - *last;
    }
  }
  return headroom;
}

Headroom ProvideFor(const Policy& policy, const Observation& observation, double per_replica,
                    State& state) {
  const ProvisionQuestion question{observation.demand->value.arrivals_per_second,
                                   observation.demand->at,
                                   observation.now,
                                   per_replica,
                                   policy.objective.overload,
                                   policy.objective.hold,
                                   observation.desired_replicas,
                                   observation.lead};
  auto& memory = state.demand ? *state.demand : state.demand.emplace();
  auto headroom = Provision(question, memory);
  LearnDemand(question, headroom.replicas, memory);
  // Who lets every other request go without room has no objective, but the HPA's tolerance.
  const double carried = question.current * per_replica;
  if (policy.objective.overload >= kNoObjective && carried > 0 &&
      std::abs(question.demand / carried - 1) <= policy.tolerance) {
    headroom.replicas = question.current;
  }
  return headroom;
}

void LearnDemand(const ProvisionQuestion& question, int replicas, DemandMemory& memory) {
  const bool known = !memory.levels.empty() && question.seen <= memory.levels.back().at;
  if (known) {
    return;
  }
  RememberDemand(question.seen, question.demand, memory.levels);
  const auto outcome = LearnErrors(question.seen, question.demand, replicas * question.per_replica,
                                   LeadOf(question, question.lead.replica),
                                   !Rests(question, memory), memory.levels, memory.errors);
  if (outcome && question.overload < 1) {
    Calibrate(*outcome, question.overload, memory);
  }
}

}  // namespace scaler::engine
