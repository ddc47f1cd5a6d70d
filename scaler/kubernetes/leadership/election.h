#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/clock.h"

namespace scaler::kubernetes::leadership {

/// The fields of a coordination.k8s.io/v1 Lease that an election goes by.
struct LeaseRecord {
  std::string holder;        ///< Empty: nobody; it was released.
  int duration_seconds = 0;  ///< 0: it does not say.
  int transitions = 0;
  std::string acquired;  ///< As it is written there, for people only.
  std::string renewed;   ///< The same. That it has changed is what counts, never what it says.
  std::string version;   ///< resourceVersion.

  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

/// Whoever leads stops `lease - renew_deadline` before another may begin. Those of client-go are
/// 15, 10 and 2 s, for controllers whose writes are not held back by the lease: ours are, each
/// right before it goes on the wire, so what is left for is a write that is on its way, and that
/// names the version which it goes by.
struct LeaseTimes {
  std::chrono::milliseconds lease = std::chrono::seconds(8);
  std::chrono::milliseconds renew_deadline = std::chrono::seconds(5);
  std::chrono::milliseconds retry = std::chrono::seconds(1);
};

/// Who leads, by one Lease that all candidates write. Pure: times are arguments.
///
/// A leader leads for `renew_deadline` from the moment at which it *sent* the last renewal that was
/// accepted. A candidate takes a lease when it has not seen the record change for the time that the
/// record says, by its own monotonic clock; the clocks in the record are for people. Both write at
/// the version that they have read, so that of two only one succeeds. So at no moment do two lead,
/// as long as no clock goes half as fast again as another.
class Election {
 public:
  enum class Step {
    kRead,    ///< Ask what the record says.
    kCreate,  ///< Nobody has made one.
    kTake,    ///< It is free: write it at its version.
    kRenew,   ///< It is ours: write it at its version.
  };

  Election(std::string identity, LeaseTimes times);

  /// What to ask the server now.
  [[nodiscard]] Step Next(common::MonotonicTime now) const;

  /// When to do so, if nothing comes between. `jitter` is between 0 and 1 and spreads candidates.
  [[nodiscard]] common::MonotonicTime NextAt(common::MonotonicTime now, double jitter) const;

  /// The record to be written for the step; `now` as RFC 3339 with microseconds.
  [[nodiscard]] LeaseRecord Wish(Step step, const std::string& now) const;

  /// What the server has; nothing: there is no record.
  void Read(std::optional<LeaseRecord> record, common::MonotonicTime now);

  /// Our wish was accepted, and is the record now. `sent`: when it was on its way.
  void Written(LeaseRecord record, common::MonotonicTime sent, common::MonotonicTime now);

  /// A write was refused for its version, or nobody knows what became of it.
  void Forget() { known_ = false; }

  [[nodiscard]] bool Leads(common::MonotonicTime now) const;
  /// Until when it leads unless it renews; empty: it has not since it last lost it.
  [[nodiscard]] std::optional<common::MonotonicTime> LeadsUntil() const;

  /// Whoever holds the lease, as far as known; empty: nobody, or nothing is known yet.
  [[nodiscard]] std::string Holder() const { return record_ ? record_->holder : ""; }
  [[nodiscard]] int Transitions() const { return record_ ? record_->transitions : 0; }

 private:
  [[nodiscard]] bool IsOurs() const { return record_ && record_->holder == identity_; }
  [[nodiscard]] common::MonotonicTime FreeAt() const;
  void Observe(std::optional<LeaseRecord> record, common::MonotonicTime now);

  std::string identity_;
  LeaseTimes times_;
  bool known_ = false;  ///< `record_` is what the server had when it last answered.
  std::optional<LeaseRecord> record_;
  common::MonotonicTime changed_at_;  ///< When the record was first seen as it is.
  std::optional<common::MonotonicTime> renewed_at_;
};

}  // namespace scaler::kubernetes::leadership
