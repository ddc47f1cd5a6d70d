#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "tests/demo/stage/children.h"
#include "tests/demo/stage/fault_plan.h"
#include "tests/demo/stage/parts.h"
#include "tests/demo/stage/replicas.h"
#include "tests/demo/stage/watch.h"

namespace demo {

/// What a planned fault did.
struct FaultReport {
  PlannedFault plan;
  std::optional<common::MonotonicTime> began{};
  std::optional<common::MonotonicTime> back{};  ///< The part was ready again.
  std::optional<ReplicaChanges> replicas{};     ///< Of a fault of the scaler.
};

/// Hurts parts when the plan says so, and does what an init system does about it.
///
/// Belongs to the thread that starts the parts.
class FaultRunner {
 public:
  /// `parts` are all that there are; `directory` is the run's, with their logs.
  FaultRunner(const std::vector<PlannedFault>& plan, std::vector<Part> parts,
              std::filesystem::path directory, Children& children, Watch& watch);

  /// Not to be started with the others.
  [[nodiscard]] bool IsAbsentAtFirst(const std::string& program) const;

  /// The traffic begins: what is absent counts as hurt from now on.
  void Begin(common::MonotonicTime now);

  /// Does what is due. Call it often. Fails where a part cannot be started again.
  [[nodiscard]] common::Result<void> Advance(common::MonotonicTime now);

  /// Brings back at once whatever is away or stands still, and waits until all are ready, at most
  /// `timeout`.
  [[nodiscard]] common::Result<void> EndAll(std::chrono::milliseconds timeout);

  /// In the order of the plan; a fault's number in events is its place here.
  [[nodiscard]] const std::vector<FaultReport>& Reports() const { return reports_; }
  /// When the part was killed.
  [[nodiscard]] std::vector<common::MonotonicTime> KillsOf(std::string_view part) const;

 private:
  enum class Stage { kPlanned, kHurt, kReturning, kOver };

  [[nodiscard]] const Part& PartOf(const PlannedFault& fault) const;
  [[nodiscard]] bool IsBusy(std::size_t number) const;
  void Hurt(std::size_t number, common::MonotonicTime now);
  common::Result<void> BringBack(std::size_t number);
  void AwaitReady(std::size_t number);
  common::Result<void> Rotate() const;

  std::vector<FaultReport> reports_;
  std::vector<Stage> stages_;
  std::vector<Replicas> replicas_before_;
  std::vector<Part> parts_;
  std::filesystem::path directory_;
  Children& children_;
  Watch& watch_;
  common::MonotonicTime traffic_began_{};
};

}  // namespace demo
