#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace common::log {

/// Lets a message through a few times and then only now and then, so that a fault that repeats a
/// thousand times a second neither fills a disk nor hides the rest.
///
/// Pure: time is an argument. A message may come `kBurst` times at once and once in `kInterval`
/// after that. Bounded: of too many different messages, all share one budget.
class Repeats {
 public:
  static constexpr int kBurst = 10;
  static constexpr std::chrono::seconds kInterval{10};
  static constexpr std::size_t kMostMessages = 1000;

  /// How many of this message were held back since the last that passed, if this one may pass.
  [[nodiscard]] std::optional<std::uint64_t> Pass(std::string_view message, MonotonicTime now);

 private:
  struct Budget {
    double tokens = kBurst;
    MonotonicTime filled_at;
    std::uint64_t held_back = 0;
  };

  std::map<std::string, Budget, std::less<>> budgets_;
};

}  // namespace common::log
