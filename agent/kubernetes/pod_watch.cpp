#include "agent/kubernetes/pod_watch.h"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "agent/kubernetes/pod_table.h"
#include "common/http/client.h"
#include "common/kubernetes/watcher.h"
#include "common/log.h"

namespace agent::kubernetes {
namespace {

namespace api = common::kubernetes;

using std::chrono::milliseconds;

/// A roll-out changes many pods at once; what they add up to is told once.
constexpr auto kPublishPause = milliseconds(50);
constexpr auto kSavePause = milliseconds(1000);
constexpr auto kSaveAgain = milliseconds(10'000);
constexpr std::size_t kMostQuestionsAtOnce = 4;

}  // namespace

class PodWatch::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(common::Executor& executor, api::Client& client, PodWatchOptions options)
      : executor_(executor),
        client_(client),
        save_(std::move(options.save)),
        saved_(options.saved),
        table_(RestartBook(std::move(options.saved), options.book)),
        watcher_(executor, client,
                 {"/api/v1/pods",
                  "fieldSelector=" + common::http::EscapeQuery("spec.nodeName=" + options.node)},
                 Handlers(), {.seed = SeedOf(options.node)}) {
    hearing_.problem = "not heard yet";
    Publish();
  }

  void Start() { watcher_.Start(); }

  void Stop() {
    publish_.reset();
    ask_.reset();
    asked_.clear();
    SaveNow();
  }

  [[nodiscard]] std::shared_ptr<const PodsView> Latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  void Observe(OomKillCounts kills) {
    if (kills == kills_) {
      return;
    }
    kills_ = std::move(kills);
    executor_.Post([self = weak_from_this(), kills = kills_] {
      if (const auto watch = self.lock()) {
        watch->table_.Book().Observe(kills, watch->Now());
        watch->Changed();
      }
    });
  }

 private:
  static std::uint32_t SeedOf(const std::string& node) {
    return static_cast<std::uint32_t>(std::hash<std::string>{}(node));
  }

  [[nodiscard]] RestartBook::Now Now() const { return {executor_.Monotonic(), executor_.Wall()}; }

  api::WatchHandlers Handlers() {
    api::WatchHandlers handlers;
    handlers.on_put = [this](const api::ObjectView& object) { Put(object); };
    handlers.on_gone = [this](const api::ObjectKey& key) {
      table_.Remove(key, Now());
      Changed();
    };
    handlers.on_synced = [this] {
      table_.Book().Synced(Now());
      Heard({});
      Publish();
    };
    handlers.on_trouble = [this](const std::string& problem) { Heard(problem); };
    return handlers;
  }

  void Put(const api::ObjectView& object) {
    if (const auto put = table_.Put(object.json, Now()); !put) {
      common::log::Warning("a pod of the API server makes no sense",
                           {{"pod", fmt::format("{}/{}", object.name_space, object.name)},
                            {"reason", put.error().what}});
    }
    Changed();
  }

  void Heard(const std::string& problem) {
    if (problem.empty() && !watcher_.Synced()) {
      return;
    }
    if (problem != hearing_.problem) {
      if (problem.empty()) {
        common::log::Info("the API server tells this node's pods", {});
      } else {
        common::log::Warning("the API server does not tell this node's pods; they are as last seen",
                             {{"error", problem}});
      }
    }
    if (hearing_.problem.empty()) {
      hearing_.last_good = executor_.Monotonic();
    }
    hearing_.problem = problem;
    Changed();
  }

  void Changed() {
    if (!publish_) {
      publish_ = executor_.After(kPublishPause, [this] { Publish(); });
    }
    AskSoon();
    SaveSoon(kSavePause);
  }

  void Publish() {
    publish_.reset();
    auto view = std::make_shared<PodsView>(table_.View());
    view->hearing = hearing_;
    view->events = events_;
    const std::lock_guard lock(mutex_);
    latest_ = std::move(view);
  }

  /// Sees to it that what is to be asked is asked in time.
  void AskSoon() {
    const auto next = table_.Book().NextQuestion();
    if (!next) {
      ask_.reset();
      return;
    }
    const auto wait = std::chrono::ceil<milliseconds>(*next - executor_.Monotonic());
    ask_ = executor_.After(std::max(wait, milliseconds(0)), [this] {
      for (auto& question : table_.Book().TakeQuestions(Now())) {
        questions_.push_back(std::move(question));
      }
      AskNext();
      AskSoon();
    });
  }

  void AskNext() {
    while (!questions_.empty() && asked_.size() < kMostQuestionsAtOnce) {
      const auto question = std::move(questions_.front());
      questions_.pop_front();
      api::Request request;
      request.target =
          fmt::format("/api/v1/namespaces/{}/events?fieldSelector={}&limit={}",
                      common::http::EscapeQuery(question.name_space),
                      common::http::EscapeQuery("involvedObject.uid=" + question.uid), kMostEvents);
      request.deadline = std::chrono::seconds(10);
      asked_[question.uid] = client_.Send(
          std::move(request), [this, uid = question.uid](const api::Outcome<std::string>& body) {
            OnEvents(uid, body);
          });
    }
  }

  void OnEvents(const std::string& uid, const api::Outcome<std::string>& body) {
    std::optional<std::vector<PodEvent>> events;
    std::string problem;
    if (!body) {
      problem = body.error().message;
    } else if (auto parsed = ParseEvents(*body)) {
      events = std::move(*parsed);
    } else {
      problem = parsed.error().what;
    }
    const bool failed_before = events_ && !events_->problem.empty();
    if (!problem.empty() && !failed_before) {
      common::log::Warning(
          "the events of a pod cannot be had; failed health checks look like errors of their own",
          {{"error", problem}});
    }
    auto& hearing = events_ ? *events_ : events_.emplace();
    hearing.problem = problem;
    if (problem.empty()) {
      hearing.last_good = executor_.Monotonic();
    }
    table_.Book().Answer(uid, events, Now());
    // Not here: it is what calls us.
    executor_.Post([self = weak_from_this(), uid] {
      if (const auto watch = self.lock()) {
        watch->asked_.erase(uid);
        watch->AskNext();
      }
    });
    Changed();
  }

  void SaveSoon(milliseconds pause) {
    if (save_ && !saving_) {
      saving_ = executor_.After(pause, [this] { SaveNow(); });
    }
  }

  void SaveNow() {
    saving_.reset();
    if (!save_) {
      return;
    }
    auto saved = table_.Book().Save();
    if (saved == saved_) {
      return;
    }
    const auto done = save_(saved);
    if (done) {
      saved_ = std::move(saved);
    } else {
      SaveSoon(kSaveAgain);
    }
    if (done.has_value() == save_failed_) {
      save_failed_ = !done;
      if (save_failed_) {
        common::log::Error("the counts of restarts cannot be saved",
                           {{"error", done.error().what}});
      } else {
        common::log::Info("the counts of restarts can be saved again", {});
      }
    }
  }

  common::Executor& executor_;
  api::Client& client_;
  std::function<common::Result<void>(const SavedRestarts&)> save_;
  SavedRestarts saved_;
  bool save_failed_ = false;
  PodTable table_;
  Hearing hearing_;
  std::optional<Hearing> events_;
  api::Watcher watcher_;
  OomKillCounts kills_;  ///< Of the thread that observes.
  std::deque<RestartBook::Question> questions_;
  std::map<std::string, std::unique_ptr<api::Pending>> asked_;  ///< By the pod's uid.
  std::unique_ptr<common::Timer> publish_;
  std::unique_ptr<common::Timer> ask_;
  std::unique_ptr<common::Timer> saving_;

  mutable std::mutex mutex_;
  std::shared_ptr<const PodsView> latest_;
};

PodWatch::PodWatch(common::Executor& executor, common::kubernetes::Client& client,
                   PodWatchOptions options)
    : impl_(std::make_shared<Impl>(executor, client, std::move(options))) {}

PodWatch::~PodWatch() { impl_->Stop(); }

void PodWatch::Start() { impl_->Start(); }

std::shared_ptr<const PodsView> PodWatch::Latest() const { return impl_->Latest(); }

void PodWatch::Observe(OomKillCounts kills) { impl_->Observe(std::move(kills)); }

}  // namespace agent::kubernetes
