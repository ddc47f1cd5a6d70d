#include "common/log_repeats.h"

#include <algorithm>
#include <utility>

namespace common::log {

std::optional<std::uint64_t> Repeats::Pass(std::string_view message, MonotonicTime now) {
  auto found = budgets_.find(message);
  if (found == budgets_.end()) {
    const bool full = budgets_.size() >= kMostMessages;
    const std::string key(full ? std::string_view() : message);
    found = budgets_.try_emplace(key, Budget{kBurst, now, 0}).first;
  }
  auto& budget = found->second;
  const std::chrono::duration<double> elapsed = now - budget.filled_at;
  const double refill = elapsed / std::chrono::duration<double>(kInterval);
  budget.tokens = std::min<double>(kBurst, budget.tokens + refill);
  budget.filled_at = now;
  if (budget.tokens < 1) {
    ++budget.held_back;
    return std::nullopt;
  }
  budget.tokens -= 1;
  return std::exchange(budget.held_back, 0);
}

}  // namespace common::log
