#include "scaler/kubernetes/events/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/log.h"

namespace scaler::kubernetes::events {
namespace {

constexpr auto kFlushEvery = std::chrono::seconds(5);
constexpr auto kDeadline = std::chrono::seconds(15);
constexpr std::size_t kLongestBase = 200;

std::string CollectionIn(const std::string& name_space) {
  return fmt::format("/apis/events.k8s.io/v1/namespaces/{}/events", name_space);
}

}  // namespace

Recorder::Recorder(common::Executor& executor, common::kubernetes::Client& client,
                   RecorderOptions options)
    : executor_(executor), client_(client), options_(std::move(options)) {
  Flush();
}

void Recorder::Record(Event event) {
  Key key{event.regarding, event.reason, event.note};
  const auto now = executor_.Monotonic();
  if (const auto found = series_.find(key);
      found != series_.end() && now - found->second.last < options_.series_end) {
    auto& series = found->second;
    ++series.count;
    series.dirty = true;
    series.last = now;
    series.seen_at = executor_.Wall();
    return;  // The next flush writes it.
  }
  auto& budget = BudgetOf(event.regarding);
  if (!Take(budget)) {
    ++budget.left_out;
    return;
  }
  if (const auto left_out = std::exchange(budget.left_out, 0); left_out > 0) {
    event.note += fmt::format(" ({} more events before this one were left out)", left_out);
  }
  Create(std::move(event), std::move(key));
}

Recorder::Budget& Recorder::BudgetOf(const Reference& reference) {
  const auto found = budgets_.find(reference);
  if (found != budgets_.end()) {
    return found->second;
  }
  MakeRoom();
  return budgets_[reference] = {static_cast<double>(options_.burst), executor_.Monotonic(), 0};
}

bool Recorder::Take(Budget& budget) const {
  const auto now = executor_.Monotonic();
  const auto passed = std::chrono::duration<double>(now - budget.refilled) / options_.interval;
  budget.tokens = std::min<double>(options_.burst, budget.tokens + passed);
  budget.refilled = now;
  if (budget.tokens < 1) {
    return false;
  }
  budget.tokens -= 1;
  return true;
}

void Recorder::Create(Event event, Key key) {
  const auto now = executor_.Monotonic();
  const auto wall = executor_.Wall();
  // As the client of Kubernetes names them: unique by the time.
  const auto name = fmt::format(
      "{}.{:x}{:04x}", event.regarding.name.substr(0, kLongestBase),
      std::chrono::duration_cast<std::chrono::microseconds>(wall.time_since_epoch()).count(),
      ++ids_ & 0xFFFFU);
  MakeRoom();
  series_[key] = {name, 1, false, wall, now, now};
  Enqueue({std::move(key), "POST", CollectionIn(NamespaceOf(event.regarding)),
           EventJson(event, name, options_.instance, wall)});
}

/// Writes the counts of what has happened again, and forgets what does not any more.
void Recorder::Flush() {
  timer_ = executor_.After(kFlushEvery, [this] { Flush(); });
  const auto now = executor_.Monotonic();
  for (auto& [key, series] : series_) {
    if (series.dirty && now - series.written >= options_.series_interval) {
      series.dirty = false;
      series.written = now;
      const auto name_space = NamespaceOf(std::get<Reference>(key));
      Enqueue({key, "PATCH", CollectionIn(name_space) + "/" + series.name,
               SeriesPatch(series.count, series.seen_at)});
    }
  }
  std::erase_if(series_, [&](const auto& entry) {
    return !entry.second.dirty && now - entry.second.last >= options_.series_end;
  });
}

/// Of very many the older half is forgotten: it gets new events sooner than it should.
void Recorder::MakeRoom() {
  const auto now = executor_.Monotonic();
  if (budgets_.size() >= options_.most_remembered) {
    std::erase_if(budgets_, [&](const auto& entry) {
      return now - entry.second.refilled >= options_.interval * options_.burst;
    });
  }
  while (budgets_.size() >= options_.most_remembered) {
    budgets_.erase(budgets_.begin());
  }
  while (series_.size() >= options_.most_remembered) {
    series_.erase(series_.begin());
  }
}

void Recorder::Enqueue(Write write) {
  if (waiting_.size() >= options_.most_waiting) {
    if (write.method == "POST") {
      series_.erase(write.key);
    }
    return;
  }
  waiting_.push_back(std::move(write));
  Send();
}

void Recorder::Send() {
  while (!waiting_.empty() && static_cast<int>(sent_.size()) < options_.at_once) {
    auto write = std::move(waiting_.front());
    waiting_.pop_front();
    common::kubernetes::Request request;
    request.method = write.method;
    request.target = write.target + "?fieldManager=trimtab-scaler";
    request.body = std::move(write.body);
    request.content_type = write.method == "PATCH" ? "application/merge-patch+json" : "";
    request.priority = common::kubernetes::Priority::kList;
    request.deadline = kDeadline;
    const auto id = ++ids_;
    sent_[id] = client_.Send(
        std::move(request),
        [this, id, key = std::move(write.key)](
            const common::kubernetes::Outcome<std::string>& outcome) { Done(id, key, outcome); });
  }
}

void Recorder::Done(std::uint64_t id, const Key& key,
                    const common::kubernetes::Outcome<std::string>& outcome) {
  if (outcome) {
    problem_.clear();
  } else {
    // The namespace is going, the event has become too old, we have no rights: if it happens again
    // it is a new one.
    series_.erase(Key(key));
    const auto known = std::exchange(problem_, outcome.error().message);
    if (known.empty()) {
      common::log::Warning("an event cannot be written", {{"why", outcome.error().message}});
    }
  }
  sent_.erase(id);
  Send();
}

}  // namespace scaler::kubernetes::events
