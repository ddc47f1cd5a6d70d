#include "agent/kubernetes/restart_book.h"

#include <algorithm>
#include <set>
#include <utility>

namespace agent::kubernetes {
namespace {

using common::lifecycle::EndReason;

/// A cgroup is read twice a second, and the end of a container is told in whole seconds.
constexpr auto kKillBeforeEnd = std::chrono::seconds(3);
constexpr auto kKillAfterEnd = std::chrono::seconds(10);
constexpr auto kTidyInterval = std::chrono::hours(1);

bool IsAtTheEnd(const std::optional<common::WallTime>& killed_at, const Termination& life) {
  return killed_at && life.finished_at && *killed_at >= *life.finished_at - kKillBeforeEnd &&
         *killed_at <= *life.finished_at + kKillAfterEnd;
}

/// The last end that the status tells of.
const std::optional<Termination>& LastEnd(const Container& container) {
  return container.terminated ? container.terminated : container.last_terminated;
}

/// How many lives have ended, as far as the status tells.
std::uint64_t EndsTold(const Container& container, const CountedContainer& counted) {
  const auto restarts = container.restart_count;
  if (!container.has_status) {
    return counted.ends;
  }
  if (container.terminated) {
    return restarts + 1;
  }
  const auto& last = container.last_terminated;
  if (container.running_since || !last || last->container_id.empty()) {
    return restarts;
  }
  // It waits to be started again: the count is that of the life that has ended, unless that one
  // vanished without a word, and what is told is the end before it.
  return last->container_id == counted.last_end ? std::max(counted.ends, restarts) : restarts + 1;
}

/// Somebody wanted the pod to go before this end.
bool WasAskedFor(const Pod& pod, const Termination& termination) {
  return pod.deleted_at && (!termination.finished_at ||
                            *termination.finished_at + std::chrono::seconds(1) >= *pod.deleted_at);
}

bool IsSettledBy(EndReason reason) {
  return reason != EndReason::kAppError && reason != EndReason::kCompleted;
}

}  // namespace

std::string WithoutScheme(const std::string& container_id) {
  const auto scheme = container_id.find("://");
  return scheme == std::string::npos ? container_id : container_id.substr(scheme + 3);
}

RestartBook::RestartBook(SavedRestarts saved, BookOptions options)
    : options_(options),
      complete_(saved.complete),
      saved_(std::move(saved.containers)),
      workloads_(std::move(saved.workloads)) {}

void RestartBook::Put(const Pod& pod, const Now& now) {
  auto& known = pods_[pod.uid];
  if (IsEvicted(pod) && !std::exchange(known.evicted, true)) {
    EvictPending(pod.uid);
  }
  for (const auto& container : pod.containers) {
    PutContainer(pod, container, known, now);
  }
}

void RestartBook::PutContainer(const Pod& pod, const Container& container, KnownPod& known_pod,
                               const Now& now) {
  const runtime::WorkloadKey key{pod.name_space, WorkloadOf(pod), container.name};
  if (!Register(key, now)) {
    return;
  }
  auto found = known_pod.containers.find(container.name);
  if (found == known_pod.containers.end()) {
    found = known_pod.containers.emplace(container.name, Meet(pod, container, key)).first;
  }
  auto& known = found->second;
  if (!container.id.empty() && container.id != known.counted.id) {
    known.counted.id = container.id;
    lives_.try_emplace(WithoutScheme(container.id), Life{key, 0, {}});
  }
  TakeEnds(pod, container, known_pod, known, now);
  if (container.has_status) {
    known.running = container.running_since.has_value();
  } else if (known_pod.evicted && std::exchange(known.running, false)) {
    // Some kubelets leave the containers out of what they say of a pod that they evicted.
    ++known.counted.ends;
    Count(key, EndReason::kEvicted);
  }
}

/// A container that is told for the first time: as it was saved; from the beginning, if its pod
/// has come since all were known; else from now on.
RestartBook::Known RestartBook::Meet(const Pod& pod, const Container& container,
                                     const runtime::WorkloadKey& key) {
  Known known{key, false, {}};
  if (const auto saved = saved_.find({pod.uid, container.name}); saved != saved_.end()) {
    known.counted = std::move(saved->second);
    saved_.erase(saved);
    if (!known.counted.id.empty()) {
      lives_[WithoutScheme(known.counted.id)] = {key, known.counted.oom_kills, {}};
    }
  } else if (!complete_) {
    known.counted.ends = EndsTold(container, known.counted);
    if (const auto& end = LastEnd(container)) {
      known.counted.last_end = end->container_id;
    }
  }
  return known;
}

void RestartBook::TakeEnds(const Pod& pod, const Container& container, const KnownPod& known_pod,
                           Known& known, const Now& now) {
  auto& counted = known.counted;
  const auto told = EndsTold(container, counted);
  const auto& end = LastEnd(container);
  const bool is_new = end && (end->container_id.empty() || end->container_id != counted.last_end);
  if (told > counted.ends) {
    auto unseen = told - counted.ends;
    if (is_new) {
      --unseen;
      TakeEnd(pod, container, known_pod, known, *end, now);
    }
    Count(known.key, EndReason::kUnknown, unseen);
  } else if (told < counted.ends && is_new && !end->container_id.empty()) {
    // The count began anew, with another sandbox.
    TakeEnd(pod, container, known_pod, known, *end, now);
  }
  counted.ends = told;
  if (end && !end->container_id.empty()) {
    counted.last_end = end->container_id;
  }
}

void RestartBook::TakeEnd(const Pod& pod, const Container& container, const KnownPod& known_pod,
                          const Known& known, const Termination& termination, const Now& now) {
  const bool did_its_part = container.kind == Container::Kind::kInit && termination.exit_code == 0;
  if (did_its_part || (!known_pod.evicted && WasAskedFor(pod, termination))) {
    lives_.erase(WithoutScheme(termination.container_id));
    return;
  }
  Pending pending{known.key,
                  {pod.uid, pod.name_space},
                  container.name,
                  termination,
                  {},
                  0,
                  false,
                  now.monotonic + options_.first_question};
  if (known_pod.evicted) {
    lives_.erase(WithoutScheme(termination.container_id));
    Count(known.key, EndReason::kEvicted);
  } else if (IsPlain(termination, container.has_probe) ||
             pending_.size() >= options_.most_pending) {
    Settle(pending);
  } else {
    pending_.push_back(std::move(pending));
  }
}

void RestartBook::EvictPending(const std::string& uid) {
  std::erase_if(pending_, [&](const Pending& pending) {
    if (pending.about.uid != uid) {
      return false;
    }
    Count(pending.key, EndReason::kEvicted);
    return true;
  });
}

void RestartBook::Remove(const std::string& uid, const Now& /*now*/) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) {
    return;
  }
  for (auto& pending : pending_) {
    if (pending.about.uid == uid) {
      pending.evidence = EvidenceFor(pending);  // What the cgroups told goes with the pod.
    }
  }
  for (const auto& [name, known] : found->second.containers) {
    if (found->second.evicted && known.running) {
      Count(known.key, EndReason::kEvicted);
    }
    lives_.erase(WithoutScheme(known.counted.id));
    lives_.erase(WithoutScheme(known.counted.last_end));
  }
  pods_.erase(found);
}

void RestartBook::Synced(const Now& now) {
  complete_ = true;
  saved_.clear();  // Of pods that have gone.
  Forget(now);
}

void RestartBook::Observe(const OomKillCounts& kills, const Now& now) {
  for (const auto& [id, count] : kills.containers) {
    const auto life = lives_.find(id);
    if (life != lives_.end() && count > life->second.oom_kills) {
      workloads_[life->second.key].oom_kills += count - life->second.oom_kills;
      life->second.oom_kills = count;
      life->second.killed_at = now.wall;
    }
  }
  for (const auto& [uid, count] : kills.pods) {
    const auto pod = pods_.find(uid);
    if (pod == pods_.end()) {
      continue;
    }
    if (pod->second.oom_kills && count > *pod->second.oom_kills) {
      pod->second.killed_at = now.wall;
    }
    pod->second.oom_kills = count;
  }
}

std::vector<RestartBook::Question> RestartBook::TakeQuestions(const Now& now) {
  if (now.monotonic >= forget_at_) {
    Forget(now);
  }
  std::set<Question> due;
  for (const auto& pending : pending_) {
    if (!pending.asking && pending.ask_at <= now.monotonic) {
      due.insert(pending.about);
    }
  }
  for (auto& pending : pending_) {
    pending.asking = pending.asking || due.contains(pending.about);
  }
  return {due.begin(), due.end()};
}

void RestartBook::Answer(const std::string& uid, const std::optional<std::vector<PodEvent>>& events,
                         const Now& now) {
  std::erase_if(pending_, [&](Pending& pending) {
    if (pending.about.uid != uid || !pending.asking) {
      return false;
    }
    pending.asking = false;
    pending.ask_at = now.monotonic + options_.next_question;
    ++pending.questions;
    if (events) {
      const auto told = EvidenceOf(*events, pending.container, pending.termination);
      pending.evidence.probe_killed = pending.evidence.probe_killed || told.probe_killed;
      pending.evidence.probe_failed = pending.evidence.probe_failed || told.probe_failed;
      pending.evidence.changed = pending.evidence.changed || told.changed;
    }
    const bool settled = pending.questions >= options_.most_questions ||
                         IsSettledBy(ReasonOf(pending.termination, EvidenceFor(pending)));
    if (settled) {
      Settle(pending);
    }
    return settled;
  });
}

std::optional<common::MonotonicTime> RestartBook::NextQuestion() const {
  std::optional<common::MonotonicTime> next;
  for (const auto& pending : pending_) {
    if (!pending.asking) {
      next = next ? std::min(*next, pending.ask_at) : pending.ask_at;
    }
  }
  return next;
}

Evidence RestartBook::EvidenceFor(const Pending& pending) const {
  auto evidence = pending.evidence;
  const auto life = lives_.find(WithoutScheme(pending.termination.container_id));
  const auto pod = pods_.find(pending.about.uid);
  evidence.oom_killed =
      evidence.oom_killed ||
      (life != lives_.end() && IsAtTheEnd(life->second.killed_at, pending.termination)) ||
      (pod != pods_.end() && IsAtTheEnd(pod->second.killed_at, pending.termination));
  return evidence;
}

void RestartBook::Settle(const Pending& pending) {
  const auto reason = ReasonOf(pending.termination, EvidenceFor(pending));
  Count(pending.key, reason);
  const auto life = lives_.find(WithoutScheme(pending.termination.container_id));
  const bool counted = life != lives_.end() && life->second.oom_kills > 0;
  if (reason == EndReason::kOomKilled && !counted) {
    ++workloads_[pending.key].oom_kills;  // The cgroup was gone before anybody could read it.
  }
  if (life != lives_.end()) {
    lives_.erase(life);
  }
}

void RestartBook::Count(const runtime::WorkloadKey& key, EndReason reason, std::uint64_t count) {
  const auto* const counted =
      std::find(runtime::kRestartReasons.begin(), runtime::kRestartReasons.end(), reason);
  if (counted != runtime::kRestartReasons.end() && count > 0) {
    const auto index = static_cast<std::size_t>(counted - runtime::kRestartReasons.begin());
    workloads_[key].restarts.at(index) += count;
  }
}

/// False where there are too many workloads to count another one's.
bool RestartBook::Register(const runtime::WorkloadKey& key, const Now& now) {
  auto found = workloads_.find(key);
  if (found == workloads_.end()) {
    if (workloads_.size() >= options_.most_workloads) {
      Forget(now);
    }
    if (workloads_.size() >= options_.most_workloads) {
      return false;
    }
    found = workloads_.emplace(key, WorkloadCounts{}).first;
  }
  found->second.seen_at = now.wall;
  return true;
}

/// Of the workloads without pods here, those that had none for long go, and the oldest of them
/// when there are too many.
void RestartBook::Forget(const Now& now) {
  forget_at_ = now.monotonic + kTidyInterval;
  std::set<runtime::WorkloadKey> here;
  for (const auto& [uid, pod] : pods_) {
    for (const auto& [name, known] : pod.containers) {
      here.insert(known.key);
    }
  }
  for (const auto& pending : pending_) {
    here.insert(pending.key);
  }
  std::multimap<common::WallTime, runtime::WorkloadKey> away;
  for (auto& [key, counts] : workloads_) {
    if (here.contains(key)) {
      counts.seen_at = now.wall;
    } else {
      away.emplace(counts.seen_at, key);
    }
  }
  for (const auto& [seen_at, key] : away) {
    if (seen_at + options_.forget_after <= now.wall ||
        workloads_.size() >= options_.most_workloads) {
      workloads_.erase(key);
    }
  }
}

SavedRestarts RestartBook::Save() const {
  auto copy = *this;
  for (const auto& pending : pending_) {
    copy.Settle(pending);
  }
  SavedRestarts saved{complete_, std::move(copy.workloads_), saved_};
  for (const auto& [uid, pod] : pods_) {
    for (const auto& [name, known] : pod.containers) {
      auto counted = known.counted;
      const auto life = lives_.find(WithoutScheme(counted.id));
      counted.oom_kills = life == lives_.end() ? 0 : life->second.oom_kills;
      saved.containers[{uid, name}] = std::move(counted);
    }
  }
  return saved;
}

}  // namespace agent::kubernetes
