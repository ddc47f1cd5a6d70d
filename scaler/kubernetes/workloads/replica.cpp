#include "scaler/kubernetes/workloads/replica.h"

#include <algorithm>

namespace scaler::kubernetes::workloads {
namespace {

using common::MonotonicTime;
using common::WallTime;
using platform::Phase;

/// What the server's clock and whole seconds may be off by for something that happens now.
constexpr auto kJustNow = std::chrono::seconds(5);

/// The kubelet writes the first "not ready" when it takes a pod; HPA v2 allows it so long.
constexpr auto kFirstUnready = std::chrono::seconds(30);

/// The instant of the monotonic clock; never later than now.
MonotonicTime MonotonicOf(WallTime at, const Instant& now) {
  const auto age = std::max(now.wall - at, WallTime::duration(0));
  return now.monotonic -
         std::min<common::MonotonicTime::duration>(age, now.monotonic.time_since_epoch());
}

Phase PhaseOf(const PodFields& fields) {
  if (fields.leaving) {
    return Phase::kDraining;
  }
  if (fields.ready) {
    return Phase::kReady;
  }
  return fields.back_off ? Phase::kBackOff : Phase::kStarting;
}

/// In that phase since when, by the server.
WallTime SinceOf(const PodFields& fields) {
  if (fields.leaving) {
    return *fields.leaving;
  }
  return fields.ready_changed.value_or(fields.created);
}

void FollowReady(const PodFields& fields, const Instant& now, bool known, PodTimes& times,
                 platform::Replica& replica) {
  const bool was_ready = replica.phase == Phase::kReady;
  if (!fields.ready_changed) {
    replica.ready_changed.reset();
  } else if (!replica.ready_changed || times.ready_changed != *fields.ready_changed) {
    const bool seen = known && now.live && was_ready != fields.ready;
    replica.ready_changed = seen ? now.monotonic : MonotonicOf(*fields.ready_changed, now);
    times.ready_changed = *fields.ready_changed;
  }
}

void FollowEnd(const PodFields& fields, const Instant& now, bool known, PodTimes& times,
               platform::Replica& replica) {
  if (fields.last_end == engine::Pod::End::kNone) {
    return;  // What was seen stays: the kubelet forgets it when the container starts again.
  }
  if (replica.last_end && times.last_end == fields.last_end_at) {
    return;
  }
  const bool seen = known && now.live && now.wall - fields.last_end_at < kJustNow;
  replica.last_end = platform::End{
      .how = fields.last_end, .at = seen ? now.monotonic : MonotonicOf(fields.last_end_at, now)};
  times.last_end = fields.last_end_at;
}

}  // namespace

void FollowPod(std::string_view name, const PodFields& fields, const Instant& now, bool known,
               PodTimes& times, platform::Replica& replica) {
  if (!known) {
    const bool just_made = now.live && fields.pending && now.wall - fields.created < kJustNow;
    replica.id = name;
    times.created = fields.created;
    if (fields.created != WallTime{}) {
      replica.created = just_made ? now.monotonic : MonotonicOf(fields.created, now);
    }
  }
  FollowReady(fields, now, known, times, replica);
  FollowEnd(fields, now, known, times, replica);
  const bool fell_back =
      !known && fields.ready_changed && *fields.ready_changed - fields.created > kFirstUnready;
  replica.has_served = replica.has_served || fields.ready || fell_back;
  replica.phase = PhaseOf(fields);
  replica.since = SinceOf(fields);
  replica.restarts = fields.restarts;
  replica.address = fields.address;
  replica.pending = fields.pending;
  replica.waits = fields.ready ? std::string() : fields.waits;
  replica.revision = fields.revision;
}

}  // namespace scaler::kubernetes::workloads
