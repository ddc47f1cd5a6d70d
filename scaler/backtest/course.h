#pragma once

#include <cstdint>
#include <deque>

#include "scaler/backtest/cluster.h"
#include "scaler/backtest/result.h"
#include "scaler/backtest/rule.h"
#include "scaler/backtest/series.h"

namespace scaler::backtest {

/// One series on its way through the world: `while (!course.Over()) { Look, then Act }`.
///
/// `series` must outlive it.
class Course {
 public:
  /// `delay`: how late demand is shown; `replicas`: how many are ready at the beginning.
  Course(const World& world, const Series& series, Duration delay, int replicas);

  [[nodiscard]] bool Over() const { return step_ >= steps_; }

  /// The world as it is at the next step.
  [[nodiscard]] Look Next();

  /// Sets the number and lets time pass: to the next step, or, where nothing can change until
  /// then, to the one in which demand or the answer may.
  void Act(const Answer& answer);

  /// What has passed so far.
  [[nodiscard]] SeriesResult Result() const;

  /// What was ready and asked for in the step that Act let pass.
  [[nodiscard]] int Ready() const { return cluster_.Ready(); }
  [[nodiscard]] int Placed() const { return cluster_.Placed(); }

 private:
  void Count(int replicas);
  void Pass(std::int64_t steps);
  void CloseMinute();
  /// Steps from now until demand differs that was there `before` ago; at most `most`.
  [[nodiscard]] std::int64_t UntilChange(Duration before, std::int64_t most) const;

  const World& world_;
  const Series& series_;
  Duration delay_;
  Duration step_length_;
  std::int64_t step_ = 0;
  std::int64_t steps_;
  std::int64_t steps_of_minute_;
  Cluster cluster_;
  std::deque<int> ready_then_;  ///< Of the last steps, as far back as `delay_`.
  int last_direction_ = 0;
  SeriesResult result_;
  WorstMinute minute_;
};

/// The whole of one series under one rule.
[[nodiscard]] SeriesResult PlayRule(const World& world, const Series& series, Rule& rule);

}  // namespace scaler::backtest
