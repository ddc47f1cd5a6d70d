#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/signals/query_transport.h"

namespace simulation {

/// Answers the queries that it has been told of, after 50 ms, and notes whoever asks too much: for
/// what it does not know, again while the answer is still to come, or sooner than after 10 s.
class FakePrometheus final : public scaler::signals::QueryTransport {
 public:
  explicit FakePrometheus(common::Executor& executor) : executor_(executor) {}

  void Set(const std::string& query, double value) { known_[query].answer = value; }
  void SetError(const std::string& query, const std::string& why) {
    known_[query].answer = common::Fail(std::errc::bad_message, why);
  }

  /// It refuses every connection; or it takes them again.
  void SetDown(bool down) { down_ = down; }
  /// It takes questions and never answers.
  void SetSilent(bool silent) { silent_ = silent; }

  void Ask(const std::string& query, std::function<void(common::Result<double>)> done) override {
    ++asked_;
    auto& known = known_[query];
    if (!known.answer) {
      Complain("nobody knows the query " + query);
    }
    if (known.is_asked) {
      Complain("asked twice at once: " + query);
    }
    if (known.asked && executor_.Monotonic() - known.asked_at < std::chrono::seconds(10)) {
      Complain("asked too soon: " + query);
    }
    known.asked = true;
    known.asked_at = executor_.Monotonic();
    if (silent_) {
      return;
    }
    known.is_asked = true;
    most_at_once_ = std::max(most_at_once_, ++in_flight_);
    timers_.push_back(executor_.After(std::chrono::milliseconds(50), [this, query, done] {
      --in_flight_;
      auto& now = known_.at(query);
      now.is_asked = false;
      if (down_ || !now.answer) {
        done(common::Fail(std::errc::connection_refused, "Prometheus is down"));
      } else {
        done(*now.answer);
      }
    }));
  }

  [[nodiscard]] const std::vector<std::string>& Complaints() const { return complaints_; }
  [[nodiscard]] int Asked() const { return asked_; }
  [[nodiscard]] int MostAtOnce() const { return most_at_once_; }

 private:
  struct Known {
    std::optional<common::Result<double>> answer;
    bool is_asked = false;
    bool asked = false;
    common::MonotonicTime asked_at;
  };

  void Complain(const std::string& what) { complaints_.push_back(what); }

  common::Executor& executor_;
  std::map<std::string, Known> known_;
  std::vector<std::unique_ptr<common::Timer>> timers_;
  std::vector<std::string> complaints_;
  bool down_ = false;
  bool silent_ = false;
  int asked_ = 0;
  int in_flight_ = 0;
  int most_at_once_ = 0;
};

}  // namespace simulation
