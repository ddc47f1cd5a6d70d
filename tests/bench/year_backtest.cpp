/// A year of minutes of a thousand tenants, for real: `year_backtest FILE [TENANTS [DAYS [STEP]]]`
/// writes such a history to FILE (gzipped, some 100 MB) unless it is there, and plays it as
/// `trimtabctl backtest` does, from the file, with steps of 5 s: one policy alone, and with
/// everything that it is compared with. Says how long that takes and how much memory. For people;
/// no test.
///
/// The tenants are as the public trace of functions has them: each sixth minute has a request; half
/// of the tenants have hardly any, one in twenty has some in every minute. What it is aimed at: ten
/// minutes on two cores, and memory that does not grow with the history.

#include <sys/resource.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "scaler/backtest/history/history.h"
#include "scaler/ctl/play.h"
#include "scaler/policy/profile.h"

namespace {

using namespace scaler;
using std::chrono::minutes;

constexpr int kMinutesOfDay = 24 * 60;
constexpr double kPerReplica = 10;

struct CloseGzip {
  void operator()(gzFile file) const { gzclose(file); }
};
using Gzip = std::unique_ptr<gzFile_s, CloseGzip>;

/// How often and how much a tenant asks.
struct Habits {
  double visits = 0;    ///< A minute, by day.
  double lasting = 0;   ///< Minutes, of a visit.
  double requests = 0;  ///< A minute, while there is one.
  bool always = false;
  bool by_day = false;
  int peak = 0;  ///< Minute of the day.
};

double Share(std::mt19937& random) { return static_cast<double>(random() % 1'000'000) / 1e6; }

Habits MakeHabits(std::mt19937& random) {
  const double rank = Share(random);
  Habits habits;
  habits.peak = static_cast<int>(random() % kMinutesOfDay);
  habits.by_day = Share(random) < 0.5;
  habits.always = rank > 0.95;
  habits.lasting = rank > 0.7 ? 20 : 2;
  habits.visits = rank < 0.5 ? 0.002 + 0.008 * Share(random)
                             : (rank < 0.7 ? 0.02 + 0.05 * Share(random) : 0.015);
  habits.requests = std::exp(2 + 6 * Share(random));
  return habits;
}

/// One row, minute by minute.
void WriteTenant(int tenant, int days, gzFile file) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(tenant));
  const auto habits = MakeHabits(random);
  std::string row = "tenant-" + std::to_string(tenant);
  double left = 0;
  for (int minute = 0; minute < days * kMinutesOfDay; ++minute) {
    const double phase = (minute % kMinutesOfDay - habits.peak) * 2 * 3.14159265 / kMinutesOfDay;
    const double day = 1 + 0.8 * std::cos(phase);
    if (left <= 0 && Share(random) < habits.visits * (habits.by_day ? day : 1)) {
      left = 1 + habits.lasting * 2 * Share(random);
    }
    left -= 1;
    const bool asks = habits.always || left > 0;
    const double requests = asks ? 1 + habits.requests * day * (0.5 + Share(random)) : 0;
    row += ',';
    row += asks ? std::to_string(static_cast<long>(requests)) : "0";
  }
  row += '\n';
  gzwrite(file, row.data(), static_cast<unsigned>(row.size()));
}

bool WriteHistory(const std::string& path, int tenants, int days) {
  const Gzip file(gzopen(path.c_str(), "wb1"));
  if (!file) {
    return false;
  }
  std::string header = "tenant";
  for (int minute = 1; minute <= days * kMinutesOfDay; ++minute) {
    header += ",m" + std::to_string(minute);
  }
  header += '\n';
  gzwrite(file.get(), header.data(), static_cast<unsigned>(header.size()));
  for (int tenant = 0; tenant < tenants; ++tenant) {
    WriteTenant(tenant, days, file.get());
  }
  return true;
}

policy::ScalingPolicy ThePolicy() {
  policy::ScalingPolicy document;
  document.name = "tenants";
  auto& policy = document.terms.policy;
  policy.replicas = {.min = 0, .max = 1000};
  policy.signals.requests = engine::RequestsSignal{kPerReplica};
  policy.behavior = policy::FastBehavior();
  policy.idle = engine::Idle{.after = minutes(10), .keep_warm = false};
  return document;
}

double MemoryMebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double CpuMinutes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return (seconds(usage.ru_utime) + seconds(usage.ru_stime)) / 60;
}

/// False: the history could not be read.
bool Play(const std::string& path, const char* what, std::chrono::seconds step,
          std::vector<backtest::Contender> contenders) {
  const auto history = backtest::history::OpenCsv(path, {});
  if (!history) {
    std::printf("%s\n", history.error().what.c_str());
    return false;
  }
  backtest::World world;
  world.capacity_per_replica = kPerReplica;
  world.step = step;
  const auto runs = contenders.size();
  backtest::Comparison comparison(world, std::move(contenders));
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = CpuMinutes();
  const auto played =
      ctl::PlayAll(**history, 0, comparison, [](double /*share*/, const std::string& /*words*/) {});
  if (!played) {
    std::printf("%s\n", played.error().what.c_str());
    return false;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const auto& total = comparison.Runs().front().total.total;
  std::printf(
      "%s, steps of %lld s, %zu runs over %zu series: %.2f min on %u cores (%.2f min of CPU), at "
      "most %.0f MiB; the "
      "policy: %.0f pod-hours, %.3g %% above capacity\n",
      what, static_cast<long long>(step.count()), runs, comparison.SeriesNames().size(),
      took.count() / 60, std::thread::hardware_concurrency(), CpuMinutes() - cpu, MemoryMebibytes(),
      total.pod_hours, total.ExcessShare() * 100);
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: year_backtest FILE [TENANTS [DAYS [STEP_SECONDS]]]\n");
    return 2;
  }
  const std::string path = argv[1];
  const int tenants = argc > 2 ? std::atoi(argv[2]) : 1000;
  const int days = argc > 3 ? std::atoi(argv[3]) : 365;
  const std::chrono::seconds step(argc > 4 ? std::max(1, std::atoi(argv[4])) : 60);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored) && !WriteHistory(path, tenants, days)) {
    std::fprintf(stderr, "year_backtest: %s cannot be written\n", path.c_str());
    return 1;
  }
  const backtest::Plan plan({{"tenants", ThePolicy()}}, {.hpa = true, .fixed = true});
  const bool done = Play(path, "one policy", step, {plan.Contenders().front()}) &&
                    Play(path, "with all that it is compared with", step, plan.Contenders());
  return done ? 0 : 1;
}
