/// The cost and the excess of the objective against those of the best peak-hold rule and of perfect
/// foresight, on real traces: `objective_frontier DIRECTORY [TRACE]`. For people; no test.
///
/// The model of the world: 5 s steps, demand constant within a sample of the trace, a replica is
/// ready 20 s after it was asked for and is paid for from then on, it goes at once, the observer is
/// 5 s or 30 s late, any number of replicas finds room. Excess is the share of requests above what
/// the ready replicas carry.

#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "scaler/codec/codec.h"
#include "scaler/engine/decide.h"

namespace {

using scaler::engine::Duration;
using std::chrono::seconds;

constexpr int kStepSeconds = 5;
constexpr int kStartSteps = 4;
constexpr double kStepHours = kStepSeconds / 3600.0;

/// Requests per second in each minute.
using Series = std::vector<double>;

struct Trace {
  std::string name;
  double per_replica = 0;
  int min_replicas = 0;
  std::vector<Series> series;
};

struct Totals {
  double hours = 0;
  double requests = 0;
  double excess = 0;

  void operator+=(const Totals& other) {
    hours += other.hours;
    requests += other.requests;
    excess += other.excess;
  }
  [[nodiscard]] double Share() const { return requests > 0 ? excess / requests : 0; }
};

/// The two halves of the time, and both.
using Halves = std::array<Totals, 3>;

// ---------------------------------------------------------------------------------- the traces

std::vector<std::vector<std::string>> ReadCsv(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    return rows;
  }
  std::vector<char> buffer(1 << 20);
  while (gzgets(file, buffer.data(), static_cast<int>(buffer.size())) != nullptr) {
    auto& row = rows.emplace_back(1);
    for (const char* c = buffer.data(); *c != '\0' && *c != '\n' && *c != '\r'; ++c) {
      if (*c == ',') {
        row.emplace_back();
      } else {
        row.back() += *c;
      }
    }
  }
  gzclose(file);
  if (!rows.empty()) {
    rows.erase(rows.begin());
  }
  return rows;
}

/// "1998-04-30T21:30:00" or with a blank.
long MinuteOf(const std::string& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%d%*c%d:%d", &year, &month, &day, &hour, &minute) != 5) {
    return 0;
  }
  const std::chrono::sys_days date{std::chrono::year(year) / month / day};
  return (date.time_since_epoch().count() * 24L + hour) * 60 + minute;
}

Trace WorldCup(const std::string& directory) {
  Trace trace{"worldcup", 100, 1, {}};
  const auto rows = ReadCsv(directory + "/worldcup98_per_minute.csv.gz");
  if (!rows.empty()) {
    const long first = MinuteOf(rows.front()[0]);
    auto& series = trace.series.emplace_back(MinuteOf(rows.back()[0]) - first + 1, 0.0);
    for (const auto& row : rows) {
      series[static_cast<std::size_t>(MinuteOf(row[0]) - first)] = std::stod(row[1]) / 60;
    }
  }
  return trace;
}

Trace Elb(const std::string& directory) {
  Trace trace{"elb", 0.25, 1, {}};
  Series series;
  for (const auto& row : ReadCsv(directory + "/nab_cloudwatch_5min.csv.gz")) {
    if (row[0].starts_with("elb_")) {
      series.insert(series.end(), 5, std::stod(row[2]) / 300);
    }
  }
  if (!series.empty()) {
    trace.series.push_back(std::move(series));
  }
  return trace;
}

Trace Azure(const std::string& directory, const char* name, const char* file, std::size_t columns) {
  Trace trace{name, 10, 0, {}};
  for (const auto& row : ReadCsv(directory + "/" + file)) {
    auto& series = trace.series.emplace_back();
    for (std::size_t i = columns; i < row.size(); ++i) {
      series.push_back(std::stod(row[i]) / 60);
    }
  }
  return trace;
}

// ----------------------------------------------------------------------------------- the world

/// Replicas wanted, from the step's number and the demand seen.
using Rule = std::function<int(int step, double seen)>;

void Run(const Series& series, double per_replica, int lag, const Rule& rule, Halves& halves) {
  constexpr int kStepsOfMinute = 60 / kStepSeconds;
  const int steps = static_cast<int>(series.size()) * kStepsOfMinute;
  std::array<int, kStartSteps + 1> wanted{};
  for (int step = 0; step < steps; ++step) {
    const int seen = std::max(0, step - lag / kStepSeconds);
    const int now = rule(step, series[static_cast<std::size_t>(seen / kStepsOfMinute)]);
    if (step == 0) {
      wanted.fill(now);
    }
    wanted[static_cast<std::size_t>(step) % wanted.size()] = now;
    const int ready = *std::min_element(wanted.begin(), wanted.end());
    const double demand = series[static_cast<std::size_t>(step / kStepsOfMinute)];
    auto& half = halves[static_cast<std::size_t>(step * 2L / steps)];
    half.hours += now * kStepHours;
    half.requests += demand * kStepSeconds;
    half.excess += std::max(0.0, demand - ready * per_replica) * kStepSeconds;
  }
}

int Need(double demand, const Trace& trace) {
  return std::max(static_cast<int>(std::ceil(demand / trace.per_replica - 1e-9)),
                  trace.min_replicas);
}

Halves Oracle(const Trace& trace) {
  Halves halves;
  for (const auto& series : trace.series) {
    int before = series.empty() ? 0 : Need(series.front(), trace);
    for (std::size_t minute = 0; minute < series.size(); ++minute) {
      const int need = Need(series[minute], trace);
      auto& half = halves[minute * 2 / series.size()];
      half.requests += series[minute] * 60;
      half.hours += need / 60.0 + std::max(need - before, 0) * 20 / 3600.0;
      before = need;
    }
  }
  return halves;
}

Halves PeakHold(const Trace& trace, int lag, double factor, int hold) {
  Halves halves;
  for (const auto& series : trace.series) {
    std::deque<std::pair<int, double>> peaks;
    const int window = std::max(1, hold / kStepSeconds);
    const auto rule = [&](int step, double seen) {
      while (!peaks.empty() && peaks.back().second <= seen) {
        peaks.pop_back();
      }
      peaks.emplace_back(step, seen);
      if (peaks.front().first <= step - window) {
        peaks.pop_front();
      }
      return Need(factor * peaks.front().second, trace);
    };
    Run(series, trace.per_replica, lag, rule, halves);
  }
  return halves;
}

struct Costs {
  double seconds = 0;
  double decisions = 0;
  std::size_t most_state_bytes = 0;
};

Halves Objective(const Trace& trace, int lag, double overload, Costs& costs) {
  using namespace scaler::engine;
  Policy policy;
  policy.replicas = {.min = trace.min_replicas, .max = 100'000};
  policy.objective.overload = overload;
  policy.signals.requests = RequestsSignal{trace.per_replica};
  policy.guards.damp_flapping = false;
  if (trace.min_replicas == 0) {
    policy.idle = Idle{.after = std::chrono::minutes(10), .keep_warm = true};
  }
  policy.guards.stale_after = std::chrono::minutes(1);
  Halves halves;
  for (const auto& series : trace.series) {
    State state;
    Observation observation;
    observation.lead.replica = seconds(kStartSteps * kStepSeconds);
    const auto rule = [&](int step, double seen) {
      observation.now = Time(seconds(1'000'000'000 + static_cast<long>(step) * kStepSeconds));
      observation.demand = Sampled<Demand>{{seen, 0, 0}, observation.now - seconds(lag)};
      auto decided = Decide(policy, std::move(state), observation);
      state = std::move(decided.state);
      observation.desired_replicas = decided.decision.desired;
      observation.ready_replicas = decided.decision.desired;
      return decided.decision.desired;
    };
    const auto begin = std::chrono::steady_clock::now();
    Run(series, trace.per_replica, lag, rule, halves);
    costs.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    costs.decisions += static_cast<double>(series.size()) * 60 / kStepSeconds;
    costs.most_state_bytes =
        std::max(costs.most_state_bytes, scaler::codec::EncodeState(state).size());
  }
  return halves;
}

// ----------------------------------------------------------------------------------- the tables

struct Point {
  std::string name;
  Halves halves;
};

Halves WithSum(Halves halves) {
  halves[2] = Totals{};
  halves[2] += halves[0];
  halves[2] += halves[1];
  return halves;
}

void Print(const char* who, const std::vector<Point>& points, std::size_t half) {
  std::printf("    %-10s", who);
  for (const auto& point : points) {
    const auto& totals = point.halves[half];
    std::printf(" %.0f/%.2e(%s)", totals.hours, totals.Share(), point.name.c_str());
  }
  std::printf("\n");
}

/// Those that cost less than every other with no more excess.
std::vector<Point> Frontier(std::vector<Point> points, std::size_t half) {
  std::sort(points.begin(), points.end(), [&](const Point& a, const Point& b) {
    return a.halves[half].hours < b.halves[half].hours;
  });
  std::vector<Point> frontier;
  for (auto& point : points) {
    if (frontier.empty() || point.halves[half].Share() < frontier.back().halves[half].Share()) {
      frontier.push_back(std::move(point));
    }
  }
  return frontier;
}

/// What the cheapest rule with no more excess costs; below 0 where there is none.
double CostAt(const std::vector<Point>& frontier, double share, std::size_t half) {
  for (const auto& point : frontier) {
    if (point.halves[half].Share() <= share) {
      return point.halves[half].hours;
    }
  }
  return -1;
}

void Compare(const Trace& trace, int lag) {
  constexpr std::array kFactors{1.0, 1.05, 1.1, 1.2, 1.3, 1.5};
  constexpr std::array kHolds{0, 60, 180, 300, 600, 1200, 2400};
  constexpr std::array kOverloads{0.2,   0.1,   0.05,   0.02,   0.01,   0.005,
                                  0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00005};
  std::vector<Point> rules;
  for (const double factor : kFactors) {
    for (const int hold : kHolds) {
      std::array<char, 32> name{};
      std::snprintf(name.data(), name.size(), "%.4gx,%ds", factor, hold);
      rules.push_back({name.data(), WithSum(PeakHold(trace, lag, factor, hold))});
    }
  }
  std::vector<Point> objectives;
  Costs costs;
  for (const double overload : kOverloads) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "%g%%", overload * 100);
    objectives.push_back({name.data(), WithSum(Objective(trace, lag, overload, costs))});
  }
  const auto oracle = WithSum(Oracle(trace));
  std::printf(
      "%s, %zu series, observer %d s late; %.2f us a decision, at most %zu bytes of state\n",
      trace.name.c_str(), trace.series.size(), lag, costs.seconds / costs.decisions * 1e6,
      costs.most_state_bytes);
  for (const std::size_t half : {2U, 0U, 1U}) {
    const auto frontier = Frontier(rules, half);
    std::printf("  %s: oracle %.0f replica hours\n",
                half == 2 ? "all" : (half == 0 ? "first half" : "second half"), oracle[half].hours);
    Print("peak-hold", frontier, half);
    Print("objective", objectives, half);
    std::printf("    %-10s", "closes");
    for (const auto& point : objectives) {
      const double rule = CostAt(frontier, point.halves[half].Share(), half);
      if (rule < 0) {
        std::printf(" %s:none so good", point.name.c_str());
      } else {
        std::printf(" %s:%+.0f%%", point.name.c_str(),
                    (rule - point.halves[half].hours) / (rule - oracle[half].hours) * 100);
      }
    }
    std::printf("\n");
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: objective_frontier DIRECTORY [TRACE]\n");
    return 2;
  }
  const std::string directory = argv[1];
  for (const auto& trace : {WorldCup(directory), Elb(directory),
                            Azure(directory, "azure_day", "azure2019_day_per_minute.csv.gz", 1),
                            Azure(directory, "azure_8h", "azure2019_8h_with_trigger.csv.gz", 4)}) {
    if (argc > 2 && trace.name != argv[2]) {
      continue;
    }
    if (trace.series.empty()) {
      std::printf("%s: not in %s, skipped\n", trace.name.c_str(), directory.c_str());
      continue;
    }
    for (const int lag : {5, 30}) {
      Compare(trace, lag);
    }
  }
  return 0;
}
