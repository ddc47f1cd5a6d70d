#pragma once

#include <optional>

#include "scaler/backtest/world.h"
#include "scaler/engine/decision.h"

namespace scaler::backtest {

/// What a rule is shown at one instant.
struct Look {
  Time now{};
  Duration elapsed{};       ///< Since the series began.
  double rate = 0;          ///< Requests per second, as late as the rule learns of it.
  Time seen{};              ///< When that was so.
  int ready_then = 0;       ///< Ready replicas at that time.
  double rate_now = 0;      ///< For what waits at the door: no rule may provide by it.
  int desired = 0;          ///< What was last asked for.
  int ready = 0;            ///< Now.
  int unready = 0;          ///< Asked for, not ready.
  std::optional<int> room;  ///< More pods that the nodes of now take; empty: any number.
};

/// What a rule answers.
struct Answer {
  int replicas = 0;
  /// Until then it would say the same, as long as `rate` and `rate_now` stay.
  Time steady_until{};
};

/// Who says how many replicas there are to be for one series. Asked in the order of time.
class Rule {
 public:
  Rule() = default;
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;
  virtual ~Rule() = default;

  /// How late it learns of demand.
  [[nodiscard]] virtual Duration Delay() const = 0;

  /// How many are ready at the beginning, with demand of `rate` requests per second.
  [[nodiscard]] virtual int Begin(double rate) = 0;

  [[nodiscard]] virtual Answer Decide(const Look& look) = 0;

  /// Why it said what it said last, where the engine did; else nothing. Until the next Decide.
  [[nodiscard]] virtual const engine::Decision* Why() const { return nullptr; }
};

}  // namespace scaler::backtest
