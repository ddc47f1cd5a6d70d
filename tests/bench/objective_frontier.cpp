/// The cost and the excess of the objective against those of the best peak-hold rule, of the HPA
/// and of perfect foresight, on real traces, in all and for each half of the time; and what a
/// decision costs in a backtest: `objective_frontier DIRECTORY [TRACE]`. For people; no test.
///
/// The world is that of docs/backtest.md without nodes, the observer 5 s or 30 s late. Nothing is
/// fitted here: one policy for all traces, of which only `overload` varies.

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "bench/frontier_table.h"
#include "scaler/backtest/comparison.h"
#include "scaler/backtest/course.h"
#include "scaler/backtest/history/history.h"
#include "scaler/codec/codec.h"

namespace {

using namespace scaler;
using backtest::Contender;
using backtest::RunResult;
using backtest::Series;
using backtest::World;
using bench::Part;
using std::chrono::minutes;
using std::chrono::seconds;

struct Trace {
  const char* name;
  const char* file;
  const char* series;
  double capacity;
  int min;
};

constexpr std::array<Trace, 4> kTraces{{
    {"worldcup", "worldcup98_per_minute.csv.gz", "", 100, 1},
    {"elb", "nab_cloudwatch_5min.csv.gz", "elb_*", 0.25, 1},
    {"azure_day", "azure2019_day_per_minute.csv.gz", "", 10, 0},
    {"azure_8h", "azure2019_8h_with_trigger.csv.gz", "", 10, 0},
}};

constexpr std::array kOverloads{0.2,   0.1,   0.05,   0.02,   0.01,   0.005,
                                0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00005};

/// CPU time of this thread, so that other work on the machine does not show.
double CpuSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// What the decisions of a backtest cost.
struct Costs {
  double seconds = 0;
  double decisions = 0;
  std::size_t most_state_bytes = 0;
};

engine::Policy PolicyFor(const Trace& trace, double overload) {
  engine::Policy policy;
  policy.replicas = {.min = trace.min, .max = 100'000};
  policy.objective.overload = overload;
  policy.signals.requests = engine::RequestsSignal{trace.capacity};
  policy.guards.damp_flapping = false;
  if (trace.min == 0) {
    policy.idle = engine::Idle{.after = minutes(10), .keep_warm = true};
  }
  policy.guards.stale_after = minutes(1);
  return policy;
}

Contender ObjectiveContender(const Trace& trace, double overload, Costs& costs) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%g%%", overload * 100);
  return {name.data(),
          [policy = PolicyFor(trace, overload), &costs](const World& world, const Series& series) {
            const double begin = CpuSeconds();
            backtest::PolicyRule rule(world, policy, {});
            auto result = backtest::PlayRule(world, series, rule);
            costs.seconds += CpuSeconds() - begin;
            costs.decisions += static_cast<double>(series.Length() / world.step);
            costs.most_state_bytes =
                std::max(costs.most_state_bytes, codec::EncodeState(rule.State()).size());
            return result;
          },
          nullptr};
}

/// Everybody's runs over a trace.
struct Played {
  std::vector<RunResult> objectives;
  std::vector<RunResult> rules;
  std::vector<RunResult> others;
  std::size_t series = 0;
  double tenant_minutes = 0;
};

std::vector<RunResult> Some(std::vector<RunResult>& runs, std::size_t count) {
  std::vector<RunResult> some(
      std::make_move_iterator(runs.begin()),
      std::make_move_iterator(runs.begin() + static_cast<std::ptrdiff_t>(count)));
  runs.erase(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(count));
  return some;
}

common::Result<Played> Play(const std::string& directory, const Trace& trace, const World& world,
                            Costs& costs) {
  auto history = backtest::history::OpenCsv(directory + "/" + trace.file,
                                            {.series = trace.series, .period = {}, .rates = false});
  if (!history) {
    return tl::make_unexpected(history.error());
  }
  std::vector<Contender> contenders;
  for (const double overload : kOverloads) {
    contenders.push_back(ObjectiveContender(trace, overload, costs));
  }
  const auto sweep = backtest::PeakHoldSweep(trace.min);
  for (const auto& options : sweep) {
    contenders.push_back(backtest::PeakHoldContender(options));
  }
  backtest::HpaOptions keda;
  keda.zero_after = minutes(5);
  contenders.push_back(backtest::OracleContender("oracle", 1, trace.min));
  contenders.push_back(backtest::HpaContender("hpa", {}));
  contenders.push_back(backtest::HpaContender("keda", keda));
  contenders.push_back(backtest::StaticContender(1));
  contenders.push_back(backtest::FloorContender(trace.min));
  backtest::Comparison comparison(world, std::move(contenders));
  Played played;
  while (true) {
    const auto series = (*history)->Next();
    if (!series) {
      return tl::make_unexpected(series.error());
    }
    if (!*series) {
      break;
    }
    comparison.Add((*series)->name, comparison.Play(**series));
    ++played.series;
    played.tenant_minutes += static_cast<double>((*series)->Length() / minutes(1));
  }
  auto runs = comparison.TakeRuns();
  played.objectives = Some(runs, kOverloads.size());
  played.rules = Some(runs, sweep.size());
  played.others = std::move(runs);
  return played;
}

std::vector<const RunResult*> Pointers(const std::vector<RunResult>& runs) {
  std::vector<const RunResult*> pointers;
  for (const auto& run : runs) {
    pointers.push_back(&run);
  }
  return pointers;
}

void PrintPart(const Played& played, Part part) {
  const auto objectives = Pointers(played.objectives);
  const auto frontier = bench::FrontierOf(played.rules, part);
  const double oracle = bench::Of(played.others.front(), part).pod_hours;
  std::printf(
      "  %s: oracle %.0f pod-hours\n",
      part == Part::kAll ? "all" : (part == Part::kFirstHalf ? "first half" : "second half"),
      oracle);
  bench::PrintRuns("peak-hold", frontier, part);
  bench::PrintRuns("objective", objectives, part);
  bench::PrintGaps(frontier, objectives, oracle, part);
  bench::PrintRuns("others", Pointers(played.others), part);
}

/// Which objectives are held, and why others are not.
void PrintHeld(const Played& played) {
  const double floor = played.others.back().total.total.ExcessShare();
  std::printf("    %-10s", "held");
  for (std::size_t i = 0; i < kOverloads.size(); ++i) {
    const double share = played.objectives[i].total.total.ExcessShare();
    std::printf(" %s:%s", played.objectives[i].name.c_str(),
                share <= kOverloads[i] ? "yes" : (floor > kOverloads[i] ? "out of reach" : "NO"));
  }
  std::printf(" (floor %.2e)\n", floor);
}

bool Compare(const std::string& directory, const Trace& trace, int lag) {
  World world;
  world.capacity_per_replica = trace.capacity;
  world.metric_delay = seconds(lag);
  Costs costs;
  const auto played = Play(directory, trace, world, costs);
  if (!played) {
    std::printf("%s: skipped: %s\n", trace.name, played.error().what.c_str());
    return false;
  }
  std::printf(
      "%s, %zu series, observer %d s late; %.2f us a decision, %.2f M decisions/s on a "
      "core, at most %zu bytes of state\n",
      trace.name, played->series, lag, costs.seconds / costs.decisions * 1e6,
      costs.decisions / costs.seconds / 1e6, costs.most_state_bytes);
  for (const auto part : {Part::kAll, Part::kFirstHalf, Part::kSecondHalf}) {
    PrintPart(*played, part);
  }
  PrintHeld(*played);
  std::fflush(stdout);
  return true;
}

/// How long a year of a thousand such tenants would take on two cores, from their part that there
/// is, with every run that `trimtabctl backtest` has beside one policy.
void PrintYear(const std::string& directory, const Trace& trace) {
  constexpr double kTenantMinutes = 1000.0 * 365 * 24 * 60;
  constexpr double kCores = 2;
  for (const int step : {5, 60}) {
    World world;
    world.capacity_per_replica = trace.capacity;
    world.step = seconds(step);
    Costs all;
    const double begin = CpuSeconds();
    const auto played = Play(directory, trace, world, all);
    const double total = CpuSeconds() - begin;
    if (!played) {
      return;
    }
    // Of the objectives one alone is a backtest.
    const double one = all.seconds / static_cast<double>(kOverloads.size());
    const double factor = kTenantMinutes / played->tenant_minutes / kCores / 60;
    std::printf(
        "%s, steps of %d s, extrapolated to a year of minutes of 1000 such tenants on 2 "
        "cores: one policy %.1f min, with all that is compared %.1f min\n",
        trace.name, step, one * factor, (total - all.seconds + one) * factor);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: objective_frontier DIRECTORY [TRACE]\n");
    return 2;
  }
  const std::string directory = argv[1];
  for (const auto& trace : kTraces) {
    if (argc > 2 && argv[2] != std::string(trace.name)) {
      continue;
    }
    bool there = true;
    for (const int lag : {5, 30}) {
      there = there && Compare(directory, trace, lag);
    }
    if (there && trace.min == 0) {
      PrintYear(directory, trace);
    }
  }
  return 0;
}
