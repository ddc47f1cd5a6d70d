#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/kubernetes/end_reason.h"
#include "agent/kubernetes/event.h"
#include "agent/kubernetes/pod.h"
#include "agent/runtime/container_book.h"
#include "common/clock.h"

namespace agent::kubernetes {

/// What is counted by workload, which outlives its pods.
struct WorkloadCounts {
  runtime::RestartCounts restarts{};
  std::uint64_t oom_kills = 0;
  common::WallTime seen_at{};  ///< When a pod of it was last here.

  friend bool operator==(const WorkloadCounts&, const WorkloadCounts&) = default;
};

/// One container of one pod.
struct ContainerRef {
  std::string uid;  ///< Of the pod.
  std::string container;

  friend auto operator<=>(const ContainerRef&, const ContainerRef&) = default;
};

/// How far the ends of a container have been counted.
struct CountedContainer {
  std::uint64_t ends = 0;       ///< So many of its lives have ended.
  std::string last_end = {};    ///< The container id of the last.
  std::string id = {};          ///< Of its present life.
  std::uint64_t oom_kills = 0;  ///< Of that life.

  friend bool operator==(const CountedContainer&, const CountedContainer&) = default;
};

/// What must survive a restart of the agent.
struct SavedRestarts {
  /// All pods of the node were known: what is not among `containers` has come since.
  bool complete = false;
  std::map<runtime::WorkloadKey, WorkloadCounts> workloads = {};
  std::map<ContainerRef, CountedContainer> containers = {};

  friend bool operator==(const SavedRestarts&, const SavedRestarts&) = default;
};

/// Kills for want of memory as the cgroups count them, by the container's id without its scheme
/// and, where the kernel adds up (v2), by the pod's uid.
struct OomKillCounts {
  std::map<std::string, std::uint64_t> containers = {};
  std::map<std::string, std::uint64_t> pods = {};

  friend bool operator==(const OomKillCounts&, const OomKillCounts&) = default;
};

struct BookOptions {
  /// After an end that needs evidence; events travel on a way of their own and may be later than
  /// the status.
  std::chrono::milliseconds first_question{1000};
  std::chrono::milliseconds next_question{4000};
  int most_questions = 2;
  std::chrono::hours forget_after{24};  ///< A workload without pods here.
  std::size_t most_workloads = 4096;
  std::size_t most_pending = 1000;
};

/// Counts why containers of this node end, each end once, in whatever order it is told of them.
///
/// That a container has ended is told by its restart count and its state; why, by how it ended,
/// and where that is not plain by its events and cgroup: then the end is pending until they have
/// been asked for. Ends that nobody saw (the count grew by more than one) count as unknown. An end
/// that somebody asked for (a deletion, a changed definition) does not count.
///
/// Pure: no API, no files; time is an argument.
class RestartBook {
 public:
  explicit RestartBook(SavedRestarts saved = {}, BookOptions options = {});

  struct Now {
    common::MonotonicTime monotonic;
    common::WallTime wall;
  };

  /// The pod is so now.
  void Put(const Pod& pod, const Now& now);
  /// It is there no more.
  void Remove(const std::string& uid, const Now& now);
  /// All pods of the node have been told.
  void Synced(const Now& now);
  void Observe(const OomKillCounts& kills, const Now& now);

  /// A pod whose events would tell why a container of it ended.
  struct Question {
    std::string uid;
    std::string name_space;

    friend auto operator<=>(const Question&, const Question&) = default;
  };
  /// The questions that are due; each must be answered.
  [[nodiscard]] std::vector<Question> TakeQuestions(const Now& now);
  /// `events`: nothing where they could not be had.
  void Answer(const std::string& uid, const std::optional<std::vector<PodEvent>>& events,
              const Now& now);
  /// When there is something to ask.
  [[nodiscard]] std::optional<common::MonotonicTime> NextQuestion() const;

  [[nodiscard]] const std::map<runtime::WorkloadKey, WorkloadCounts>& Workloads() const {
    return workloads_;
  }
  /// Pending ends are in it as what they seem to be now.
  [[nodiscard]] SavedRestarts Save() const;

 private:
  struct Known {
    runtime::WorkloadKey key;
    bool running = false;
    CountedContainer counted;
  };
  struct KnownPod {
    bool evicted = false;
    std::map<std::string, Known> containers;
    std::optional<std::uint64_t> oom_kills;     ///< Of its cgroup; empty: not read yet.
    std::optional<common::WallTime> killed_at;  ///< When that was last seen to rise.
  };
  /// An end whose reason is not known yet.
  struct Pending {
    runtime::WorkloadKey key;
    Question about;
    std::string container;
    Termination termination;
    Evidence evidence;
    int questions = 0;
    bool asking = false;
    common::MonotonicTime ask_at;
  };
  /// One life of a container, as long as its cgroup may tell something.
  struct Life {
    runtime::WorkloadKey key;
    std::uint64_t oom_kills = 0;
    std::optional<common::WallTime> killed_at;
  };

  void PutContainer(const Pod& pod, const Container& container, KnownPod& known_pod,
                    const Now& now);
  [[nodiscard]] Known Meet(const Pod& pod, const Container& container,
                           const runtime::WorkloadKey& key);
  void TakeEnds(const Pod& pod, const Container& container, const KnownPod& known_pod, Known& known,
                const Now& now);
  void TakeEnd(const Pod& pod, const Container& container, const KnownPod& known_pod,
               const Known& known, const Termination& termination, const Now& now);
  void EvictPending(const std::string& uid);
  void Settle(const Pending& pending);
  [[nodiscard]] Evidence EvidenceFor(const Pending& pending) const;
  void Count(const runtime::WorkloadKey& key, common::lifecycle::EndReason reason,
             std::uint64_t count = 1);
  [[nodiscard]] bool Register(const runtime::WorkloadKey& key, const Now& now);
  void Forget(const Now& now);

  BookOptions options_;
  bool complete_ = false;
  std::map<ContainerRef, CountedContainer> saved_;  ///< Of pods that were not told yet.
  std::map<runtime::WorkloadKey, WorkloadCounts> workloads_;
  std::map<std::string, KnownPod> pods_;  ///< By uid.
  std::map<std::string, Life> lives_;     ///< By container id, without its scheme.
  std::deque<Pending> pending_;
  common::MonotonicTime forget_at_{};
};

/// "4f5e..." of "containerd://4f5e...".
[[nodiscard]] std::string WithoutScheme(const std::string& container_id);

}  // namespace agent::kubernetes
