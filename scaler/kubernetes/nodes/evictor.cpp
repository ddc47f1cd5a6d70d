#include "scaler/kubernetes/nodes/evictor.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/json_writer.h"
#include "common/log.h"

namespace scaler::kubernetes::nodes {
namespace {

using common::MonotonicTime;
using common::kubernetes::Outcome;
using std::chrono::seconds;

constexpr auto kDeadline = seconds(10);

/// A pod that was told to go shows it soon; one that does not is asked again.
constexpr auto kUntilItShows = seconds(15);

/// A budget that allows none now may in a second: when the replacement of another is ready.
constexpr auto kFirstRetry = std::chrono::milliseconds(1000);
constexpr auto kLongestRetry = seconds(5);

/// What the node needs to tell that a pod is gone, and to go itself.
constexpr auto kMargin = seconds(5);

MonotonicTime::duration Delay(int failures) {
  const auto doublings = std::clamp(failures - 1, 0, 8);
  return std::min<MonotonicTime::duration>(kLongestRetry, kFirstRetry * (1 << doublings));
}

/// "429 Cannot evict pod ...": which pod it is about is said beside it.
std::string WithoutRequest(const std::string& message) {
  constexpr std::string_view kRequestEnds = "/eviction: ";
  const auto at = message.find(kRequestEnds);
  return at == std::string::npos ? message : message.substr(at + kRequestEnds.size());
}

}  // namespace

void SortForEviction(std::vector<ToEvict>& pods) {
  const auto key = [](const ToEvict& each) {
    const auto& pod = *each.pod;
    return std::tuple(each.deadline.value_or(MonotonicTime::max()), -std::int64_t{pod.priority},
                      -pod.started_in.value_or(seconds(0)).count(), -pod.grace.count(),
                      std::string_view(pod.workload.name_space), std::string_view(pod.name));
  };
  std::sort(pods.begin(), pods.end(),
            [&](const ToEvict& left, const ToEvict& right) { return key(left) < key(right); });
}

void Evictor::SetPods(std::vector<ToEvict> pods) {
  SortForEviction(pods);
  for (auto& [uid, asked] : asked_) {
    asked.wanted = false;
  }
  order_.clear();
  for (const auto& each : pods) {
    const auto& pod = *each.pod;
    auto& asked = asked_[pod.uid];
    asked.wanted = true;
    asked.name_space = pod.workload.name_space;
    asked.name = pod.name;
    asked.grace = pod.grace;
    asked.deadline = each.deadline;
    order_.push_back(pod.uid);
  }
  std::erase_if(asked_,
                [](const auto& each) { return !each.second.wanted && !each.second.pending; });
  Go();
}

std::string Evictor::WhyNot(const std::string& uid) const {
  const auto found = asked_.find(uid);
  return found == asked_.end() ? std::string() : found->second.why_not;
}

void Evictor::Go() {
  const auto now = executor_.Monotonic();
  std::optional<MonotonicTime> next;
  for (const auto& uid : order_) {
    auto& asked = asked_.at(uid);
    if (asked.pending) {
      continue;
    }
    if (asked.not_before && now < *asked.not_before) {
      next = std::min(next.value_or(*asked.not_before), *asked.not_before);
    } else if (under_way_ < kAtOnce) {
      Ask(uid, asked);
    }
  }
  timer_.reset();
  if (next) {
    const auto delay = std::chrono::ceil<std::chrono::milliseconds>(*next - now);
    timer_ = executor_.After(delay, [this] { Go(); });
  }
}

/// Who may take longer to end than there is time left gets what is left.
std::string Evictor::Body(const std::string& uid, const Asked& asked) const {
  common::JsonWriter json;
  json.BeginObject().Key("apiVersion").String("policy/v1").Key("kind").String("Eviction");
  json.Key("metadata").BeginObject().Key("name").String(asked.name);
  json.Key("namespace").String(asked.name_space).EndObject();
  json.Key("deleteOptions").BeginObject();
  if (asked.deadline) {
    const auto left =
        std::chrono::floor<seconds>(*asked.deadline - executor_.Monotonic() - kMargin);
    if (left < asked.grace) {
      json.Key("gracePeriodSeconds").Integer(std::max<std::int64_t>(left.count(), 1));
    }
  }
  json.Key("preconditions").BeginObject().Key("uid").String(uid).EndObject();
  json.EndObject().EndObject();
  return json.Take();
}

void Evictor::Ask(const std::string& uid, Asked& asked) {
  common::kubernetes::Request request;
  request.method = "POST";
  request.target = "/api/v1/namespaces/" + asked.name_space + "/pods/" + asked.name + "/eviction";
  request.body = Body(uid, asked);
  request.priority = common::kubernetes::Priority::kWrite;
  request.deadline = kDeadline;
  request.again_when_throttled = false;
  ++under_way_;
  asked.pending = client_.Send(std::move(request), [this, uid](Outcome<std::string> outcome) {
    --under_way_;
    Answered(uid, outcome);
    Go();
  });
}

void Evictor::Answered(const std::string& uid, const Outcome<std::string>& outcome) {
  const auto found = asked_.find(uid);
  auto& asked = found->second;
  asked.pending.reset();
  const auto now = executor_.Monotonic();
  const int status = outcome ? 0 : outcome.error().status;
  if (outcome || status == 404 || status == 409) {
    // It goes, has gone, or another of its name is there; the watch will tell.
    asked.not_before = now + kUntilItShows;
    asked.why_not.clear();
    if (outcome) {
      common::log::Info("pod is evicted", {{"pod", asked.name_space + "/" + asked.name}});
    }
  } else {
    const auto& refused = outcome.error();
    const auto wanted = refused.retry_after.value_or(std::chrono::milliseconds(0));
    asked.not_before = now + std::max<MonotonicTime::duration>(
                                 Delay(++asked.failures),
                                 std::min<MonotonicTime::duration>(wanted, kLongestRetry));
    // 500: more than one disruption budget is for the pod, which the API does not resolve.
    auto why = WithoutRequest(refused.message);
    if (asked.why_not != why) {
      common::log::Warning("pod may not be evicted yet",
                           {{"pod", asked.name_space + "/" + asked.name}, {"why", why}});
      asked.why_not = std::move(why);
    }
  }
  if (!asked.wanted) {
    asked_.erase(found);
  }
}

}  // namespace scaler::kubernetes::nodes
