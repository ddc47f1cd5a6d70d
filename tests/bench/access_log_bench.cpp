// An access log of many tenants, counted: against the least that any reader of lines must do, and
// against mtail.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/requests/access_log.h"
#include "agent/requests/request_counter.h"
#include "common/clock.h"
#include "common/result.h"
#include "common/text.h"
#include "support/scratch_directory.h"

extern char** environ;

namespace {

using namespace agent::requests;

constexpr int kTenants = 1000;
constexpr int kLines = 500'000;

std::string Host(int tenant) { return "shop-" + std::to_string(tenant) + ".example.com"; }

std::shared_ptr<const TenantRegistry> Shops() {
  std::vector<Tenant> tenants;
  for (int i = 0; i < kTenants; ++i) {
    tenants.push_back({.id = "shop-" + std::to_string(i), .hosts = {Host(i)}});
  }
  return TenantRegistry::Make(std::move(tenants)).value();
}

/// As HAProxy writes it; one request in fifty fails.
const std::string& Log() {
  static const std::string kLog = [] {
    std::string log;
    for (int i = 0; i < kLines; ++i) {
      log += "t1 17952319" + std::to_string(10 + i / 10'000) + ".228 " +
             (i % 50 == 0 ? "503" : "200") + " " + std::to_string(i % 90) +
             " 2176 512 shop-01 -- " + Host(i % kTenants * 7919 % kTenants) + "\n";
    }
    return log;
  }();
  return kLog;
}

void CountLines(benchmark::State& state, std::size_t lines) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(lines));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(Log().size()));
}

/// The floor: finds the ends of the lines and nothing else.
void ScanLines(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t lines = 0;
    const char* at = Log().data();
    const char* const end = at + Log().size();
    while (const void* found = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
      at = static_cast<const char*>(found) + 1;
      ++lines;
    }
    benchmark::DoNotOptimize(lines);
  }
  CountLines(state, kLines);
}
BENCHMARK(ScanLines)->Unit(benchmark::kMillisecond);

/// Parses each line, finds its tenant, counts.
void CountRequests(benchmark::State& state) {
  RequestCounter counter(LineFormat::kTrimtab, Shops());
  for (auto _ : state) {
    std::string_view rest = Log();
    while (!rest.empty()) {
      counter.Count(common::TakeLine(rest));
    }
  }
  if (counter.Counters().source.rejected_lines_total[0] != 0) {
    state.SkipWithError("lines were rejected");
  }
  CountLines(state, kLines);
}
BENCHMARK(CountRequests)->Unit(benchmark::kMillisecond);

/// All of it, from the file to the counters, as the agent does after a restart.
void FollowLog(benchmark::State& state) {
  const tests::ScratchDirectory directory;
  const auto path = directory.Path() / "access.log";
  std::ofstream(path) << Log();
  const common::SystemClock clock;
  for (auto _ : state) {
    const auto log = AccessLog::Open({.path = path}, Shops(), clock).value();
    while (log->Poll() || !log->CaughtUp()) {
    }
    if (log->Counters().source.lines_total != kLines) {
      state.SkipWithError("lines are missing");
      break;
    }
  }
  CountLines(state, kLines);
}
BENCHMARK(FollowLog)->Unit(benchmark::kMillisecond);

constexpr const char* kMtailProgram = R"(counter requests_total by host, status
counter sent_bytes_total by host
/^t1 \S+ (?P<status>\d+) -?\d+ (?P<sent>\d+) \d+ \S+ \S+ (?P<host>\S+)$/ {
  requests_total[$host][$status]++
  sent_bytes_total[$host] += $sent
}
)";

/// Runs a command to its end and says how much CPU time it took; the name of what went wrong else.
common::Result<double> CpuSecondsOf(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (auto& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  rusage used{};
  if (error != 0 || ::wait4(pid, &status, 0, &used) != pid || status != 0) {
    return common::Fail(std::errc::no_such_file_or_directory,
                        command.front() + " is not installed, or fails");
  }
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Debian's mtail over the same file, its start included; it counts less than we do.
void Mtail(benchmark::State& state) {
  const tests::ScratchDirectory directory;
  std::ofstream(directory.Path() / "access.log") << Log();
  std::ofstream(directory.Path() / "requests.mtail") << kMtailProgram;
  for (auto _ : state) {
    const auto seconds =
        CpuSecondsOf({"mtail", "--one_shot", "--progs", directory.Path() / "requests.mtail",
                      "--logs", directory.Path() / "access.log"});
    if (!seconds) {
      state.SkipWithError(seconds.error().what.c_str());
      break;
    }
    state.SetIterationTime(*seconds);
  }
  CountLines(state, kLines);
}
BENCHMARK(Mtail)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(2);

}  // namespace
