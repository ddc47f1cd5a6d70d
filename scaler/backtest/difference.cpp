#include "scaler/backtest/difference.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "scaler/backtest/course.h"

namespace scaler::backtest {
namespace {

/// More than this many differences are thinned out before the next one is kept.
constexpr std::size_t kThinOutAt = 4;

std::optional<engine::Decision> Reason(const Rule& rule) {
  const auto* const why = rule.Why();
  return why == nullptr ? std::nullopt : std::optional(*why);
}

}  // namespace

void KeepLargest(std::size_t most, std::vector<Difference>& differences) {
  std::stable_sort(differences.begin(), differences.end(), [](const auto& left, const auto& right) {
    return std::abs(left.pod_hours) > std::abs(right.pod_hours);
  });
  if (differences.size() > most) {
    differences.erase(differences.begin() + static_cast<std::ptrdiff_t>(most), differences.end());
  }
}

std::vector<Difference> Compare(const World& world, const Series& series, Rule& first, Rule& second,
                                std::size_t most) {
  const double rate = series.RateAt(Duration{});
  Course first_course(world, series, first.Delay(), first.Begin(rate));
  Course second_course(world, series, second.Delay(), second.Begin(rate));
  const double hours = std::chrono::duration<double, std::ratio<3600>>(world.step).count();
  std::vector<Difference> found;
  bool differ = false;
  while (!first_course.Over()) {
    const auto first_look = first_course.Next();
    const auto look = second_course.Next();
    const int one = first.Decide(first_look).replicas;
    const int other = second.Decide(look).replicas;
    if (one != other && !differ) {
      if (found.size() >= most * kThinOutAt) {
        KeepLargest(most, found);
      }
      found.push_back(
          {.series = series.name, .from = look.now, .first_reason = {}, .second_reason = {}});
    }
    differ = one != other;
    if (differ) {
      auto& now = found.back();
      now.length = look.now - now.from + world.step;
      now.pod_hours += (other - one) * hours;
      if (std::abs(other - one) > std::abs(now.second - now.first)) {
        now.at = look.now;
        now.rate = look.rate;
        now.first = one;
        now.second = other;
        now.first_reason = Reason(first);
        now.second_reason = Reason(second);
      }
    }
    // Step by step, so that both are asked at the same times.
    first_course.Act({one, first_look.now});
    second_course.Act({other, look.now});
  }
  KeepLargest(most, found);
  return found;
}

}  // namespace scaler::backtest
