#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "common/executor.h"
#include "scaler/signals/query_transport.h"
#include "scaler/signals/signals.h"

namespace scaler::signals {

struct ExternalOptions {
  std::string source;  ///< Who is asked, for people: the address.
  /// Each query is asked so often, or less often where its answers take longer together.
  std::chrono::milliseconds interval = std::chrono::seconds(10);
  /// Without an answer for so long a question has failed.
  std::chrono::milliseconds deadline = std::chrono::seconds(5);
  int at_once = 4;  ///< Questions in flight.
};

/// How the queries are doing, for the status page.
struct ExternalStatus {
  std::string source;
  std::size_t queries = 0;
  std::size_t failing = 0;     ///< Whose last question failed.
  std::uint64_t ok_total = 0;  ///< Questions that gave a number.
  std::uint64_t failed_total = 0;
  std::optional<common::MonotonicTime> answered_at;  ///< The last that gave a number.
  std::string problem;                               ///< Of one that is failing.
};

/// The queries of external signals, asked again and again in the background.
///
/// An answer counts from the instant of its question. A question that fails leaves the last answer
/// to age: missing is not zero. Belongs to the executor's thread.
class ExternalSignals {
 public:
  ExternalSignals(common::Executor& executor, QueryTransport& transport, ExternalOptions options);

  /// `on_change` is called after each answer that is a number.
  void Start(std::function<void()> on_change) { on_change_ = std::move(on_change); }

  /// These queries are asked from now on, new ones at once, and no others.
  void Want(const std::set<std::string>& queries);

  /// The query's last answer, and why its last question failed, if it did.
  [[nodiscard]] Input<double> ValueOf(const std::string& query, const TimeMap& time) const;

  [[nodiscard]] ExternalStatus Status() const;

 private:
  struct Query {
    std::optional<double> value;
    common::MonotonicTime value_at;
    std::string problem;         ///< Of the last question; empty: it was answered.
    std::uint64_t question = 0;  ///< That is in flight; 0: none.
    common::MonotonicTime asked_at;
    std::unique_ptr<common::Timer> timer;  ///< The next question, or the end of waiting for it.
  };

  void AskLater(const std::string& text, std::chrono::milliseconds delay);
  void AskNext();
  void Ask(const std::string& text, Query& query);
  void Take(std::string text, std::uint64_t question, const common::Result<double>& answer);

  common::Executor& executor_;
  QueryTransport& transport_;
  ExternalOptions options_;
  std::function<void()> on_change_ = [] {};
  std::map<std::string, Query> queries_;
  std::deque<std::string> due_;  ///< In the order in which they became it.
  int in_flight_ = 0;
  std::uint64_t questions_ = 0;
  std::uint64_t ok_total_ = 0;
  std::uint64_t failed_total_ = 0;
  std::optional<common::MonotonicTime> answered_at_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace scaler::signals
