#include "scaler/engine/capacity/learn.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "scaler/engine/capacity/world.h"

namespace scaler::engine::capacity {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr double kPriorInterruptions = 0.5;
constexpr double kPriorHours = 12;
constexpr double kPriorCoincidence = 0.02;
constexpr double kPriorLosses = 5;
constexpr double kMemoryHours = 14 * 24;
/// Of a place without a node of ours: what it was like days ago says little of it, and while
/// nobody is there nothing else would ever speak for it.
constexpr double kAbsentMemoryHours = 36;
constexpr auto kFadeEvery = minutes(10);
constexpr double kMostShortfall = 0.001;
constexpr double kAimedShortfall = 0.0004;
constexpr double kPriorWatchedHours = 72;
constexpr double kMostCorrection = 4;
constexpr double kPriorLeadSeconds = 120;
constexpr double kWeightOfNew = 0.3;
constexpr std::size_t kMostPlaces = 128;
constexpr auto kSameInterruption = seconds(60);
constexpr auto kCoincides = minutes(5);
constexpr auto kMostUnseen = hours(1);
constexpr auto kMaxProvision = minutes(15);  ///< As the Cluster Autoscaler's.
constexpr auto kRetry = seconds(60);
constexpr int kLongestRetry = 5;
constexpr double kMostHopefulHours = 36;

double Hours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}

/// So that a state stays short when it is written down.
double Short(double value) { return std::round(value * 1e6) / 1e6; }

double Sane(double value) { return std::isfinite(value) ? std::clamp(value, 0.0, 1e6) : 0; }

void AddPlace(CapacityState& state, std::string_view pool, std::string_view zone) {
  const auto at = std::lower_bound(state.places.begin(), state.places.end(), std::pair(pool, zone),
                                   [](const PlaceMemory& place, const auto& key) {
                                     return std::pair<std::string_view, std::string_view>(
                                                place.pool, place.zone) < key;
                                   });
  const bool known = at != state.places.end() && at->pool == pool && at->zone == zone;
  if (!known && state.places.size() < kMostPlaces) {
    PlaceMemory place;
    place.pool = pool;
    place.zone = zone;
    state.places.insert(at, std::move(place));
  }
}

void Smooth(double& mean, double& deviation, double value) {
  if (mean == 0) {
    mean = Short(value);
    deviation = Short(value / 4);
    return;
  }
  deviation = Short(deviation + kWeightOfNew * (std::abs(value - mean) - deviation));
  mean = Short(mean + kWeightOfNew * (value - mean));
}

void NoteRefusal(const Event& event, PlaceMemory& place) {
  place.failures = std::min(place.failures + 1, 1000);
  place.refused_at = event.at;
  place.available_since.reset();
  place.quota = event.kind == Event::Kind::kQuota;
}

void NoteLaunch(const Event& event, PlaceMemory& place) {
  Smooth(place.lead_seconds, place.lead_deviation, Sane(event.seconds));
  const auto asked = event.at - Duration(static_cast<std::int64_t>(Sane(event.seconds) * 1000));
  if (!place.refused_at || asked > *place.refused_at) {
    place.failures = 0;
    if (!place.available_since) {
      place.available_since = asked;
    }
  }
}

void NoteInterruption(const Event& event, int ready, PlaceMemory& place, CapacityState& state) {
  const double share = std::min(
      1.0, static_cast<double>(event.nodes) / static_cast<double>(std::max(ready, event.nodes)));
  const bool same = place.interrupted_at && event.at - *place.interrupted_at < kSameInterruption;
  if (!same) {
    place.interruptions += 1;
    state.zone_losses += 1;
    const bool coincides =
        std::any_of(state.places.begin(), state.places.end(), [&](const PlaceMemory& other) {
          return other.zone != place.zone && other.interrupted_at &&
                 event.at - *other.interrupted_at < kCoincides;
        });
    state.coinciding_losses += coincides ? 1 : 0;
  }
  place.lost_share = std::min(place.lost_share + share, place.interruptions);
  place.notice_seconds +=
      (place.interruptions <= 1 ? 1 : kWeightOfNew) * (Sane(event.seconds) - place.notice_seconds);
  place.interrupted_at = event.at;
}

using Counts = std::map<std::pair<std::string_view, std::string_view>, int>;

/// Ready nodes, those under notice too: an interruption is a share of them.
Counts CountReady(const CapacityObservation& observation) {
  Counts ready;
  for (const auto& node : observation.nodes) {
    if (node.ready) {
      ++ready[{node.pool, node.zone}];
    }
  }
  return ready;
}

/// In steps, for what is written down with six digits could not fade by less.
void Fade(Time now, const Counts& ready, CapacityState& state) {
  if (!state.faded_at) {
    state.faded_at = now;
  }
  const Duration elapsed = now - *state.faded_at;
  if (elapsed < kFadeEvery) {
    return;
  }
  state.faded_at = now;
  const auto kept = [&](double memory) { return std::max(0.0, 1 - Hours(elapsed) / memory); };
  const auto fade = [](Duration& time, double keep) {
    time = Duration(static_cast<std::int64_t>(static_cast<double>(time.count()) * keep));
  };
  const double keep = kept(kMemoryHours);
  fade(state.watched, keep);
  fade(state.short_of_nodes, keep);
  state.zone_losses = Short(state.zone_losses * keep);
  state.coinciding_losses = Short(state.coinciding_losses * keep);
  for (auto& place : state.places) {
    const bool present = ready.contains({place.pool, place.zone});
    const double of_place = present ? keep : kept(kAbsentMemoryHours);
    fade(place.exposure, of_place);
    place.interruptions = Short(place.interruptions * of_place);
    place.lost_share = Short(place.lost_share * of_place);
  }
}

/// A node that boots was not refused: the place is available before the node is ready, since the
/// first of those was asked for.
void NoteBooting(const CapacityObservation& observation, CapacityState& state) {
  for (auto& place : state.places) {
    if (place.available_since) {
      continue;
    }
    for (const auto& node : observation.nodes) {
      if (node.ready || !node.booting_since || node.pool != place.pool || node.zone != place.zone ||
          (place.refused_at && *node.booting_since <= *place.refused_at)) {
        continue;
      }
      place.failures = 0;
      if (!place.available_since || *node.booting_since < *place.available_since) {
        place.available_since = node.booting_since;
      }
    }
  }
}

}  // namespace

void Learn(const CapacityPolicy& policy, const CapacityObservation& observation,
           CapacityState& state) {
  const auto last = state.seen_until;
  const auto elapsed =
      last ? std::clamp<Duration>(observation.now - *last, Duration{}, kMostUnseen) : Duration{};
  const auto ready = CountReady(observation);
  Fade(observation.now, ready, state);
  if (state.watching) {
    state.watched += elapsed;
    state.short_of_nodes += state.was_short ? elapsed : Duration{};
  }
  // A place that no pool of the policy has any longer is forgotten.
  std::erase_if(state.places, [&](const PlaceMemory& place) {
    return std::none_of(policy.pools.begin(), policy.pools.end(),
                        [&](const Pool& pool) { return pool.name == place.pool; });
  });
  std::set<std::pair<std::string_view, std::string_view>> offered;
  for (const auto& offer : observation.offers) {
    offered.emplace(offer.pool, offer.zone);
  }
  for (const auto& [pool_name, zone] : offered) {
    const bool known = std::any_of(policy.pools.begin(), policy.pools.end(),
                                   [&](const Pool& pool) { return pool.name == pool_name; });
    if (known) {
      AddPlace(state, pool_name, zone);
    }
  }
  for (auto& place : state.places) {
    if (ready.contains({place.pool, place.zone})) {
      place.exposure += elapsed;
    }
  }

  std::vector<const Event*> events;
  for (const auto& event : observation.events) {
    if ((!last || event.at > *last) && event.at <= observation.now) {
      events.push_back(&event);
    }
  }
  std::sort(events.begin(), events.end(), [](const auto* left, const auto* right) {
    return std::tie(left->at, left->pool, left->zone, left->kind, left->nodes, left->seconds) <
           std::tie(right->at, right->pool, right->zone, right->kind, right->nodes, right->seconds);
  });
  for (const auto* event : events) {
    auto at = std::find_if(state.places.begin(), state.places.end(), [&](const auto& place) {
      return place.pool == event->pool && place.zone == event->zone;
    });
    if (at == state.places.end()) {
      continue;
    }
    switch (event->kind) {
      case Event::Kind::kLaunched:
        NoteLaunch(*event, *at);
        break;
      case Event::Kind::kFailed:
      case Event::Kind::kStockOut:
      case Event::Kind::kQuota:
        NoteRefusal(*event, *at);
        break;
      case Event::Kind::kInterrupted: {
        const auto there = ready.find({at->pool, at->zone});
        const int more = there == ready.end() ? 0 : there->second;
        NoteInterruption(*event, more + std::max(event->nodes, 1), *at, state);
        break;
      }
    }
  }
  NoteBooting(observation, state);
  state.seen_until = last ? std::max(*last, observation.now) : observation.now;
}

double InterruptionsPerHour(const PlaceMemory* place, double quiet_hours) {
  const double seen = place == nullptr ? 0 : place->interruptions;
  const double exposed = place == nullptr ? 0 : Hours(place->exposure);
  return (kPriorInterruptions + seen) / (kPriorHours + exposed + quiet_hours);
}

double NoticeSeconds(const CapacityState& state, std::string_view pool, std::string_view zone) {
  double notice = 0;
  double weight = 0;
  for (const auto& place : state.places) {
    if (place.pool == pool && place.interrupted_at) {
      if (place.zone == zone) {
        return place.notice_seconds;
      }
      notice += place.notice_seconds * place.interruptions;
      weight += place.interruptions;
    }
  }
  return weight > 0 ? notice / weight : 0;
}

void NoteShortage(bool is_short, CapacityState& state) {
  state.watching = state.watching || !is_short;
  state.was_short = is_short;
}

double ShortfallToPlanFor(const CapacityState& state, double quiet_hours) {
  const double seen = (kAimedShortfall * kPriorWatchedHours + Hours(state.short_of_nodes)) /
                      (kPriorWatchedHours + Hours(state.watched) + quiet_hours);
  return kMostShortfall * std::clamp(kAimedShortfall / seen, 1 / kMostCorrection, kMostCorrection);
}

double LostShare(const PlaceMemory* place) {
  return place == nullptr ? 1.0
                          : std::min(1.0, (1 + place->lost_share) / (1 + place->interruptions));
}

double LeadSeconds(const PlaceMemory* place) {
  return place == nullptr || place->lead_seconds == 0
             ? kPriorLeadSeconds
             : place->lead_seconds + 2 * place->lead_deviation;
}

double GapSeconds(const PlaceMemory* place, double notice_seconds) {
  const bool seen = place != nullptr && place->lead_seconds > 0;
  const double mean = seen ? place->lead_seconds : kPriorLeadSeconds;
  const double deviation = seen ? place->lead_deviation : kPriorLeadSeconds / 4;
  return std::max(0.0, mean - notice_seconds) + deviation / 2;
}

double Coincidence(const CapacityState& state) {
  return (kPriorCoincidence * kPriorLosses + state.coinciding_losses) /
         (kPriorLosses + state.zone_losses);
}

Offering OfferingOf(const PlaceMemory* place, Duration return_after, Time now) {
  if (place == nullptr || !place->refused_at) {
    return Offering::kOpen;
  }
  if (!place->available_since) {
    // Who wants to be back sooner than that asks that often.
    const bool sooner = return_after > Duration{} && return_after < kRetry;
    const auto wait =
        (sooner ? return_after : Duration(kRetry)) * std::clamp(place->failures, 1, kLongestRetry);
    return now - *place->refused_at < wait ? Offering::kRefused : Offering::kProving;
  }
  return now - *place->available_since < return_after ? Offering::kProving : Offering::kOpen;
}

bool MayProbe(const PlaceMemory* place, Duration return_after, Time now) {
  return place == nullptr || !place->interrupted_at || now - *place->interrupted_at >= return_after;
}

double HopefulHours(const CapacityState& state) {
  return kMostHopefulHours / std::max(1.0, state.zone_losses);
}

bool IsLate(const CapacityState& state, const CapacityPolicy& policy, const Node& node, Time now) {
  if (!node.booting_since) {
    return false;
  }
  const auto* place = Remembered(state, node.pool, node.zone);
  const auto lead = Duration(static_cast<std::int64_t>(2000 * LeadSeconds(place)));
  if (node.type == CapacityType::kSpot && policy.spot) {
    return now - *node.booting_since > std::max(policy.spot->fallback_after, lead);
  }
  return now - *node.booting_since > std::max<Duration>(kMaxProvision, lead);
}

bool IsLate(const CapacityPolicy& policy, const Offer& offer, CapacityType type, Time now) {
  if (offer.ordered <= 0 || !offer.ordered_since) {
    return false;
  }
  if (type == CapacityType::kSpot && policy.spot) {
    return now - *offer.ordered_since > policy.spot->fallback_after;
  }
  return now - *offer.ordered_since > kMaxProvision;
}

bool NeverCame(const CapacityState& state, const Node& node, Time now) {
  const auto* place = Remembered(state, node.pool, node.zone);
  const auto lead = Duration(static_cast<std::int64_t>(4000 * LeadSeconds(place)));
  return !node.ready && node.booting_since &&
         now - *node.booting_since > std::max<Duration>(kMaxProvision, lead);
}

}  // namespace scaler::engine::capacity
