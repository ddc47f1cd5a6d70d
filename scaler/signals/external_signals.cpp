#include "scaler/signals/external_signals.h"

#include <algorithm>
#include <utility>

#include "common/log.h"
#include "common/text.h"

namespace scaler::signals {

using std::chrono::milliseconds;

ExternalSignals::ExternalSignals(common::Executor& executor, QueryTransport& transport,
                                 ExternalOptions options)
    : executor_(executor), transport_(transport), options_(std::move(options)) {}

void ExternalSignals::Want(const std::set<std::string>& queries) {
  for (auto query = queries_.begin(); query != queries_.end();) {
    if (queries.contains(query->first)) {
      ++query;
      continue;
    }
    in_flight_ -= query->second.question != 0 ? 1 : 0;
    query = queries_.erase(query);
  }
  std::erase_if(due_, [&](const auto& text) { return !queries.contains(text); });
  for (const auto& text : queries) {
    if (queries_.try_emplace(text).second) {
      due_.push_back(text);
    }
  }
  AskNext();
}

void ExternalSignals::AskLater(const std::string& text, milliseconds delay) {
  queries_.at(text).timer = executor_.After(delay, [this, text] {
    due_.push_back(text);
    AskNext();
  });
}

void ExternalSignals::AskNext() {
  while (in_flight_ < options_.at_once && !due_.empty()) {
    const auto text = std::move(due_.front());
    due_.pop_front();
    Ask(text, queries_.at(text));
  }
}

void ExternalSignals::Ask(const std::string& text, Query& query) {
  const auto question = ++questions_;
  ++in_flight_;
  query.question = question;
  query.asked_at = executor_.Monotonic();
  query.timer = executor_.After(options_.deadline, [this, text, question] {
    Take(text, question,
         common::Fail(std::errc::timed_out, options_.source + " gives no answer within " +
                                                common::FormatDuration(options_.deadline)));
  });
  transport_.Ask(text, [this, alive = std::weak_ptr<bool>(alive_), text, question](auto answer) {
    if (!alive.expired()) {
      Take(text, question, answer);
    }
  });
}

/// `text` is a copy: the timer that calls may end with the call.
void ExternalSignals::Take(std::string text, std::uint64_t question,
                           const common::Result<double>& answer) {
  const auto found = queries_.find(text);
  if (found == queries_.end() || found->second.question != question) {
    return;  // Too late, or nobody wants to know any more.
  }
  auto& query = found->second;
  query.question = 0;
  --in_flight_;
  if (answer) {
    ++ok_total_;
    query.value = *answer;
    query.value_at = query.asked_at;
    query.problem.clear();
    answered_at_ = executor_.Monotonic();
  } else {
    ++failed_total_;
    if (query.problem != answer.error().what) {
      common::log::Warning("an external signal has no answer",
                           {{"query", text}, {"why", answer.error().what}});
    }
    query.problem = answer.error().what;
  }
  const auto passed =
      std::chrono::duration_cast<milliseconds>(executor_.Monotonic() - query.asked_at);
  AskLater(text, std::max(options_.interval - passed, milliseconds(0)));
  AskNext();
  if (answer) {
    on_change_();
  }
}

Input<double> ExternalSignals::ValueOf(const std::string& query, const TimeMap& time) const {
  const auto found = queries_.find(query);
  if (found == queries_.end()) {
    return {std::nullopt, "its query has not been asked yet"};
  }
  const auto& known = found->second;
  if (!known.value) {
    return {std::nullopt, known.problem.empty() ? "its query has no answer yet" : known.problem};
  }
  return {engine::Sampled<double>{*known.value, time.At(known.value_at)}, known.problem};
}

ExternalStatus ExternalSignals::Status() const {
  ExternalStatus status{.source = options_.source,
                        .queries = queries_.size(),
                        .failing = 0,
                        .ok_total = ok_total_,
                        .failed_total = failed_total_,
                        .answered_at = answered_at_,
                        .problem = {}};
  for (const auto& [text, query] : queries_) {
    if (!query.problem.empty()) {
      ++status.failing;
      status.problem = status.problem.empty() ? query.problem : status.problem;
    }
  }
  return status;
}

}  // namespace scaler::signals
