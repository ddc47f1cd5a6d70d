#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scaler/engine/policy.h"

namespace scaler::engine {

/// How long a workload was left alone between its visits, learned from the workload itself (the
/// idea of "Serverless in the Wild", ATC'20: a histogram of idle times for each application).
struct IdleGaps {
  std::optional<Time> last_visit;  ///< Empty: none yet, or nobody watched since.
  bool visited = false;            ///< The last sample was a visit.
  int count = 0;                   ///< Gaps seen, up to where old ones are forgotten.
  /// Eight for each doubling, from 4 s on; a gap counts kGapWeight and fades with later ones.
  std::vector<std::uint32_t> weights;
  double return_demand = 0;  ///< Typical demand at the end of a gap, requests per second.

  friend bool operator==(const IdleGaps&, const IdleGaps&) = default;
};

/// Learns from a sample: whether anybody wanted something at `at`.
void LearnGaps(Time at, bool visited, double demand, IdleGaps& gaps);

/// Nobody watched for a while, so that the gap of now has no length.
void ForgetLastVisit(IdleGaps& gaps);

/// Whether a replica should wait for the next visit.
struct Warmth {
  bool warm = false;
  double chance = 0;     ///< That somebody comes before a replica started now would be ready.
  Duration quiet_for{};  ///< Since the last visit.
  int replicas = 0;      ///< To wait with; for what visits typically bring.

  friend bool operator==(const Warmth&, const Warmth&) = default;
};

struct WarmthQuestion {
  double overload = 0;                ///< Objective.overload.
  std::optional<double> per_replica;  ///< Requests per second.
  Duration lead{};                    ///< From the decision to ready.
  bool warm_now = false;              ///< A replica is asked for already.
  Time seen{};                        ///< Of the last sample.
  Time now{};
};

/// The rule: a replica waits while the chance that somebody comes within the lead is at least the
/// share of requests that may find none. That keeps it after a visit for as long as visits usually
/// follow one another, lets it go, and has it back shortly before a visit that comes at regular
/// times. One that is there already stays if it would be wanted again before its end has saved
/// much.
///
/// Empty while too few gaps are known to say anything: then `Idle.after` holds.
[[nodiscard]] std::optional<Warmth> KeepWarm(const IdleGaps& gaps, const WarmthQuestion& question);

}  // namespace scaler::engine
