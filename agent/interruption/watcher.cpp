#include "agent/interruption/watcher.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "common/http/exchange.h"
#include "common/log.h"

namespace agent::interruption {
namespace {

using common::Result;
using common::http::Response;
using std::chrono::milliseconds;

constexpr int kMostDoublings = 16;
/// The longest real answers are Azure's events of a whole scale set: some kilobytes.
constexpr std::size_t kLargestAnswer = std::size_t{256} << 10U;

}  // namespace

milliseconds Pause(const WatcherOptions& options, int failures, double jitter) {
  if (failures <= 0) {
    return options.interval;
  }
  const auto longest = std::max(options.longest_pause, options.interval);
  const auto grown = options.interval * (1LL << std::min(failures, kMostDoublings));
  const auto pause = std::min<milliseconds>(longest, grown);
  return pause - std::chrono::duration_cast<milliseconds>(pause * (jitter / 4));
}

class Watcher::Impl {
 public:
  Impl(WatcherOptions options, const common::Clock& clock, std::function<void()> changed)
      : options_(std::move(options)),
        clock_(clock),
        changed_(std::move(changed)),
        protocol_(MakeProtocol(options_.provider)),
        thread_([this] { Run(); }) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  [[nodiscard]] Watched Latest() const {
    const std::lock_guard lock(mutex_);
    return watched_;
  }

 private:
  void Run() {
    std::minstd_rand random(std::random_device{}());
    std::uniform_real_distribution<double> jitter(0, 1);
    int failures = 0;
    for (;;) {
      failures = Look() ? 0 : failures + 1;
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, Pause(options_, failures, jitter(random)),
                         [this] { return stopping_; })) {
        return;
      }
    }
  }

  bool Look() {
    const auto begin = clock_.Monotonic();
    const auto seen =
        protocol_->Look([this](const Request& request) { return AskOnce(request); }, begin);
    const auto end = clock_.Monotonic();
    bool is_new = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        return true;
      }
      Report(seen ? std::string() : seen.error().what);
      watched_.success = seen.has_value();
      watched_.seconds = std::chrono::duration<double>(end - begin).count();
      if (seen) {
        watched_.looked_at = end;
        auto notices = Fold(watched_.notices, *seen, clock_.Wall());
        is_new = notices != watched_.notices;
        watched_.notices = std::move(notices);
      }
    }
    if (is_new) {
      Tell();
      changed_();
    }
    return seen.has_value();
  }

  Result<Response> AskOnce(const Request& request) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        return common::Fail(std::errc::operation_canceled, "the agent ends");
      }
    }
    return common::http::ParseAddress(options_.address)
        .and_then([&](const common::http::Address& address) {
          return common::http::Ask(address,
                                   {.method = request.method,
                                    .target = request.target,
                                    .headers = request.headers,
                                    .largest_body = kLargestAnswer},
                                   options_.deadline, nullptr, {});
        });
  }

  /// When it begins to fail and when it works again, not each time.
  void Report(const std::string& problem) {
    if (!problem.empty() && problem_.empty()) {
      common::log::Warning("the metadata service does not answer as it should",
                           {{"error", problem}});
    } else if (problem.empty() && !problem_.empty()) {
      common::log::Info("the metadata service answers again");
    }
    problem_ = problem;
  }

  void Tell() const {
    const auto watched = Latest();
    if (watched.notices.empty()) {
      common::log::Info("no notice is left: the node stays");
    }
    for (const auto& notice : watched.notices) {
      common::log::Warning("the node has a notice", {{"kind", std::string(NameOf(notice.kind))},
                                                     {"at", common::FormatRfc3339(notice.at)}});
    }
  }

  const WatcherOptions options_;
  const common::Clock& clock_;
  const std::function<void()> changed_;
  std::unique_ptr<Protocol> protocol_;
  std::string problem_;  ///< Of the thread alone.

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  Watched watched_;
  std::thread thread_;  ///< The last: it uses all of the above.
};

Watcher::Watcher(WatcherOptions options, const common::Clock& clock, std::function<void()> changed)
    : impl_(std::make_unique<Impl>(std::move(options), clock, std::move(changed))) {}

Watcher::~Watcher() = default;

Watched Watcher::Latest() const { return impl_->Latest(); }

}  // namespace agent::interruption
