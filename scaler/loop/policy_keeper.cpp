#include "scaler/loop/policy_keeper.h"

#include <algorithm>
#include <utility>

#include "common/log.h"
#include "scaler/loop/govern.h"

namespace scaler::loop {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr const char* kRefused = "refused";
constexpr const char* kIneffective = "ineffective";

/// Schedules are resolved so far ahead, and so often; between the two lies what a scaler that
/// cannot do it for days can stand.
constexpr auto kScheduleAhead = std::chrono::hours(8 * 24);
constexpr auto kScheduleEvery = std::chrono::hours(24);

/// The engine's clock may be behind that of the wall, which can be set.
constexpr auto kScheduleBehind = std::chrono::hours(24);

/// The directory differs from machine to machine, and the label must not.
std::string LabelOf(const std::string& file) {
  const std::filesystem::path path(file);
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

/// The policy in whose text the problem is: the last that begins before it.
std::string PolicyAt(const policy::PolicySet& set, const common::yaml::Problem& problem) {
  const policy::ScalingPolicy* found = nullptr;
  for (const auto* policy : set.All()) {
    if (policy->file == problem.file && policy->at <= problem.at &&
        (found == nullptr || found->at < policy->at)) {
      found = policy;
    }
  }
  return found == nullptr ? LabelOf(problem.file) : policy::FullName(*found);
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
  Tell();
  LookLater();
}

/// Of several policies for nodes the first by name holds: two could not both decide how many there
/// are.
void PolicyKeeper::Tell() {
  loop_->SetPolicies(Lookup(), Problems());
  const auto& capacity = scheduled_->Capacity();
  loop_->SetCapacityPolicy(capacity.empty()
                               ? nullptr
                               : std::shared_ptr<const engine::capacity::CapacityPolicy>(
                                     scheduled_, &capacity.front()->terms));
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
      Tell();
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
  files_ = std::move(load.files);
}

PolicyLookup PolicyKeeper::Lookup() {
  scheduled_at_ = executor_.Wall();
  const auto now = std::chrono::floor<engine::Duration>(scheduled_at_);
  scheduled_ = std::make_shared<const policy::PolicySet>(
      set_.Scheduled(now - kScheduleBehind, now + kScheduleAhead));
  return [set = scheduled_](const platform::Workload& workload) { return Govern(set, workload); };
}

PolicyProblems PolicyKeeper::Problems() const {
  PolicyProblems all;
  for (const auto& file : files_) {
    all.counts[{LabelOf(file), kRefused}] = 0;
  }
  for (const auto& problem : problems_) {
    ++all.counts[{LabelOf(problem.file), kRefused}];
    all.texts.push_back(common::yaml::ToString(problem));
  }
  for (const auto* policy : set_.All()) {
    all.counts[{policy::FullName(*policy), kIneffective}] = 0;
  }
  const auto& capacity = set_.Capacity();
  for (std::size_t i = 0; i < capacity.size(); ++i) {
    const auto& name = capacity[i]->terms.name;
    all.counts[{name, kIneffective}] = i > 0 ? 1 : 0;
    if (i > 0) {
      common::yaml::Problem problem;
      problem.file = capacity[i]->file;
      problem.at = capacity[i]->at;
      problem.what = "the CapacityPolicy " + name +
                     " does nothing: of several the first by name, " +
                     capacity.front()->terms.name + ", holds";
      all.texts.push_back(common::yaml::ToString(problem));
    }
  }
  std::vector<policy::Subject> subjects;
  for (const auto& workload : platform_.List()) {
    subjects.push_back(SubjectOf(*workload));
  }
  for (const auto& problem : set_.Check(subjects)) {
    ++all.counts[{PolicyAt(set_, problem), kIneffective}];
    all.texts.push_back(common::yaml::ToString(problem));
  }
  return all;
}

}  // namespace scaler::loop
