#include "tests/demo/traffic/course.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kCycle = seconds(60);
constexpr int kTenants = 40;

Tenant NamedTenant(int number) {
  const auto name = fmt::format("shop-{:02}", number);
  return {.name = name, .host = name + ".example.test"};
}

Tenant Steady(int number, double rate) {
  auto tenant = NamedTenant(number);
  tenant.phases = {{.begin = seconds(0), .rate = rate}};
  return tenant;
}

/// `rate`, ten times as much for a while, and a tenth of that again.
Tenant Bursting(int number, double rate, Offset burst_begin, Offset burst_end) {
  auto tenant = Steady(number, rate);
  tenant.phases.push_back({.begin = burst_begin, .rate = rate * 10, .is_step = true});
  tenant.phases.push_back({.begin = burst_end, .rate = rate});
  return tenant;
}

Tenant Failing(int number, Fault fault, Offset at) {
  auto tenant = Steady(number, 3);
  tenant.injection = Injection{.at = at, .fault = fault};
  return tenant;
}

/// Two visits, long enough apart to fall asleep between them and before the next cycle.
Tenant Sleeping(int number) {
  auto tenant = NamedTenant(number);
  const auto first = milliseconds(1000 + (number * 6500) % 20'000);
  tenant.visits = {first, first + seconds(28)};
  return tenant;
}

}  // namespace

Course DemoCourse() {
  Course course{.cycle = kCycle, .tenants = {}};
  course.tenants = {
      Steady(1, 12),
      Steady(2, 8),
      Steady(3, 5),
      Bursting(4, 4, seconds(14), seconds(28)),
      Bursting(5, 4, seconds(31), seconds(43)),
      Failing(6, Fault::kLeak, seconds(10)),
      Failing(7, Fault::kCrash, seconds(18)),
      Failing(8, Fault::kHang, seconds(26)),
  };
  while (course.tenants.size() < kTenants) {
    course.tenants.push_back(Sleeping(static_cast<int>(course.tenants.size()) + 1));
  }
  return course;
}

std::string FaultPath(Fault fault) {
  switch (fault) {
    case Fault::kLeak:
      return "/fault/leak";
    case Fault::kCrash:
      return "/fault/crash";
    case Fault::kHang:
      return "/fault/hang";
  }
  return "/";
}

ArrivalStream::ArrivalStream(const Tenant& tenant, Offset cycle, std::uint64_t seed)
    : tenant_(tenant), cycle_(cycle), random_(seed) {
  phase_arrival_ = NextOfPhases();
}

std::optional<Arrival> ArrivalStream::Next() {
  const auto visit = NextVisit();
  const auto injection = NextInjection();
  const auto later = [](const std::optional<Arrival>& a, const std::optional<Arrival>& b) {
    return b && (!a || b->at < a->at);
  };
  auto next = phase_arrival_;
  if (later(next, visit)) {
    next = visit;
  }
  if (later(next, injection)) {
    ++injections_done_;
    return injection;
  }
  if (!next) {
    return std::nullopt;
  }
  if (visit && next->at == visit->at) {
    ++visits_done_;
  } else {
    phase_arrival_ = NextOfPhases();
  }
  return next;
}

std::optional<Arrival> ArrivalStream::NextVisit() const {
  const auto count = tenant_.visits.size();
  if (count == 0) {
    return std::nullopt;
  }
  const auto cycles = static_cast<Offset::rep>(visits_done_ / count);
  return Arrival{.at = cycle_ * cycles + tenant_.visits[visits_done_ % count]};
}

std::optional<Arrival> ArrivalStream::NextInjection() const {
  if (!tenant_.injection) {
    return std::nullopt;
  }
  const auto cycles = static_cast<Offset::rep>(injections_done_);
  return Arrival{.at = cycle_ * cycles + tenant_.injection->at, .kind = Arrival::Kind::kFault};
}

/// A Poisson process has no memory: at the begin of a phase the waiting begins anew.
std::optional<Arrival> ArrivalStream::NextOfPhases() {
  const auto& phases = tenant_.phases;
  if (std::none_of(phases.begin(), phases.end(),
                   [](const Phase& phase) { return phase.rate > 0; })) {
    return std::nullopt;
  }
  for (;;) {
    const auto count = phases.size();
    const auto begin_of = [&](std::size_t number) {
      return cycle_ * static_cast<Offset::rep>(number / count) + phases[number % count].begin;
    };
    const auto& phase = phases[phase_ % count];
    if (drawn_until_ <= begin_of(phase_)) {
      drawn_until_ = begin_of(phase_);
      step_pending_ = phase.is_step;
    }
    const auto at = drawn_until_ + (phase.rate > 0 ? Gap(phase.rate) : cycle_);
    if (phase.rate > 0 && at < begin_of(phase_ + 1)) {
      drawn_until_ = at;
      return Arrival{.at = at, .opens_step = std::exchange(step_pending_, false)};
    }
    ++phase_;
  }
}

Offset ArrivalStream::Gap(double rate) {
  // Not std::exponential_distribution, whose numbers differ between libraries.
  constexpr double kScale = 1.0 / 9007199254740992.0;  // 2^-53
  const double uniform = static_cast<double>((random_() >> 11U) + 1) * kScale;
  return Offset(std::llround(-std::log(uniform) / rate * 1e9) + 1);
}

}  // namespace demo
