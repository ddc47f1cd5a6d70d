#include "tests/demo/stage/stage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "tests/demo/stage/children.h"
#include "tests/demo/stage/cloud.h"
#include "tests/demo/stage/configuration.h"
#include "tests/demo/stage/fault_runner.h"
#include "tests/demo/stage/leftovers.h"
#include "tests/demo/stage/node_events.h"
#include "tests/demo/stage/parts.h"
#include "tests/demo/stage/ports.h"
#include "tests/demo/stage/view.h"
#include "tests/demo/stage/watch.h"
#include "tests/demo/traffic/generator.h"

namespace demo {
namespace {

namespace fs = std::filesystem;
using common::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto kCgroupPrefix = "trimtab-demo-";
constexpr auto kStartTimeout = seconds(30);
constexpr auto kPollPeriod = milliseconds(300);
constexpr auto kViewPeriod = seconds(1);
constexpr auto kProgressPeriod = seconds(5);
/// What happened last must still be scraped and pass through the rules.
constexpr auto kLastScrapes = seconds(3);
constexpr auto kLongestCount = seconds(20);
constexpr auto kScalerGrace = seconds(20);
constexpr auto kOthersGrace = seconds(10);

void Say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// Waits at most `timeout` for one of the signals that end us; 0 if none came.
int AwaitSignal(milliseconds timeout) {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGHUP);
  const auto whole = std::chrono::duration_cast<seconds>(timeout);
  const timespec time{.tv_sec = whole.count(),
                      .tv_nsec = std::chrono::nanoseconds(timeout - whole).count()};
  const int number = ::sigtimedwait(&set, nullptr, &time);
  return number > 0 ? number : 0;
}

Result<fs::path> MakeRunDirectory() {
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "trimtab-demo-XXXXXX").string();
  if (error || ::mkdtemp(pattern.data()) == nullptr) {
    return common::FailErrno("cannot make a directory for this run, " + pattern);
  }
  return fs::path(pattern);
}

/// The end of a log, for a message.
std::string LastLines(const fs::path& log) {
  constexpr std::size_t kLines = 8;
  std::vector<std::string> lines;
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    if (lines.size() == kLines) {
      lines.erase(lines.begin());
    }
    lines.push_back(line);
  }
  std::string text;
  for (const auto& line : lines) {
    text += "\n  " + line;
  }
  return text.empty() ? " It said nothing." : " Its last words:" + text;
}

class Stage {
 public:
  Stage(const StageOptions& options, fs::path directory)
      : options_(options),
        place_{.source = options.source,
               .binaries = options.binaries,
               .directory = std::move(directory),
               .cgroup = kCgroupPrefix + std::to_string(::getpid()),
               .ports = Ports::From(options.port_base)},
        course_(DemoCourse()),
        cloud_(place_.directory / "cloud.sock"),
        watch_(course_, place_.ports, cloud_),
        node_events_(cloud_, ReplicasByCgroup(place_.cgroup),
                     [this](NodeTaken taken) { watch_.Add(std::move(taken)); }),
        faults_(options.faults, MakeParts(place_), place_.directory, children_, watch_) {}
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  ~Stage() {
    RemoveCgroups(FindCgroups(place_.cgroup));
    if (!options_.keep) {
      std::error_code ignored;
      fs::remove_all(place_.directory, ignored);
    }
  }

  Result<Summary> Run() {
    auto played =
        SetUp().and_then([this] { return AwaitReplicas(); }).and_then([this] { return Play(); });
    auto left_behind = TakeDown();
    if (!played) {
      return tl::make_unexpected(played.error());
    }
    return Summarize(std::move(left_behind));
  }

 private:
  Result<void> SetUp();
  Result<void> AwaitReady(const std::vector<Part>& parts);
  Result<void> AwaitReplicas();
  Result<void> Play();
  Result<void> CheckParts();
  Result<void> CheckSignal(milliseconds timeout);
  void Show(steady_clock::time_point began);
  std::vector<std::string> TakeDown();
  [[nodiscard]] bool AreReplicasThere() const;
  [[nodiscard]] std::vector<FaultSummary> SummarizeFaults() const;
  [[nodiscard]] CapacitySummary SummarizeNodes() const;
  [[nodiscard]] Summary Summarize(std::vector<std::string> left_behind) const;
  [[nodiscard]] fs::path LogOf(const std::string& name) const {
    return place_.directory / (name + ".log");
  }

  const StageOptions& options_;
  RunPlace place_;
  Course course_;
  Cloud cloud_;
  Watch watch_;
  NodeEvents node_events_;
  Children children_;
  FaultRunner faults_;
  std::unique_ptr<Screen> screen_;
  steady_clock::time_point next_view_;
  bool are_replicas_known_ = false;
  steady_clock::time_point began_;
  std::chrono::duration<double> played_{};
};

/// Fails with interrupted when a signal tells us to stop.
Result<void> Stage::CheckSignal(milliseconds timeout) {
  if (AwaitSignal(timeout) != 0) {
    return common::Fail(std::errc::interrupted, "stopped");
  }
  return {};
}

Result<void> Stage::CheckParts() {
  children_.Reap();
  if (const auto name = children_.FirstEnded()) {
    return common::Fail(std::errc::no_child_process,
                        fmt::format("{} ended by itself ({}).{}", *name, *children_.Ending(*name),
                                    LastLines(LogOf(*name))));
  }
  return {};
}

Result<void> Stage::SetUp() {
  RemoveStaleCgroups(kCgroupPrefix);
  if (auto free = CheckFree(place_.ports); !free) {
    return free;
  }
  if (auto written = WriteConfiguration(place_, course_); !written) {
    return written;
  }
  auto parts = MakeParts(place_);
  std::erase_if(parts, [&](const Part& part) { return faults_.IsAbsentAtFirst(part.name); });
  for (const auto& part : parts) {
    auto started = children_.Start(part.name, part.command, LogOf(part.name));
    if (!started) {
      return started;
    }
  }
  return AwaitReady(parts);
}

Result<void> Stage::AwaitReady(const std::vector<Part>& parts) {
  const auto deadline = steady_clock::now() + kStartTimeout;
  for (const auto& part : parts) {
    Say("Waiting for " + part.name + " ...");
    for (auto ready = part.ready(); !ready; ready = part.ready()) {
      if (steady_clock::now() > deadline) {
        return common::Fail(
            std::errc::timed_out,
            fmt::format("{} is not ready after {} s: {}.{}", part.name, kStartTimeout.count(),
                        ready.error().what, LastLines(LogOf(part.name))));
      }
      auto fine = CheckSignal(milliseconds(100)).and_then([this] { return CheckParts(); });
      if (!fine) {
        return fine;
      }
    }
  }
  return {};
}

/// Shops that are visited all the time have their first replica before the traffic begins.
bool Stage::AreReplicasThere() const {
  std::size_t there = 0;
  for (const auto& workload : watch_.Status().workloads) {
    const auto tenant =
        std::find_if(course_.tenants.begin(), course_.tenants.end(),
                     [&](const Tenant& candidate) { return candidate.name == workload.name; });
    if (tenant != course_.tenants.end()) {
      const bool wanted = tenant->phases.empty() || workload.desired > 0;
      there += wanted && workload.ready == workload.desired ? 1 : 0;
    }
  }
  return there == course_.tenants.size();
}

Result<void> Stage::AwaitReplicas() {
  if (faults_.IsAbsentAtFirst("trimtab-scaler")) {
    return {};  // Until they are there every shop counts as asleep.
  }
  Say("Waiting for the first replicas ...");
  const auto deadline = steady_clock::now() + kStartTimeout;
  for (watch_.Poll(); !AreReplicasThere(); watch_.Poll()) {
    if (steady_clock::now() > deadline) {
      return common::Fail(
          std::errc::timed_out,
          fmt::format("the shops have no replicas after {} s; {}{}", kStartTimeout.count(),
                      watch_.Trouble(), LastLines(LogOf("trimtab-scaler"))));
    }
    auto fine = CheckSignal(milliseconds(100)).and_then([this] { return CheckParts(); });
    if (!fine) {
      return fine;
    }
  }
  watch_.BeginFromHere();
  are_replicas_known_ = true;
  return {};
}

void Stage::Show(steady_clock::time_point began) {
  const auto now = steady_clock::now();
  if (now < next_view_) {
    return;
  }
  const auto elapsed = std::chrono::duration_cast<seconds>(now - began);
  next_view_ = now + (screen_ ? kViewPeriod : kProgressPeriod);
  if (screen_) {
    screen_->Draw(DescribeRun(watch_, place_.ports, elapsed));
  } else {
    Say(DescribeProgress(watch_, elapsed));
  }
}

Result<void> Stage::Play() {
  Generator generator(course_, {.port = place_.ports.haproxy, .seed = options_.seed},
                      [this](Event event) { watch_.Add(std::move(event)); });
  if (Screen::IsPossible()) {
    screen_ = std::make_unique<Screen>();
  } else {
    Say("Traffic begins.");
  }
  began_ = steady_clock::now();
  faults_.Begin(began_);
  node_events_.Begin(began_);
  generator.Start();
  Result<void> fine;
  bool stopped = false;
  while (fine && !stopped &&
         (!options_.duration || steady_clock::now() < began_ + *options_.duration)) {
    stopped = !CheckSignal(kPollPeriod);
    watch_.Poll();
    node_events_.Advance(steady_clock::now());
    if (!are_replicas_known_ && AreReplicasThere()) {
      watch_.BeginFromHere();
      are_replicas_known_ = true;
    }
    fine = faults_.Advance(steady_clock::now()).and_then([this] { return CheckParts(); });
    Show(began_);
  }
  played_ = steady_clock::now() - began_;
  screen_.reset();
  if (!fine) {
    return fine;
  }
  Say(stopped ? "Stopping: waiting for the last answers ..." : "Waiting for the last answers ...");
  auto ended = faults_.EndAll(kStartTimeout);
  generator.Finish();
  if (!stopped) {
    static_cast<void>(AwaitSignal(kLastScrapes));
  }
  watch_.Finish(stopped ? milliseconds(0) : kLongestCount, faults_.KillsOf("scaler"));
  return ended;
}

std::vector<std::string> Stage::TakeDown() {
  screen_.reset();
  Say("Stopping all parts ...");
  std::vector<std::string> left;
  // The scaler must be there to stop its replicas; who stands still hears no signal.
  if (auto ended = faults_.EndAll(kStartTimeout); !ended) {
    left.push_back(ended.error().what);
  }
  // The scaler takes its replicas with it and needs HAProxy for that.
  if (!children_.Stop("trimtab-scaler", kScalerGrace)) {
    left.emplace_back("trimtab-scaler did not stop in time");
  }
  for (const auto* const name : {"trimtab-local-cloud", "trimtab-agent", "prometheus",
                                 "prometheus-alertmanager", "haproxy", "trimtab-log-writer"}) {
    if (!children_.Stop(name, kOthersGrace)) {
      left.push_back(std::string(name) + " did not stop in time");
    }
  }
  for (const auto& stranger : children_.Strangers()) {
    left.push_back("process " + stranger);
  }
  children_.KillStrangers();
  const auto cgroups = FindCgroups(place_.cgroup);
  for (const auto& cgroup : cgroups) {
    left.push_back("cgroup " + cgroup.string());
  }
  RemoveCgroups(cgroups);
  if (auto free = CheckFree(place_.ports); !free) {
    left.push_back(free.error().what);
  }
  return left;
}

std::vector<FaultSummary> Stage::SummarizeFaults() const {
  const auto& gaps = watch_.GetAccount().Gaps();
  const auto seconds_of = [&](steady_clock::time_point time) {
    return std::chrono::duration<double>(time - began_).count();
  };
  std::vector<FaultSummary> summaries;
  for (std::size_t number = 0; number < faults_.Reports().size(); ++number) {
    const auto& report = faults_.Reports()[number];
    const auto gap = gaps.find(number);
    if (!report.began || gap == gaps.end()) {
      continue;  // The run was stopped before.
    }
    FaultSummary summary{.plan = report.plan,
                         .began_seconds = seconds_of(*report.began),
                         .gap = gap->second,
                         .replicas = report.replicas};
    if (report.back) {
      summary.back_seconds = seconds_of(*report.back);
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

CapacitySummary Stage::SummarizeNodes() const {
  const auto& account = watch_.NodesAccount();
  const auto& reclaims = node_events_.Reclaims();
  const auto& stock_outs = node_events_.StockOuts();
  CapacitySummary summary{
      .spare_ok_share = account.SpareOkShare(),
      .reclaims = reclaims,
      .lost = std::vector<std::uint64_t>(reclaims.size()),
      .fallback_seconds = account.FallbackSeconds(stock_outs),
      .return_seconds = account.ReturnSeconds(stock_outs),
      .drain_deadline_missed = watch_.DrainsMissed(),
      .requests_lost = watch_.GetAccount().GetTotals().FailedBy(Cause::kLostToReclaim),
      .cost_share_of_on_demand = account.CostShareOfOnDemand(),
      .most_nodes = account.MostNodes(),
      .problems = node_events_.Problems()};
  for (const auto& [number, lost] : watch_.GetAccount().LostToReclaims()) {
    summary.lost.at(number) = lost;
  }
  return summary;
}

Summary Stage::Summarize(std::vector<std::string> left_behind) const {
  const auto& account = watch_.GetAccount();
  const auto& complaints = watch_.Complaints();
  return {.seconds = played_.count(),
          .began = began_,
          .totals = account.GetTotals(),
          .load_steps = account.LoadSteps(),
          .wakes = account.Wakes(),
          .still_waking = account.StillWaking(),
          .losses = account.Losses(),
          .scalings = watch_.Scalings(),
          .faults = SummarizeFaults(),
          .capacity = SummarizeNodes(),
          .counted = watch_.RequestsCounted(),
          .history = watch_.History(),
          .complaints = {complaints.begin(), complaints.end()},
          .restarts = watch_.Restarts(),
          .alerts_received = watch_.Alerts(),
          .left_behind = std::move(left_behind)};
}

}  // namespace

Result<Summary> RunDemo(const StageOptions& options) {
  auto directory = MakeRunDirectory();
  if (!directory) {
    return tl::make_unexpected(directory.error());
  }
  Stage stage(options, *directory);
  auto summary = stage.Run();
  if (options.keep) {
    Say("Kept: " + directory->string());
  }
  return summary;
}

}  // namespace demo
