#pragma once

#include <string>
#include <vector>

#include "scaler/engine/decision.h"

namespace scaler::engine {

/// The number of replicas on its way from the recommendations to the decision; notes who changes
/// it.
class Number {
 public:
  Number(int value, std::vector<Clamp>& clamps) : value_(value), clamps_(clamps) {}

  [[nodiscard]] int Value() const { return value_; }

  /// `amount` and `detail`: as in Clamp.
  void Change(Rule rule, int to, double amount = 0, const std::string& detail = {}) {
    if (to != value_) {
      clamps_.push_back({rule, value_, to, amount, detail});
      value_ = to;
    }
  }

  void AtLeast(Rule rule, int least, double amount = 0, const std::string& detail = {}) {
    if (value_ < least) {
      Change(rule, least, amount, detail);
    }
  }

  void AtMost(Rule rule, int most, double amount = 0, const std::string& detail = {}) {
    if (value_ > most) {
      Change(rule, most, amount, detail);
    }
  }

 private:
  int value_;
  std::vector<Clamp>& clamps_;
};

/// As clamps tell of durations.
[[nodiscard]] inline double Seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace scaler::engine
