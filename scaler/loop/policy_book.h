#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/loop/loop.h"
#include "scaler/platform/platform.h"
#include "scaler/policy/combine.h"

namespace scaler::loop {

/// What policies are in force, and what is wrong with them, for the loop: what all readers of
/// policies share. Belongs to the executor's thread.
///
/// The intervals of schedules are worked out for eight days; every problem is in the log once and
/// in the loop's status until it is gone.
class PolicyBook {
 public:
  /// What metrics call a source: a word for people, the same on every machine.
  using Label = std::function<std::string(const std::string& source)>;

  PolicyBook(common::Executor& executor, const platform::Platform& platform, Label label);
  PolicyBook(const PolicyBook&) = delete;
  PolicyBook& operator=(const PolicyBook&) = delete;

  /// The policies from now on, not yet told to anybody.
  void Take(policy::Load load);

  /// What is in force, schedules not expanded: what the next Combine goes on from.
  [[nodiscard]] const policy::PolicySet& Set() const { return set_; }

  /// What is wrong with sources by themselves, by source.
  [[nodiscard]] const std::vector<common::yaml::Problem>& Refused() const { return problems_; }

  /// With the intervals of schedules from about now on.
  [[nodiscard]] PolicyLookup Lookup();

  /// True where the intervals of schedules are so old that the loop wants to be told again.
  [[nodiscard]] bool Stale() const;

  /// Gives the loop the policies and their problems, and `more`: why some may be unknown.
  void Tell(Loop& loop, const std::vector<std::string>& more = {});

 private:
  [[nodiscard]] PolicyProblems Problems() const;

  common::Executor& executor_;
  const platform::Platform& platform_;
  Label label_;
  policy::PolicySet set_;
  std::shared_ptr<const policy::PolicySet> scheduled_;  ///< With the intervals of its schedules.
  common::WallTime scheduled_at_;  ///< When the schedules' intervals were last worked out.
  std::vector<common::yaml::Problem> problems_;
  std::vector<std::string> sources_;
  std::set<std::string> told_;  ///< Problems that are in the log.
  std::set<std::string> kept_;  ///< Sources whose last good version is in force.
};

}  // namespace scaler::loop
