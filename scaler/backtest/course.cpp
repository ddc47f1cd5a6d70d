#include "scaler/backtest/course.h"

#include <algorithm>

namespace scaler::backtest {
namespace {

double Hours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}

double InSeconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::int64_t RoundUp(Duration whole, Duration part) { return (whole + part - Duration(1)) / part; }

}  // namespace

Course::Course(const World& world, const Series& series, Duration delay, int replicas)
    : world_(world),
      series_(series),
      delay_(delay),
      step_length_(std::min(world.step, series.period)),
      steps_(series.Length() / step_length_),
      steps_of_minute_(std::max<std::int64_t>(1, std::chrono::minutes(1) / step_length_)),
      cluster_(world, replicas),
      ready_then_(static_cast<std::size_t>(RoundUp(delay, step_length_)) + 1, replicas) {
  result_.worst.series = series.name;
  minute_.at = series.begin;
}

Look Course::Next() {
  const Duration elapsed = step_ * step_length_;
  cluster_.Advance(elapsed);
  ready_then_.pop_front();
  ready_then_.push_back(cluster_.Ready());
  Look look;
  look.now = series_.begin + elapsed;
  look.elapsed = elapsed;
  look.rate = series_.RateAt(elapsed - delay_);
  look.seen = look.now - delay_;
  look.ready_then = ready_then_.front();
  look.rate_now = series_.RateAt(elapsed);
  look.desired = cluster_.Desired();
  look.ready = cluster_.Ready();
  look.unready = cluster_.Desired() - cluster_.Ready();
  look.room = cluster_.Room();
  return look;
}

void Course::Act(const Answer& answer) {
  const Duration elapsed = step_ * step_length_;
  Count(answer.replicas);
  cluster_.SetDesired(answer.replicas, elapsed);
  const auto steady = answer.steady_until - (series_.begin + elapsed);
  if (steady <= step_length_ || !cluster_.Settled()) {
    Pass(1);
    return;
  }
  // Nothing moves but demand: all steps until it does are alike.
  const auto half = step_ < (steps_ + 1) / 2 ? (steps_ + 1) / 2 - step_ : steps_ - step_;
  auto alike = std::min(steady / step_length_, half);
  alike = UntilChange(Duration{}, alike);
  Pass(delay_ > Duration{} ? UntilChange(delay_, alike) : alike);
}

std::int64_t Course::UntilChange(Duration before, std::int64_t most) const {
  const Duration at = step_ * step_length_ - before;
  const auto& rates = series_.rates;
  auto sample = at < Duration{} ? 0 : static_cast<std::size_t>(at / series_.period);
  const double rate = rates[std::min(sample, rates.size() - 1)];
  std::int64_t steps = 0;
  do {
    ++sample;
    steps = RoundUp(series_.period * static_cast<long>(sample) - at, step_length_);
  } while (steps < most && (sample >= rates.size() || rates[sample] == rate));
  return std::min(steps, most);
}

void Course::Count(int replicas) {
  const int before = cluster_.Desired();
  if (replicas == before) {
    return;
  }
  auto& half = result_.halves[step_ * 2 < steps_ ? 0 : 1];
  const int direction = replicas > before ? 1 : -1;
  ++half.actions;
  half.reversals += last_direction_ != 0 && direction != last_direction_ ? 1 : 0;
  last_direction_ = direction;
}

void Course::Pass(std::int64_t steps) {
  auto& half = result_.halves[step_ * 2 < steps_ ? 0 : 1];
  const Duration length = steps * step_length_;
  half.pod_hours += cluster_.Placed() * Hours(length);
  half.node_hours += cluster_.Nodes() * Hours(length);
  const double rate = series_.RateAt(step_ * step_length_);
  const double beyond = std::max(0.0, rate - cluster_.Ready() * world_.capacity_per_replica);
  half.requests += rate * InSeconds(length);
  half.excess += beyond * InSeconds(length);
  half.cold_requests += cluster_.Ready() == 0 ? rate * InSeconds(length) : 0;
  std::int64_t left = steps;
  while (left > 0) {
    const auto in_minute = std::min(left, steps_of_minute_ - step_ % steps_of_minute_);
    minute_.requests += rate * InSeconds(in_minute * step_length_);
    minute_.excess += beyond * InSeconds(in_minute * step_length_);
    step_ += in_minute;
    left -= in_minute;
    if (step_ % steps_of_minute_ == 0 || step_ == steps_) {
      CloseMinute();
    }
  }
  for (auto i = std::min<std::int64_t>(steps - 1, static_cast<std::int64_t>(ready_then_.size()));
       i > 0; --i) {
    ready_then_.pop_front();
    ready_then_.push_back(cluster_.Ready());
  }
}

void Course::CloseMinute() {
  if (minute_.excess > result_.worst.excess) {
    minute_.series = series_.name;
    result_.worst = minute_;
  }
  minute_ = {};
  minute_.at = series_.begin + step_ * step_length_;
}

SeriesResult Course::Result() const {
  auto result = result_;
  result.total = result.halves[0];
  result.total += result.halves[1];
  return result;
}

SeriesResult PlayRule(const World& world, const Series& series, Rule& rule) {
  Course course(world, series, rule.Delay(), rule.Begin(series.RateAt(Duration{})));
  while (!course.Over()) {
    course.Act(rule.Decide(course.Next()));
  }
  return course.Result();
}

}  // namespace scaler::backtest
