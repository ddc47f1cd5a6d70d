#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/prometheus/alertmanager.h"
#include "common/result.h"
#include "tests/demo/stage/capacity_account.h"
#include "tests/demo/stage/fault_runner.h"
#include "tests/demo/stage/watch.h"
#include "tests/demo/traffic/account.h"

namespace demo {

/// A fault of a part, and what visitors met in its gap.
struct FaultSummary {
  PlannedFault plan;
  double began_seconds = 0;              ///< Since the traffic began.
  std::optional<double> back_seconds{};  ///< Nothing: it did not come back.
  Gap gap{};
  std::optional<ReplicaChanges> replicas{};
};

/// What a run showed.
struct Summary {
  double seconds = 0;   ///< Of traffic.
  MonotonicTime began;  ///< The traffic.
  Totals totals;
  std::vector<LoadStep> load_steps;
  std::vector<Wake> wakes;
  std::vector<std::string> still_waking;
  std::vector<Loss> losses;
  std::vector<Scaling> scalings;
  std::vector<FaultSummary> faults;
  CapacitySummary capacity;
  Counted counted;
  DecisionHistory history;
  std::vector<std::string> complaints;     ///< Of parts that did not answer at times.
  std::map<std::string, double> restarts;  ///< By reason, as Prometheus has them.
  std::vector<common::prometheus::Alert> alerts_received;
  /// Processes, cgroups, ports and files that our parts left when they were told to stop.
  std::vector<std::string> left_behind;
};

/// Those that the faults cause always, others where Prometheus has them.
[[nodiscard]] std::map<std::string, std::int64_t> RestartsByReason(const Summary& summary);

/// The summary as a JSON document.
[[nodiscard]] std::string ToJson(const Summary& summary);

/// A few lines for people.
[[nodiscard]] std::string ToText(const Summary& summary);

/// Replaces the file at once, never half.
[[nodiscard]] common::Result<void> WriteSummary(const Summary& summary,
                                                const std::filesystem::path& path);

}  // namespace demo
