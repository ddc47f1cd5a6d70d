#include "scaler/loop/policy_keeper.h"

#include <algorithm>
#include <utility>

#include "common/log.h"

namespace scaler::loop {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);

/// Schedules are resolved so far ahead, and so often; between the two lies what a scaler that
/// cannot do it for days can stand.
constexpr auto kScheduleAhead = std::chrono::hours(8 * 24);
constexpr auto kScheduleEvery = std::chrono::hours(24);

/// The engine's clock may be behind that of the wall, which can be set.
constexpr auto kScheduleBehind = std::chrono::hours(24);

policy::Subject SubjectOf(const platform::Workload& workload) {
  return {workload.id.name_space, workload.id.name, workload.labels};
}

}  // namespace

PolicyKeeper::PolicyKeeper(common::Executor& executor, const platform::Platform& platform,
                           std::filesystem::path directory)
    : executor_(executor),
      platform_(platform),
      directory_(std::move(directory)),
      watch_(directory_) {}

PolicyLookup PolicyKeeper::First() {
  Take(policy::LoadDirectory(directory_));
  return Lookup();
}

void PolicyKeeper::Watch(Loop& loop) {
  loop_ = &loop;
  loop_->SetPolicies(Lookup(), Problems());
  LookLater();
}

void PolicyKeeper::LookLater() {
  timer_ = executor_.After(kLookEvery, [this] {
    const bool changed = watch_.Changed();
    if (changed) {
      Take(policy::Reload(set_, directory_));
    }
    // Also where the clock was set back.
    const auto age = executor_.Wall() - scheduled_at_;
    if (changed || age >= kScheduleEvery || age < -kScheduleEvery) {
      loop_->SetPolicies(Lookup(), Problems());
    }
    LookLater();
  });
}

void PolicyKeeper::Take(policy::Load load) {
  set_ = std::move(load.set);
  for (const auto& change : load.changes) {
    common::log::Info("policy", {{"change", policy::ToString(change)}});
  }
  for (const auto& problem : load.problems) {
    if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end()) {
      common::log::Error("policy refused", {{"problem", common::yaml::ToString(problem)}});
    }
  }
  for (const auto& file : load.kept) {
    common::log::Warning("the last good version stays in force", {{"file", file}});
  }
  problems_ = std::move(load.problems);
}

PolicyLookup PolicyKeeper::Lookup() {
  scheduled_at_ = executor_.Wall();
  const auto now = std::chrono::floor<engine::Duration>(scheduled_at_);
  return [set = set_.Scheduled(now - kScheduleBehind, now + kScheduleAhead)](
             const platform::Workload& workload) -> std::optional<Governed> {
    const auto resolved = set.Resolve(SubjectOf(workload));
    return resolved ? std::optional(Governed{resolved->policy, resolved->tenant}) : std::nullopt;
  };
}

std::vector<std::string> PolicyKeeper::Problems() const {
  std::vector<policy::Subject> subjects;
  for (const auto& workload : platform_.List()) {
    subjects.push_back(SubjectOf(workload));
  }
  std::vector<std::string> all;
  for (const auto& problem : problems_) {
    all.push_back(common::yaml::ToString(problem));
  }
  for (const auto& problem : set_.Check(subjects)) {
    all.push_back(common::yaml::ToString(problem));
  }
  return all;
}

}  // namespace scaler::loop
