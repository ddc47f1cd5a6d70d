#include "scaler/local/replica.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "common/io_loop.h"
#include "common/log.h"
#include "common/text.h"
#include "scaler/local/nodes.h"
#include "scaler/local/replica_process.h"

namespace scaler::local {
namespace {

namespace log = common::log;
using common::Result;
using common::lifecycle::EndReason;
using platform::Phase;
using std::chrono::milliseconds;

/// While a replica starts it is asked this often, so that a visitor who waits for it is served
/// as soon as it can be.
constexpr milliseconds kStartingPeriod(50);

/// An adopted shim writes its pid down as its first act.
constexpr milliseconds kFindPeriod(50);

std::string Describe(const ReplicaEnd& end) {
  if (end.status.signal) {
    return fmt::format("signal {}", *end.status.signal);
  }
  return end.status.exit_code ? fmt::format("exit code {}", *end.status.exit_code) : "not seen";
}

engine::Pod::End HowItEnded(EndReason reason) {
  using How = engine::Pod::End;
  switch (reason) {
    case EndReason::kOomKilled:
      return How::kOutOfMemory;
    case EndReason::kAppError:
      return How::kError;
    case EndReason::kHealthCheck:
      return How::kHealthCheck;
    case EndReason::kEvicted:
      return How::kEvicted;
    case EndReason::kCompleted:
      return How::kCompleted;
    case EndReason::kScaledDown:
    case EndReason::kUnknown:
      break;
  }
  return How::kNone;
}

/// The shim told the time by the wall clock, perhaps before this program began.
std::optional<platform::End> DescribeEnd(const ReplicaEnd& end, const common::Clock& clock) {
  const auto how = HowItEnded(end.reason);
  if (how == engine::Pod::End::kNone) {
    return std::nullopt;
  }
  const auto age = std::max(clock.Wall() - end.time, milliseconds(0));
  return platform::End{.how = how, .at = clock.Monotonic() - age};
}

}  // namespace

Replica::Replica(Host& host, const WorkloadSpec& spec, std::uint64_t number, std::string node)
    : host_(host),
      spec_(spec),
      number_(number),
      id_(Id(spec.name, number)),
      node_(std::move(node)),
      since_(host.loop.Monotonic()),
      started_(host.loop.Monotonic()),
      back_off_(spec.restart, milliseconds::zero()),
      probe_(host.loop.Context()) {
  if (host_.nodes != nullptr) {
    host_.nodes->Claim(id_, node_, spec_.resources.cpu_request_cores.value_or(0),
                       MemoryRequest(spec_));
  }
}

Replica::~Replica() = default;

std::string Replica::Id(const std::string& workload, std::uint64_t number) {
  return fmt::format("{}-{}", workload, number);
}

Phase Replica::Phase() const {
  switch (stage_) {
    case Stage::kReady:
      return Phase::kReady;
    case Stage::kBackOff:
      return Phase::kBackOff;
    case Stage::kDraining:
      return Phase::kDraining;
    case Stage::kTerminating:
      // One that is ended for its health will start again.
      return leaving_ ? Phase::kDraining : Phase::kStarting;
    case Stage::kStarting:
    case Stage::kGone:
      break;
  }
  return Phase::kStarting;
}

platform::Replica Replica::Describe() const {
  const auto age = std::chrono::duration_cast<milliseconds>(host_.loop.Monotonic() - since_);
  return {.id = id_,
          .phase = Phase(),
          .since = host_.loop.Wall() - age,
          .restarts = restarts_,
          .address = port_ ? fmt::format("127.0.0.1:{}", *port_) : std::string(),
          .created = created_,
          .last_end = last_end_};
}

void Replica::Enter(Stage stage) {
  const auto before = Phase();
  stage_ = stage;
  if (Phase() != before) {
    since_ = host_.loop.Monotonic();
  }
  host_.changed();
}

void Replica::Start() {
  created_ = host_.loop.Monotonic();
  StartAttempt();
}

void Replica::StartAttempt() {
  timer_.reset();
  failures_ = 0;
  adopted_ = false;
  signal_.reset();
  started_ = host_.loop.Monotonic();
  Enter(Stage::kStarting);
  if (auto spawned = Spawn(); !spawned) {
    log::Error("cannot start a replica", {{"replica", id_}, {"reason", spawned.error().what}});
    if (port_) {
      host_.ports.Release(*std::exchange(port_, std::nullopt));
    }
    problem_ = "cannot start " + id_ + ": " + spawned.error().what;
    WaitForNextStart();
    return;
  }
  problem_.clear();
  log::Info(
      "replica started",
      {{"replica", id_}, {"attempt", std::to_string(attempt_)}, {"port", std::to_string(*port_)}});
  ProbeAfter(kStartingPeriod);
}

Result<void> Replica::Spawn() {
  port_ = host_.ports.Take();
  if (!port_) {
    return common::Fail(std::errc::address_not_available, "no free port in the range");
  }
  return StartShim(host_, MakeLaunch(host_, spec_, Attempt(), node_, *port_, back_off_.Last()))
      .map([&](pid_t pid) { WatchShim(pid); });
}

void Replica::WatchShim(pid_t pid) {
  auto watch = ProcessWatch::Open(host_.loop.Context(), pid, [this] { OnShimEnded(); });
  if (!watch) {
    // Gone already; not before the caller is done with what it is doing.
    find_timer_ = host_.loop.After(milliseconds(0), [this] { OnShimEnded(); });
    return;
  }
  shim_ = std::move(*watch);
  if (signal_) {
    Terminate(*signal_);
  }
}

void Replica::Adopt(const Launch& launch) {
  attempt_ = launch.attempt;
  restarts_ = launch.attempt;
  back_off_ = BackOff(spec_.restart, launch.back_off);
  const auto state = ReadState(host_, Attempt());
  if (!ShimLives(host_, id_)) {
    log::Info("replica ended while no scaler ran", {{"replica", id_}});
    TakeEnd(CollectEnd(host_, spec_, Attempt()));
    return;
  }
  adopted_ = true;
  port_ = launch.port;
  host_.ports.Reserve(launch.port);
  if (state) {
    since_ -= std::max(host_.loop.Wall() - state->started, milliseconds(0));
    if (attempt_ == 0) {
      created_ = since_;
    }
  }
  log::Info("replica adopted", {{"replica", id_},
                                {"attempt", std::to_string(attempt_)},
                                {"port", std::to_string(launch.port)}});
  FindShim();
  if (state && state->stopping) {
    leaving_ = true;
    Terminate(SIGTERM);
    return;
  }
  if (host_.ingress != nullptr) {
    // It may serve at this moment: nothing is changed before its health is known.
    host_.ingress->Keep(Server(), launch.port);
    registered_ = true;
  }
  ProbeAfter(milliseconds(0));
}

/// The lock file holds the pid of the shim, once the shim has come that far.
void Replica::FindShim() {
  find_timer_.reset();
  if (const auto pid = ShimPid(host_, id_)) {
    WatchShim(*pid);
  } else {
    find_timer_ = host_.loop.After(kFindPeriod, [this] { FindShim(); });
  }
}

/// The shim ends only after it has tidied up; who waits for requests must know at once.
void Replica::WatchProcess() {
  if (process_) {
    return;
  }
  const auto state = ReadState(host_, Attempt());
  if (!state || state->pid == 0 || state->end) {
    return;
  }
  auto watch = ProcessWatch::Open(host_.loop.Context(), state->pid, [this] { OnProcessEnded(); });
  if (watch) {
    process_ = std::move(*watch);
  }
}

void Replica::ProbeAfter(milliseconds delay) {
  probe_timer_ = host_.loop.After(delay, [this] { Probe(); });
}

void Replica::Probe() {
  probe_timer_.reset();
  if (port_) {
    probe_.Ask(*port_, spec_.health.path, spec_.health.timeout,
               [this](const Result<void>& health) { TakeHealth(health); });
  }
}

void Replica::TakeHealth(const Result<void>& health) {
  if (stage_ != Stage::kStarting && stage_ != Stage::kReady) {
    return;
  }
  if (health) {
    Healthy();
  } else {
    Sick(health.error().what);
  }
}

void Replica::Healthy() {
  failures_ = 0;
  adopted_ = false;
  WatchProcess();
  ProbeAfter(spec_.health.period);
  if (stage_ == Stage::kReady) {
    return;
  }
  if (host_.ingress == nullptr) {
    OnServes();
    return;
  }
  registered_ = true;
  host_.ingress->Serve(Server(), *port_);
}

void Replica::Sick(const std::string& why) {
  ++failures_;
  const bool often = failures_ >= spec_.health.failure_threshold;
  const auto running = host_.loop.Monotonic() - started_;
  if (stage_ == Stage::kReady && often) {
    EndForHealth(why);
  } else if (stage_ == Stage::kStarting && running > spec_.health.start_timeout) {
    EndForHealth("not ready in time: " + why);
  } else {
    if (adopted_ && often && registered_) {
      host_.ingress->Remove(Server());
      registered_ = false;
    }
    const bool quick = stage_ == Stage::kStarting && !adopted_;
    ProbeAfter(quick ? kStartingPeriod : spec_.health.period);
  }
}

void Replica::EndForHealth(const std::string& why) {
  log::Warning("replica failed its health check", {{"replica", id_}, {"reason", why}});
  problem_ = fmt::format("{} failed its health check: {}", id_, why);
  if (std::exchange(registered_, false)) {
    host_.ingress->Remove(Server());
  }
  Terminate(SIGUSR1);
}

void Replica::OnServes() {
  if (stage_ == Stage::kStarting) {
    problem_.clear();
    const auto took = std::chrono::duration_cast<milliseconds>(host_.loop.Monotonic() - started_);
    log::Info("replica ready", {{"replica", id_}, {"after", common::FormatDuration(took)}});
    Enter(Stage::kReady);
  }
}

/// What ran on the node was killed with it; where it was not, it is now. Told to the shim as a wish
/// of ours, so that no agent counts it as a fault of the replica.
void Replica::Lose() {
  if (stage_ == Stage::kGone || std::exchange(lost_, true)) {
    return;
  }
  log::Warning("replica is lost with its node", {{"replica", id_}, {"node", node_}});
  leaving_ = true;
  if (std::exchange(registered_, false)) {
    host_.ingress->Remove(Server());
  }
  if (stage_ == Stage::kBackOff) {
    Forget();
  } else {
    Terminate(SIGUSR2);
  }
}

void Replica::Leave() {
  if (std::exchange(leaving_, true)) {
    return;
  }
  if (stage_ == Stage::kBackOff) {
    Forget();
  } else if (stage_ == Stage::kStarting || stage_ == Stage::kReady) {
    Drain();
  }
}

void Replica::Drain() {
  probe_timer_.reset();
  probe_.Cancel();
  if (!registered_) {
    Terminate(SIGTERM);
    return;
  }
  log::Info("replica drains", {{"replica", id_}});
  Enter(Stage::kDraining);
  timer_ = host_.loop.After(spec_.grace_period, [this] {
    log::Warning("replica has not drained within its grace period", {{"replica", id_}});
    Terminate(SIGTERM);
  });
  host_.ingress->Drain(Server());
}

void Replica::OnDrained() {
  if (stage_ == Stage::kDraining) {
    Terminate(SIGTERM);
  }
}

bool Replica::Return() {
  if (!CanReturn()) {
    return false;
  }
  log::Info("replica comes back from draining", {{"replica", id_}});
  leaving_ = false;
  timer_.reset();
  failures_ = 0;
  started_ = host_.loop.Monotonic();
  Enter(Stage::kStarting);
  Probe();
  host_.ingress->Serve(Server(), *port_);
  return true;
}

/// Asks the shim to end the replica: SIGTERM scaled down, SIGUSR1 for its health, SIGUSR2 now.
void Replica::Terminate(int signal) {
  timer_.reset();
  probe_timer_.reset();
  probe_.Cancel();
  signal_ = signal;
  Enter(Stage::kTerminating);
  if (shim_) {
    if (const auto sent = shim_->Signal(signal);
        !sent && sent.error().code != std::errc::no_such_process) {
      log::Error("cannot end a replica", {{"replica", id_}, {"reason", sent.error().what}});
    }
  }
}

void Replica::OnProcessEnded() {
  process_.reset();
  if (std::exchange(registered_, false)) {
    host_.ingress->Remove(Server());
  }
  if (stage_ == Stage::kReady || stage_ == Stage::kStarting) {
    probe_timer_.reset();
    probe_.Cancel();
    Enter(Stage::kStarting);
  }
}

void Replica::OnShimEnded() {
  OnProcessEnded();
  shim_.reset();
  find_timer_.reset();
  timer_.reset();
  probe_timer_.reset();
  probe_.Cancel();
  if (port_) {
    host_.ports.Release(*std::exchange(port_, std::nullopt));
  }
  TakeEnd(CollectEnd(host_, spec_, Attempt()));
}

void Replica::TakeEnd(const std::optional<ReplicaEnd>& end) {
  const bool asked = leaving_ || (end && end->reason == EndReason::kScaledDown);
  log::Write(
      asked ? log::Level::kInfo : log::Level::kWarning, "replica ended",
      {{"replica", id_},
       {"attempt", std::to_string(attempt_)},
       {"reason", end ? std::string(common::lifecycle::ReasonName(end->reason)) : "no start"},
       {"status", end ? local::Describe(*end) : "see its log"}});
  if (asked) {
    Forget();
    return;
  }
  last_end_ = end ? DescribeEnd(*end, host_.loop) : std::nullopt;
  if (end) {
    problem_ = fmt::format("{} ended: {} ({})", id_, common::lifecycle::ReasonName(end->reason),
                           local::Describe(*end));
  } else {
    problem_ = id_ + " did not start; see " + host_.LogFile(id_).string();
  }
  ++attempt_;
  restarts_ = attempt_;
  WaitForNextStart();
}

void Replica::WaitForNextStart() {
  const auto ran_for = std::chrono::duration_cast<milliseconds>(host_.loop.Monotonic() - started_);
  const auto wait = back_off_.Next(ran_for);
  Enter(Stage::kBackOff);
  if (leaving_) {
    Forget();
    return;
  }
  timer_ = host_.loop.After(wait, [this] { StartAttempt(); });
}

void Replica::Forget() {
  timer_.reset();
  if (host_.ingress != nullptr) {
    host_.ingress->Remove(Server());
  }
  if (host_.nodes != nullptr) {
    host_.nodes->Release(id_);
  }
  RemoveFiles(host_, id_);
  Enter(Stage::kGone);
}

}  // namespace scaler::local
