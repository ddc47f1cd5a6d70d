#include "agent/collect/collector.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "common/log.h"

namespace agent::collect {
namespace {

using common::MonotonicTime;

// A busy log is readable all the time; reading it in small bites would cost a core.
constexpr auto kLogRest = std::chrono::milliseconds(10);
// Rotated logs are found by time, and so are logs on file systems without inotify.
constexpr auto kLongestLogPause = std::chrono::milliseconds(500);

/// Wakes a thread that polls. eventfd, so that waking is one system call without a lock.
class Bell {
 public:
  Bell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell() { ::close(fd_); }

  [[nodiscard]] int Descriptor() const { return fd_; }
  void Ring() const { [[maybe_unused]] const auto done = ::eventfd_write(fd_, 1); }
  void Silence() const {
    eventfd_t count = 0;
    [[maybe_unused]] const auto done = ::eventfd_read(fd_, &count);
  }

 private:
  int fd_;
};

}  // namespace

class Collector::Impl {
 public:
  Impl(std::unique_ptr<Sources> sources, CollectorOptions options, const common::Clock& clock)
      : sources_(std::move(sources)), options_(std::move(options)), clock_(clock) {
    ReadLog();
    sources_->ReadNode();
    Tick(clock_.Monotonic());
    saved_oom_kills_ = sources_->TotalOomKills();
    thread_ = std::thread([this] { Run(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    bell_.Ring();
    thread_.join();
    Save();
    if (options_.save_oom_kills) {
      Report("the state cannot be saved", options_.save_oom_kills(sources_->TotalOomKills()));
    }
  }

  [[nodiscard]] std::shared_ptr<const Snapshot> Latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  [[nodiscard]] std::shared_ptr<const Snapshot> ForScrape(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const auto oldest = clock_.Monotonic() - options_.node_max_age;
    if (latest_->node_read_at >= oldest) {
      return latest_;
    }
    node_wanted_ = true;
    bell_.Ring();
    changed_.wait_for(lock, patience, [&] { return stopping_ || latest_->node_read_at >= oldest; });
    return latest_;
  }

  void Wake() {
    {
      const std::lock_guard lock(mutex_);
      signals_wanted_ = true;
    }
    bell_.Ring();
  }

  [[nodiscard]] std::shared_ptr<const Snapshot> WaitForSignals(
      std::uint64_t signal_number, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    const auto is_newer = [&] { return latest_->signal_number > signal_number; };
    changed_.wait_for(lock, patience, [&] { return stopping_ || is_newer(); });
    return is_newer() && !stopping_ ? latest_ : nullptr;
  }

 private:
  void Run() {
    for (;;) {
      const bool log_changed = Sleep();
      const auto [stop, node_wanted, signals_wanted] = TakeWishes();
      if (stop) {
        return;
      }
      if (signals_wanted) {
        next_tick_ = std::min(next_tick_, last_tick_ + options_.least_gap);
      }
      auto now = clock_.Monotonic();
      if (log_changed || now >= log_due_) {
        ReadLog();
        now = clock_.Monotonic();
      }
      if (node_wanted) {
        sources_->ReadNode();
      }
      if (now >= next_tick_) {
        Tick(now);
      } else if (node_wanted) {
        Publish();
      }
      if (now >= next_checkpoint_) {
        Save();
      }
    }
  }

  /// Sleeps until something is due. True where the access log has changed.
  bool Sleep() {
    const auto now = clock_.Monotonic();
    const bool log_rests = now < log_rest_until_;
    const auto until = std::min({next_tick_, log_due_, log_rests ? log_rest_until_ : log_due_});
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    // A negative descriptor is one that poll does not look at.
    std::array<pollfd, 2> waits = {
        {{.fd = bell_.Descriptor(), .events = POLLIN, .revents = 0},
         {.fd = log_rests ? -1 : sources_->AccessLogDescriptor(), .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(waits.data(), waits.size(), static_cast<int>(std::max(pause, 0L)));
    if (ready <= 0) {
      return false;
    }
    if (waits[0].revents != 0) {
      bell_.Silence();
    }
    return waits[1].revents != 0;
  }

  struct Wishes {
    bool stop = false;
    bool node = false;
    bool signals = false;
  };

  Wishes TakeWishes() {
    const std::lock_guard lock(mutex_);
    return {stopping_, std::exchange(node_wanted_, false), std::exchange(signals_wanted_, false)};
  }

  void ReadLog() {
    const auto [more, urgent] = sources_->PollAccessLog();
    const auto now = clock_.Monotonic();
    log_rest_until_ = more ? now : now + kLogRest;
    log_due_ = more ? now : now + kLongestLogPause;
    if (urgent) {
      next_tick_ = std::min(next_tick_, last_tick_ + options_.least_gap);
    }
  }

  void Tick(MonotonicTime now) {
    sources_->ReadSignals();
    ++signal_number_;
    last_tick_ = now;
    // From the plan and not from now, so that the interval does not drift; after a long stop,
    // though, nothing is made up for.
    next_tick_ = std::max(next_tick_ + options_.interval, now + options_.interval / 2);
    Publish();
    if (options_.save_oom_kills && sources_->TotalOomKills() != saved_oom_kills_) {
      const auto saved = options_.save_oom_kills(sources_->TotalOomKills());
      Report("the state cannot be saved", saved);
      if (saved) {
        saved_oom_kills_ = sources_->TotalOomKills();
      }
    }
  }

  void Publish() {
    auto snapshot = std::make_shared<Snapshot>(sources_->Take());
    snapshot->signal_number = signal_number_;
    {
      const std::lock_guard lock(mutex_);
      latest_ = std::move(snapshot);
    }
    changed_.notify_all();
  }

  void Save() {
    next_checkpoint_ = clock_.Monotonic() + options_.checkpoint_interval;
    Report("the checkpoint of the access log cannot be saved", sources_->SaveCheckpoint());
  }

  /// Says so when saving begins to fail, and when it works again; not at every attempt.
  void Report(const char* message, const common::Result<void>& saved) {
    if (saved) {
      if (failed_saves_.erase(message) > 0) {
        common::log::Info("no longer so", {{"what", message}});
      }
    } else if (failed_saves_.insert(message).second) {
      common::log::Error(message, {{"error", saved.error().what}});
    }
  }

  std::unique_ptr<Sources> sources_;
  CollectorOptions options_;
  const common::Clock& clock_;

  // Of the collector's thread alone.
  std::uint64_t signal_number_ = 0;
  MonotonicTime last_tick_{};
  MonotonicTime next_tick_{};
  MonotonicTime next_checkpoint_{};
  MonotonicTime log_rest_until_{};
  MonotonicTime log_due_{};
  OomKills saved_oom_kills_;
  std::set<std::string> failed_saves_;  ///< What is said of those that fail now.

  Bell bell_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  bool node_wanted_ = false;
  bool signals_wanted_ = false;
  std::shared_ptr<const Snapshot> latest_;
  std::thread thread_;
};

Collector::Collector(std::unique_ptr<Sources> sources, CollectorOptions options,
                     const common::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(sources), std::move(options), clock)) {}

Collector::~Collector() = default;

std::shared_ptr<const Snapshot> Collector::Latest() const { return impl_->Latest(); }

std::shared_ptr<const Snapshot> Collector::ForScrape(std::chrono::milliseconds patience) {
  return impl_->ForScrape(patience);
}

void Collector::Wake() { impl_->Wake(); }

std::shared_ptr<const Snapshot> Collector::WaitForSignals(
    std::uint64_t signal_number, std::chrono::milliseconds patience) const {
  return impl_->WaitForSignals(signal_number, patience);
}

}  // namespace agent::collect
