#include "scaler/loop/unsaved_states.h"

namespace scaler::loop {
namespace {

/// So many are written together without anybody noticing.
constexpr std::size_t kFew = 200;

}  // namespace

bool UnsavedStates::IsWaiting(const Waiting& one) {
  return one.entry->second.unsaved_since == one.since;
}

void UnsavedStates::Add(Entry& entry, engine::Time now) {
  if (!entry.second.unsaved_since) {
    entry.second.unsaved_since = now;
    queue_.push_back({&entry, now});
  }
}

std::vector<UnsavedStates::Entry*> UnsavedStates::Due(engine::Time now) const {
  const std::size_t share = queue_.size() <= kFew ? 0 : (queue_.size() + kLooks - 1) / kLooks;
  const auto overdue = now - interval_ + interval_ / kLooks;
  std::vector<Entry*> due;
  for (const auto& one : queue_) {
    if (due.size() >= share && one.since > overdue) {
      break;
    }
    if (IsWaiting(one)) {
      due.push_back(one.entry);
    }
  }
  return due;
}

void UnsavedStates::Saved(const std::vector<Entry*>& entries) {
  for (auto* const entry : entries) {
    entry->second.unsaved_since.reset();
  }
  while (!queue_.empty() && !IsWaiting(queue_.front())) {
    queue_.pop_front();
  }
}

}  // namespace scaler::loop
