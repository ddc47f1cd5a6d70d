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
/// Holding is worth it by the trials of about a day, in two half hours of it at least, after two
/// hours of work: until bursts have come back for so long, a lasting fall is taken for one.
constexpr ProofRule kHoldRule{.cycle = minutes(30), .keeps = 0.98, .cycles = 4, .wins = 1.9};
/// A season's forecasts have to save so many times what they cost: what only breaks even by chance
/// is left alone.
constexpr double kSeasonMargin = 3;
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

/// What may be there at most with this hold, for demand that moves so many times as far as in the
/// trials.
int MostOf(const ProvisionQuestion& question, const DemandMemory& memory,
           std::optional<Duration> hold, double stretch) {
  if (!hold) {
    return static_cast<int>(kMostReplicas);
  }
  const double highest =
      std::max(question.demand, HighestSince(question.seen - *hold, memory.levels));
  const double usual = memory.errors.usual_move * stretch;
  return Ceil((highest + kMostUsualMoves * usual) / question.per_replica);
}

/// What is provided without and with all that may come back.
struct Counts {
  int brief = 0;
  int held = 0;
  int counts = 0;  ///< The one of them that counts.
};

/// `stretch`: demand moves so many times as far as in the trials.
Counts Count(const ProvisionQuestion& question, const DemandMemory& memory, int reactive,
             double typical_move, double stretch, double least_use) {
  const double move = typical_move * stretch;
  const double spare = reactive * question.per_replica - question.demand;
  if (spare > move * Chances::FarthestMoves()) {
    return {reactive, reactive, reactive};
  }
  // Who has not shown yet that holding is worth it, may show it.
  const bool learns = !question.hold && question.learn_hold;
  const int most = std::max(reactive, MostOf(question, memory, question.hold, stretch));
  Counts counts;
  counts.held = Search(question, memory, move).From(reactive, most, least_use);
  counts.brief = counts.held;
  if (learns && counts.held > reactive) {
    counts.brief =
        std::min(counts.held, std::max(reactive, MostOf(question, memory, Duration{}, stretch)));
  }
  counts.counts = learns && !IsProven(memory.hold, kHoldRule) ? counts.brief : counts.held;
  return counts;
}

/// The highest forecast that counts, or else the highest: replicas for it where they are more.
void AddSeasons(const ProvisionQuestion& question, const DemandMemory& memory,
                Provision& provision) {
  auto& headroom = provision.headroom;
  provision.seasons =
      ForecastSeasons(memory.seasons, question.seen, question.demand, headroom.lead);
  auto best = HighestForecast(memory.seasons, provision.seasons, true);
  const bool used = best.has_value();
  if (!used) {
    best = HighestForecast(memory.seasons, provision.seasons, false);
  }
  if (!best) {
    return;
  }
  const double demand = provision.seasons[*best];
  const int replicas = Ceil(demand / question.per_replica);
  if (replicas > headroom.replicas) {
    headroom.season = SeasonalNeed{memory.seasons[*best].length, demand, replicas, used};
    provision.replicas = used ? replicas : provision.replicas;
  }
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
  const double beyond =
      std::max(outcome.demand - outcome.room.provided, 0.0) / (overload * typical);
  memory.account = std::clamp(memory.account + kCalibrationGain * (allowed - beyond), kLeastAccount,
                              kMostAccount);
  memory.leniency = std::exp2(std::max(memory.account, kLeastLeniency));
}

void Settle(int replicas, Provision& provision) {
  provision.headroom.replicas = provision.replicas = provision.brief = provision.held = replicas;
}

void AddHeadroom(const ProvisionQuestion& question, const DemandMemory& memory,
                 Provision& provision) {
  auto& headroom = provision.headroom;
  // The first replica is for the rules of idleness to keep or to end.
  const int least = std::max(headroom.reactive, 1);
  const auto beyond = [&](int replicas) { return replicas > least ? replicas : headroom.reactive; };
  const auto near = Count(question, memory, least, headroom.move, 1, headroom.chance);
  Settle(beyond(near.counts), provision);
  provision.brief = beyond(near.brief);
  provision.held = beyond(near.held);
  if (question.lead.room && question.lead.node) {
    // Where a node has to come first, demand has longer to move: by the square root of the time,
    // as things do that move by chance.
    const auto lead = LeadOf(question, *question.lead.node);
    const double stretch =
        std::sqrt(static_cast<double>(lead.count()) /
                  static_cast<double>(std::max(headroom.lead, Duration(1)).count()));
    const int far = beyond(
        Count(question, memory, least, headroom.move, std::max(stretch, 1.0), headroom.chance)
            .counts);
    if (far > question.current + *question.lead.room && far > headroom.replicas) {
      headroom.replicas = provision.replicas = far;
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
  if (provision.held > headroom.replicas) {
    headroom.unheld = provision.held;
  }
}

/// A trial's part in the proofs: what each thing would have saved, and cost.
void AccountFor(Time at, const TrialOutcome& outcome, DemandMemory& memory) {
  const auto& room = outcome.room;
  const auto cost = [&](double provided) { return CostOf(provided, outcome.demand, room.price); };
  Account(at, cost(room.brief) - cost(room.held), kHoldRule, memory.hold);
  for (std::size_t i = 0; i < std::min(memory.seasons.size(), room.seasonal.size()); ++i) {
    auto& season = memory.seasons[i];
    const double with = std::max(room.unseasonal, room.seasonal[i]);
    const double without_cost = CostOf(room.unseasonal, outcome.demand, kSeasonMargin * room.price);
    const double with_cost = CostOf(with, outcome.demand, kSeasonMargin * room.price);
    Account(at, without_cost - with_cost, SeasonRule(season), season.proof);
  }
}

Provided RoomOf(const ProvisionQuestion& question, const Provision& provision,
                const DemandMemory& memory) {
  const double each = question.per_replica;
  Provided room{.provided = provision.replicas * each,
                .unseasonal = provision.headroom.replicas * each,
                .brief = provision.brief * each,
                .held = provision.held * each,
                .price = provision.headroom.chance,
                .seasonal = {}};
  for (std::size_t i = 0; i < std::min(memory.seasons.size(), kMostSeasons); ++i) {
    room.seasonal.push_back(Ceil(provision.seasons[i] / each) * each);
  }
  return room;
}

}  // namespace

Provision Provide(const ProvisionQuestion& question, const DemandMemory& memory) {
  Provision provision;
  auto& headroom = provision.headroom;
  headroom.demand = question.demand;
  headroom.lead = LeadOf(question, question.lead.replica);
  headroom.reactive = Ceil(question.demand / question.per_replica);
  headroom.chance = std::min(question.overload * memory.leniency, 1.0);
  headroom.move = TypicalMove(memory.errors, question.demand);
  Settle(headroom.reactive, provision);
  if (headroom.chance >= 1) {
    return provision;
  }
  if (!Rests(question, memory)) {
    AddHeadroom(question, memory, provision);
  }
  AddSeasons(question, memory, provision);
  return provision;
}

Headroom ProvideFor(const Policy& policy, const Observation& observation, double per_replica,
                    State& state) {
  const ProvisionQuestion question{observation.demand->value.arrivals_per_second,
                                   observation.demand->at,
                                   observation.now,
                                   per_replica,
                                   policy.objective.overload,
                                   policy.objective.hold,
                                   policy.objective.learn_hold,
                                   observation.desired_replicas,
                                   observation.lead,
                                   SeasonsOf(policy.forecast)};
  auto& memory = state.demand ? *state.demand : state.demand.emplace();
  KeepUsable(memory.errors);
  const auto provision = Provide(question, memory);
  LearnDemand(question, provision, memory);
  auto headroom = provision.headroom;
  // Who lets every other request go without room has no objective, but the HPA's tolerance.
  const double carried = question.current * per_replica;
  if (policy.objective.overload >= kNoObjective && carried > 0 &&
      std::abs(question.demand / carried - 1) <= policy.tolerance) {
    headroom.replicas = question.current;
  }
  return headroom;
}

void LearnDemand(const ProvisionQuestion& question, const Provision& provision,
                 DemandMemory& memory) {
  const bool known = !memory.levels.empty() && question.seen <= memory.levels.back().at;
  if (known) {
    return;
  }
  RememberDemand(question.seen, question.demand, memory.levels);
  const bool expected = std::any_of(provision.seasons.begin(), provision.seasons.end(),
                                    [](double forecast) { return forecast > 0; });
  const bool busy = !Rests(question, memory) || expected;
  const auto& trial = memory.errors.trial;
  const bool begins = busy && (!trial || IsOver(question.seen - trial->at, trial->until));
  const auto outcome = LearnErrors(
      question.seen, question.demand, begins ? RoomOf(question, provision, memory) : Provided{},
      LeadOf(question, question.lead.replica), busy, memory.levels, memory.errors);
  if (busy) {
    LearnSeasons(question.seasons, question.seen, question.demand, memory.seasons);
  }
  if (outcome && question.overload < 1) {
    Calibrate(*outcome, question.overload, memory);
    AccountFor(question.seen, *outcome, memory);
  }
}

}  // namespace scaler::engine
