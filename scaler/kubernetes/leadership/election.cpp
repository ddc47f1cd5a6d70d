#include "scaler/kubernetes/leadership/election.h"

#include <algorithm>
#include <utility>

namespace scaler::kubernetes::leadership {
namespace {

using common::MonotonicTime;
using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// What a record may say; more is a mistake and would keep everybody out.
constexpr int kLongestLeaseSeconds = 3600;

/// Candidates wait up to so much more than `retry`, as a share of it.
constexpr double kSpread = 0.2;

/// Whether somebody has written it anew. Labels and the like change its version only.
bool SaysTheSame(const LeaseRecord& left, const LeaseRecord& right) {
  auto same_version = left;
  same_version.version = right.version;
  return same_version == right;
}

}  // namespace

Election::Election(std::string identity, LeaseTimes times)
    : identity_(std::move(identity)), times_(times) {}

MonotonicTime Election::FreeAt() const {
  const int says = record_->duration_seconds;
  const auto lease = says > 0 && says <= kLongestLeaseSeconds
                         ? std::chrono::milliseconds(seconds(says))
                         : times_.lease;
  return changed_at_ + lease;
}

Election::Step Election::Next(MonotonicTime now) const {
  if (!known_) {
    return Step::kRead;
  }
  if (!record_) {
    return Step::kCreate;
  }
  if (IsOurs()) {
    return Step::kRenew;
  }
  return record_->holder.empty() || now >= FreeAt() ? Step::kTake : Step::kRead;
}

MonotonicTime Election::NextAt(MonotonicTime now, double jitter) const {
  const auto spread = duration_cast<nanoseconds>(times_.retry * kSpread * jitter);
  if (!known_) {
    return now + times_.retry + spread;
  }
  if (IsOurs() && renewed_at_) {
    return std::max(now, *renewed_at_ + times_.retry);
  }
  const auto usual = now + times_.retry + spread;
  if (!record_ || record_->holder.empty() || FreeAt() <= now) {
    return usual;
  }
  return std::min(usual, FreeAt() + spread);
}

LeaseRecord Election::Wish(Step step, const std::string& now) const {
  LeaseRecord wish;
  wish.holder = identity_;
  wish.duration_seconds = static_cast<int>(std::chrono::ceil<seconds>(times_.lease).count());
  wish.renewed = now;
  wish.acquired = step == Step::kRenew && record_ ? record_->acquired : now;
  if (record_ && step != Step::kCreate) {
    wish.transitions = record_->transitions + (step == Step::kTake ? 1 : 0);
    wish.version = record_->version;
  }
  return wish;
}

void Election::Observe(std::optional<LeaseRecord> record, MonotonicTime now) {
  if (record.has_value() != record_.has_value() || (record && !SaysTheSame(*record, *record_))) {
    changed_at_ = now;
  }
  record_ = std::move(record);
  known_ = true;
  if (!IsOurs()) {
    renewed_at_.reset();
  }
}

void Election::Read(std::optional<LeaseRecord> record, MonotonicTime now) {
  Observe(std::move(record), now);
}

void Election::Written(LeaseRecord record, MonotonicTime sent, MonotonicTime now) {
  Observe(std::move(record), now);
  if (IsOurs()) {
    renewed_at_ = sent;
  }
}

std::optional<MonotonicTime> Election::LeadsUntil() const {
  return renewed_at_ ? std::optional(*renewed_at_ + times_.renew_deadline) : std::nullopt;
}

bool Election::Leads(MonotonicTime now) const {
  return IsOurs() && renewed_at_ && now < *renewed_at_ + times_.renew_deadline;
}

}  // namespace scaler::kubernetes::leadership
