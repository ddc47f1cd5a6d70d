#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "scaler/kubernetes/events/event.h"

namespace scaler::kubernetes::events {

struct RecorderOptions {
  std::string instance = "trimtab-scaler";  ///< Who says it: the name of our pod.
  /// An object gets so many new events at once, then one in each interval.
  int burst = 5;
  std::chrono::milliseconds interval = std::chrono::seconds(60);
  /// What happens again is counted in the same event, written at most so often.
  std::chrono::milliseconds series_interval = std::chrono::seconds(30);
  /// After so long without another it is a new event.
  std::chrono::milliseconds series_end = std::chrono::minutes(10);
  std::size_t most_remembered = 4096;  ///< Events, and objects.
  std::size_t most_waiting = 256;
  int at_once = 2;
};

/// Writes events into a cluster, least urgent of all: what is too much is left out, and the next
/// event of the object says how many were. Never waits, never tries again. Belongs to the
/// executor's thread.
///
/// Rights: create and patch events of events.k8s.io in every namespace.
class Recorder {
 public:
  Recorder(common::Executor& executor, common::kubernetes::Client& client,
           RecorderOptions options = {});
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void Record(Event event);

 private:
  /// Alike but for the time.
  using Key = std::tuple<Reference, std::string, std::string>;
  struct Series {
    std::string name;
    std::int64_t count = 1;
    bool dirty = false;  ///< Its count is not written yet.
    common::WallTime seen_at;
    common::MonotonicTime last;     ///< When it happened last.
    common::MonotonicTime written;  ///< When it was last written.
  };
  struct Budget {
    double tokens = 0;
    common::MonotonicTime refilled;
    std::int64_t left_out = 0;
  };
  struct Write {
    Key key;
    std::string method;
    std::string target;
    std::string body;
  };

  [[nodiscard]] bool Take(Budget& budget) const;
  [[nodiscard]] Budget& BudgetOf(const Reference& reference);
  void Create(Event event, Key key);
  void Flush();
  void MakeRoom();
  void Enqueue(Write write);
  void Send();
  void Done(std::uint64_t id, const Key& key,
            const common::kubernetes::Outcome<std::string>& outcome);

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  RecorderOptions options_;
  std::map<Key, Series> series_;
  std::map<Reference, Budget> budgets_;
  std::deque<Write> waiting_;
  std::map<std::uint64_t, std::unique_ptr<common::kubernetes::Pending>> sent_;
  std::uint64_t ids_ = 0;
  std::string problem_;  ///< The last one that was logged.
  std::unique_ptr<common::Timer> timer_;
};

}  // namespace scaler::kubernetes::events
