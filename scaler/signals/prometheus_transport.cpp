#include "scaler/signals/prometheus_transport.h"

#include <cmath>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace scaler::signals {

using common::Result;
using common::prometheus::Sample;

Result<double> OneNumber(const std::vector<Sample>& answer) {
  if (answer.empty()) {
    return common::Fail(std::errc::bad_message, "the query gives nothing");
  }
  if (answer.size() > 1) {
    return common::Fail(std::errc::bad_message, "the query gives " + std::to_string(answer.size()) +
                                                    " series and not one; sum() them?");
  }
  if (!std::isfinite(answer.front().value)) {
    return common::Fail(std::errc::bad_message, "the query gives no finite number");
  }
  return answer.front().value;
}

/// Threads that do one question after the other.
class PrometheusTransport::Workers {
 public:
  using Done = std::function<void(Result<double>)>;

  Workers(common::Executor& executor, common::prometheus::Client client, int threads)
      : executor_(executor), client_(std::move(client)) {
    for (int number = 0; number < threads; ++number) {
      threads_.emplace_back([this] { Run(); });
    }
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) {
      thread.join();
    }
  }

  void Add(std::string query, Done done) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back({std::move(query), std::move(done)});
    }
    changed_.notify_one();
  }

 private:
  struct Question {
    std::string query;
    Done done;
  };

  void Run() {
    while (auto question = Next()) {
      auto number = client_.Query(question->query).and_then(OneNumber);
      executor_.Post(
          [done = std::move(question->done), number = std::move(number)] { done(number); });
    }
  }

  /// Nothing when it is to end.
  std::optional<Question> Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) {
      return std::nullopt;
    }
    auto question = std::move(waiting_.front());
    waiting_.pop_front();
    return question;
  }

  common::Executor& executor_;
  const common::prometheus::Client client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Question> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

PrometheusTransport::PrometheusTransport(common::Executor& executor, const std::string& address,
                                         std::chrono::milliseconds deadline,
                                         std::shared_ptr<common::http::Credentials> credentials,
                                         int threads)
    : workers_(std::make_unique<Workers>(
          executor, common::prometheus::Client(address, deadline, std::move(credentials)),
          threads)) {}

PrometheusTransport::~PrometheusTransport() = default;

void PrometheusTransport::Ask(const std::string& query, std::function<void(Result<double>)> done) {
  workers_->Add(query, [alive = std::weak_ptr<bool>(alive_), done = std::move(done)](auto number) {
    if (!alive.expired()) {
      done(std::move(number));
    }
  });
}

}  // namespace scaler::signals
