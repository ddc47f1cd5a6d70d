#include "scaler/local/shim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "common/file_system.h"
#include "common/lifecycle/append.h"
#include "common/replace_file.h"
#include "common/text.h"
#include "scaler/local/cgroups.h"
#include "scaler/local/child.h"
#include "scaler/local/log_file.h"

namespace scaler::local {
namespace {

using common::Result;
using std::chrono::milliseconds;
using MonotonicClock = std::chrono::steady_clock;

/// After the kill of a replica on a node it shows within so much whether the node is gone.
constexpr milliseconds kWordOfNode(1000);

/// How long leftovers may take to vanish after SIGKILL before they are left to their fate.
constexpr milliseconds kLongestClearing = std::chrono::seconds(10);

/// On a full disk no successor could be started either, so the reason of an end may wait for room.
constexpr std::chrono::duration<int, std::milli> kFullDiskPause = std::chrono::milliseconds(500);
constexpr milliseconds kLongestFullDisk = std::chrono::hours(1);

/// Clock ticks since boot at which the process started: field 22 of its stat.
std::uint64_t StartTicks(const common::FileSystem& root, pid_t pid) {
  const auto stat = root.Read(fmt::format("proc/{}/stat", pid));
  if (!stat) {
    return 0;
  }
  // The name in parentheses may hold anything, so count from the last parenthesis.
  std::string_view rest = *stat;
  rest.remove_prefix(std::min(rest.rfind(')') + 1, rest.size()));
  for (int field = 3; field < 22; ++field) {
    common::TakeWord(rest);
  }
  return common::ParseUnsigned(common::TakeWord(rest)).value_or(0);
}

class Shim {
 public:
  explicit Shim(const Launch& launch)
      : launch_(launch),
        root_(launch.root),
        log_(launch.log),
        state_{.workload = launch.workload,
               .replica = launch.replica,
               .attempt = launch.attempt,
               .port = launch.port,
               .cgroup = "",
               .shim_pid = ::getpid(),
               .boot_id = "",
               .started = {},
               .back_off = launch.back_off,
               .end = std::nullopt} {}
  Shim(const Shim&) = delete;
  Shim& operator=(const Shim&) = delete;
  ~Shim() {
    for (const int fd : {signals_, output_}) {
      if (fd >= 0) {
        ::close(fd);
      }
    }
  }

  Result<void> Run() {
    BecomeSupervisor();
    MakeCgroup();
    const auto child = StartChild(launch_, cgroups_ ? &*cgroups_ : nullptr);
    if (!child) {
      Clear();
      return tl::make_unexpected(child.error());
    }
    child_ = child->pid;
    output_ = child->output;
    NoteStart();
    while (!wait_status_) {
      Turn();
    }
    const ExitStatus status = FromWaitStatus(*wait_status_);
    const bool oom = cgroups_ && cgroups_->OomKills(state_.cgroup) > oom_kills_before_;
    if (!launch_.node.empty() && asked_ == Asked::kNothing && status.signal == SIGKILL && !oom) {
      AwaitWordOfNode();
    }
    const auto reason = Classify(asked_, status, oom);
    Clear();
    CopyOutput();
    return NoteEnd(reason, status);
  }

 private:
  void BecomeSupervisor() {
    ::setsid();  // fails where whoever started us has done it
    ::fcntl(kLockDescriptor, F_SETFD, FD_CLOEXEC);
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(kLockDescriptor, 0) != 0 ||
        ::pwrite(kLockDescriptor, pid.data(), pid.size(), 0) < 0) {
      Say("cannot write to the lock file; a later scaler will not find this replica");
    }
    // What the replica forks and abandons comes to us, so that we can end it.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    sigset_t awaited;
    ::sigemptyset(&awaited);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) {
      ::sigaddset(&awaited, number);
    }
    ::pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
    signals_ = ::signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  void MakeCgroup() {
    if (launch_.cgroup.empty()) {
      return;
    }
    auto cgroups = Cgroups::Find(launch_.root);
    auto made = cgroups ? cgroups->Create(launch_.cgroup, launch_.resources)
                        : tl::make_unexpected(cgroups.error());
    if (!made) {
      Say("runs without a cgroup: " + made.error().what);
      if (cgroups) {
        static_cast<void>(cgroups->Remove(launch_.cgroup));
      }
      return;
    }
    cgroups_ = std::move(*cgroups);
    state_.cgroup = launch_.cgroup;
    oom_kills_before_ = cgroups_->OomKills(state_.cgroup);
  }

  void NoteStart() {
    state_.pid = child_;
    state_.pid_start_ticks = StartTicks(root_, child_);
    if (const auto boot = root_.Read("proc/sys/kernel/random/boot_id")) {
      std::string_view text = *boot;
      state_.boot_id = common::TakeLine(text);
    }
    state_.started = common::SystemClock().Wall();
    static_cast<void>(SaveState());  // It has said so itself.
    auto record = ARecord(common::lifecycle::Event::kStart);
    record.time = state_.started;
    if (const auto appended = common::lifecycle::Append(launch_.lifecycle, record); !appended) {
      Say("cannot record the start: " + appended.error().what);
    }
  }

  /// Waits for something to happen and deals with it.
  void Turn() {
    std::array<pollfd, 2> events = {{{.fd = signals_, .events = POLLIN, .revents = 0},
                                     {.fd = output_, .events = POLLIN, .revents = 0}}};
    ::poll(events.data(), events.size(), MillisecondsToKill());
    CopyOutput();
    // Read before reaping: a SIGCHLD that comes after the last look at the children must wake us
    // again. Obeyed after it: an end that came before the wish to end was its own.
    const Asked wish = TakeSignals();
    Reap();
    if (!wait_status_) {
      if (wish != Asked::kNothing && asked_ == Asked::kNothing) {
        Ask(wish);
      } else if (at_once_ && kill_at_) {
        kill_at_ = MonotonicClock::now();
      }
      KillIfDue();
    }
  }

  /// Who takes a node kills what runs there, and the platform hears of it at about that moment.
  /// What it then tells us makes the end no fault of the replica. Where it is not there to tell,
  /// the cgroup has gone with the node's.
  void AwaitWordOfNode() {
    const auto give_up = MonotonicClock::now() + kWordOfNode;
    while (!at_once_ && asked_ == Asked::kNothing && MonotonicClock::now() < give_up) {
      pollfd event = {.fd = signals_, .events = POLLIN, .revents = 0};
      ::poll(&event, 1, 10);
      asked_ = TakeSignals();
      at_once_ = at_once_ || (cgroups_ && !cgroups_->Exists(state_.cgroup));
    }
    if (at_once_) {  // Perhaps in the very turn in which the end was seen.
      asked_ = Asked::kScaleDown;
    }
  }

  [[nodiscard]] int MillisecondsToKill() const {
    if (!kill_at_) {
      return -1;
    }
    const auto left = std::chrono::ceil<milliseconds>(*kill_at_ - MonotonicClock::now());
    return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 3'600'000));
  }

  /// Bounded, so that a replica that never stops printing cannot keep us from the rest.
  void CopyOutput() {
    std::array<char, 16384> chunk{};
    for (int i = 0; i < 64 && output_ >= 0; ++i) {
      const ssize_t count = ::read(output_, chunk.data(), chunk.size());
      if (count > 0) {
        log_.Write({chunk.data(), static_cast<std::size_t>(count)});
      } else if (count == 0) {
        ::close(output_);
        output_ = -1;  // poll ignores it from now on
      } else {
        return;
      }
    }
  }

  void Reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (pid == child_) {
        wait_status_ = status;
      }
    }
  }

  /// The first wish among the signals that have come.
  [[nodiscard]] Asked TakeSignals() {
    Asked wish = Asked::kNothing;
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof(info)) == sizeof(info)) {
      const auto number = static_cast<int>(info.ssi_signo);
      if (number != SIGCHLD && wish == Asked::kNothing) {
        wish = number == SIGUSR1 ? Asked::kHealthCheck : Asked::kScaleDown;
        at_once_ = number == SIGUSR2;
      }
    }
    return wish;
  }

  void Ask(Asked asked) {
    asked_ = asked;
    kill_at_ = MonotonicClock::now() + (at_once_ ? milliseconds(0) : launch_.grace_period);
    ::kill(-child_, SIGTERM);
    state_.stopping = true;
    static_cast<void>(SaveState());  // It has said so itself.
  }

  void KillIfDue() {
    if (kill_at_ && MonotonicClock::now() >= *kill_at_) {
      Say(fmt::format("has not ended within {}: killed",
                      common::FormatDuration(launch_.grace_period)));
      ::kill(-child_, SIGKILL);
      ::kill(child_, SIGKILL);  // it may have moved to another group
      kill_at_.reset();
    }
  }

  /// Kills what the replica left behind and removes its cgroup.
  void Clear() {
    const auto give_up = MonotonicClock::now() + kLongestClearing;
    for (;;) {
      const bool killed = KillLeftovers();
      Reap();
      const auto removed = cgroups_ && !killed ? cgroups_->Remove(state_.cgroup) : Result<void>();
      if (!killed && removed) {
        return;
      }
      if (MonotonicClock::now() >= give_up) {
        Say("leaves something behind" + (removed ? std::string() : ": " + removed.error().what));
        return;
      }
      ::poll(nullptr, 0, 5);
    }
  }

  bool KillLeftovers() {
    bool any = child_ > 0 && ::kill(-child_, SIGKILL) == 0;
    for (const pid_t pid : cgroups_ ? cgroups_->Processes(state_.cgroup) : std::vector<pid_t>()) {
      any = ::kill(pid, SIGKILL) == 0 || any;
    }
    // Those that were abandoned and left the process group are our children now.
    const auto children = root_.Read(fmt::format("proc/{0}/task/{0}/children", ::getpid()));
    std::string_view rest = children ? std::string_view(*children) : std::string_view();
    while (!rest.empty()) {
      const auto pid = common::ParseUnsigned(common::TakeWord(rest));
      any = (pid && ::kill(static_cast<pid_t>(*pid), SIGKILL) == 0) || any;
    }
    return any;
  }

  Result<void> NoteEnd(common::lifecycle::EndReason reason, const ExitStatus& status) {
    state_.end = {.reason = reason, .status = status, .time = common::SystemClock().Wall()};
    auto record = ARecord(common::lifecycle::Event::kEnd);
    record.time = state_.end->time;
    record.reason = reason;
    record.exit_code = status.exit_code;
    record.signal = status.signal;
    // The file that counts comes first: a platform that finds no end in the state adds one.
    const auto give_up = MonotonicClock::now() + kLongestFullDisk;
    bool said = false;
    for (;;) {
      auto written = WriteEnd(record);
      if (written || written.error().code != std::errc::no_space_on_device ||
          MonotonicClock::now() >= give_up) {
        return written;
      }
      if (!std::exchange(said, true)) {
        Say("the disk is full: the end waits to be written, " + written.error().what);
      }
      // Who wants us to end gets one more try.
      pollfd event = {.fd = signals_, .events = POLLIN, .revents = 0};
      if (::poll(&event, 1, kFullDiskPause.count()) > 0 && TakeSignals() != Asked::kNothing) {
        return WriteEnd(record);
      }
    }
  }

  /// What is written once is not written again.
  Result<void> WriteEnd(const common::lifecycle::Record& record) {
    if (!end_recorded_) {
      if (auto appended = common::lifecycle::Append(launch_.lifecycle, record); !appended) {
        return appended;
      }
      end_recorded_ = true;
    }
    return SaveState();
  }

  [[nodiscard]] common::lifecycle::Record ARecord(common::lifecycle::Event event) const {
    common::lifecycle::Record record;
    record.event = event;
    record.name_space = launch_.name_space;
    record.workload = launch_.workload;
    record.container = launch_.workload;
    record.replica = launch_.replica;
    record.attempt = launch_.attempt;
    record.pid = child_;
    record.cgroup = state_.cgroup;
    return record;
  }

  Result<void> SaveState() {
    auto saved = common::ReplaceFile(launch_.state, Encode(state_), common::Survives::kOurEnd);
    if (!saved) {
      Say("cannot save the state: " + saved.error().what);
    }
    return saved;
  }

  void Say(const std::string& what) { log_.Write("trimtab-shim: " + what + "\n"); }

  const Launch& launch_;
  common::FileSystem root_;
  LogFile log_;
  ReplicaState state_;
  std::optional<Cgroups> cgroups_;
  std::uint64_t oom_kills_before_ = 0;
  int signals_ = -1;
  int output_ = -1;
  pid_t child_ = 0;
  Asked asked_ = Asked::kNothing;
  std::optional<MonotonicClock::time_point> kill_at_;
  std::optional<int> wait_status_;
  bool at_once_ = false;  ///< Its node is gone: no time to finish anything.
  bool end_recorded_ = false;
};

}  // namespace

Result<void> RunShim(const Launch& launch) { return Shim(launch).Run(); }

}  // namespace scaler::local
