#pragma once

#include <string_view>

#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/state.h"

namespace scaler::engine::capacity {

/// Counts what has happened since the last observation into the state: time without and with
/// interruptions, how long nodes take to come, refusals. Each event counts once.
void Learn(const CapacityPolicy& policy, const CapacityObservation& observation,
           CapacityState& state);

/// Interruptions of a place in an hour of having nodes there: what was seen, and before much was
/// seen, one a day. `quiet_hours`: what it would be after so many more without one.
[[nodiscard]] double InterruptionsPerHour(const PlaceMemory* place, double quiet_hours = 0);

/// How long before a loss its notice comes, in the place or, before one came, in the pool.
[[nodiscard]] double NoticeSeconds(const CapacityState& state, std::string_view pool,
                                   std::string_view zone);

/// Remembers whether work waits for nodes now.
void NoteShortage(bool is_short, CapacityState& state);

/// The shortfall that a plan may expect, in order that what really comes of it stays under a
/// thousandth of the time: less than that where plans have been too hopeful, more where they have
/// been too careful. `quiet_hours`: what it would be after so many more without any.
[[nodiscard]] double ShortfallToPlanFor(const CapacityState& state, double quiet_hours = 0);

/// The share of the nodes of a place that an interruption takes; all of them until seen otherwise.
[[nodiscard]] double LostShare(const PlaceMemory* place);

/// From asking to ready, of which few nodes take longer.
[[nodiscard]] double LeadSeconds(const PlaceMemory* place);

/// For how long a node that is lost so long after its notice is to be expected to be missed, where
/// its replacement is ordered with the notice: E[(X - n)+] <= (E[X] - n)+ + E[(X - E[X])+], and the
/// latter is half the mean deviation.
[[nodiscard]] double GapSeconds(const PlaceMemory* place, double notice_seconds);

/// The chance that another zone goes while one is being replaced, beyond what hazards alone make.
[[nodiscard]] double Coincidence(const CapacityState& state);

enum class Offering {
  kOpen,     ///< To be had, as far as anybody knows.
  kProving,  ///< Refused lately; to be tried again, or available for too short a time.
  kRefused,  ///< Refused a moment ago: not to be asked now.
};

[[nodiscard]] Offering OfferingOf(const PlaceMemory* place, Duration return_after, Time now);

/// Whether a node may be tried in a place that is not worth its risk, as far as is known: when
/// `return_after` has passed since it was last lost.
[[nodiscard]] bool MayProbe(const PlaceMemory* place, Duration return_after, Time now);

/// A probe is worth its price if so many hours without a loss would bring more back: the fewer, the
/// more often any zone was lost of late.
[[nodiscard]] double HopefulHours(const CapacityState& state);

/// A node that boots for so long that others are to stand in for it.
[[nodiscard]] bool IsLate(const CapacityState& state, const CapacityPolicy& policy,
                          const Node& node, Time now);

/// The same for nodes that were ordered and cannot even be seen yet.
[[nodiscard]] bool IsLate(const CapacityPolicy& policy, const Offer& offer, CapacityType type,
                          Time now);

/// Nothing is to be expected of the node any longer.
[[nodiscard]] bool NeverCame(const CapacityState& state, const Node& node, Time now);

}  // namespace scaler::engine::capacity
