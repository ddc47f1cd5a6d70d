#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "scaler/engine/policy.h"
#include "scaler/loop/workload_memory.h"

namespace scaler::loop {

/// Which states have changed since they were last in the ledger, the oldest first.
///
/// Each is to be there within `interval` of its change. A few wait for the end of it and are
/// written together; of many a tenth is due at every look, so that no look takes long. Look ten
/// times in an interval.
class UnsavedStates {
 public:
  using Entry = WorkloadMemories::value_type;
  static constexpr int kLooks = 10;  ///< In an interval.

  explicit UnsavedStates(engine::Duration interval) : interval_(interval) {}

  /// The state has changed; no matter where it waits already.
  void Add(Entry& entry, engine::Time now);

  [[nodiscard]] std::vector<Entry*> Due(engine::Time now) const;

  /// These are in the ledger as they are now.
  void Saved(const std::vector<Entry*>& entries);

  /// Call it before any memory goes for which `goes` holds.
  template <typename Predicate>
  void Forget(Predicate goes) {
    std::erase_if(queue_, [&](const Waiting& one) { return goes(*one.entry); });
  }

 private:
  struct Waiting {
    Entry* entry;
    engine::Time since;
  };

  [[nodiscard]] static bool IsWaiting(const Waiting& one);

  engine::Duration interval_;
  /// What was saved out of turn is still in it, and is passed over.
  std::deque<Waiting> queue_;
};

}  // namespace scaler::loop
