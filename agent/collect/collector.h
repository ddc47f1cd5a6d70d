#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent/collect/snapshot.h"
#include "agent/collect/sources.h"
#include "common/clock.h"
#include "common/result.h"

namespace agent::collect {

struct CollectorOptions {
  std::chrono::milliseconds interval{500};  ///< How often the signals are read.
  /// Between two readings that events ask for; bounds what a busy log costs.
  std::chrono::milliseconds least_gap{50};
  std::chrono::milliseconds checkpoint_interval{5000};
  std::chrono::milliseconds node_max_age{1000};  ///< A scrape reads the node again when older.
  /// Called on the collector's thread when the kills have changed, and at the end.
  std::function<common::Result<void>(const OomKills&)> save_oom_kills = {};
};

/// The one thread that reads, and the last snapshot that it published.
///
/// Reads at every interval, and at once when a quiet tenant gets a request. Everything but the
/// constructor and destructor may be called from any thread; nobody waits for a reader, but for
/// at most a deadline for values that are fresh.
class Collector {
 public:
  /// Starts to read. The first snapshot is there when this returns.
  Collector(std::unique_ptr<Sources> sources, CollectorOptions options, const common::Clock& clock);
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  /// Ends the thread, and saves what must survive.
  ~Collector();

  [[nodiscard]] std::shared_ptr<const Snapshot> Latest() const;

  /// The latest, with the node read anew if it was old and can be read within `patience`.
  [[nodiscard]] std::shared_ptr<const Snapshot> ForScrape(std::chrono::milliseconds patience);

  /// Reads the signals at once: what they carry has changed.
  void Wake();

  /// Waits up to `patience` for signals after `signal_number`; null if there are none, or if the
  /// collector ends.
  [[nodiscard]] std::shared_ptr<const Snapshot> WaitForSignals(
      std::uint64_t signal_number, std::chrono::milliseconds patience) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace agent::collect
