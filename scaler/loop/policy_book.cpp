#include "scaler/loop/policy_book.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "common/log.h"
#include "scaler/loop/govern.h"

namespace scaler::loop {
namespace {

/// The status is made anew with every cycle.
constexpr std::size_t kMostTexts = 100;

constexpr const char* kRefused = "refused";
constexpr const char* kIneffective = "ineffective";

/// Schedules are resolved so far ahead, and so often; between the two lies what a scaler that
/// cannot do it for days can stand.
constexpr auto kScheduleAhead = std::chrono::hours(8 * 24);
constexpr auto kScheduleEvery = std::chrono::hours(24);

/// The engine's clock may be behind that of the wall, which can be set.
constexpr auto kScheduleBehind = std::chrono::hours(24);

/// The policy in whose text the problem is: the last that begins before it.
const policy::ScalingPolicy* PolicyAt(const policy::PolicySet& set,
                                      const common::yaml::Problem& problem) {
  const policy::ScalingPolicy* found = nullptr;
  const auto documents = set.Files().find(problem.file);
  if (documents == set.Files().end()) {
    return nullptr;
  }
  for (const auto& policy : documents->second->policies) {
    if (policy.at <= problem.at && (found == nullptr || found->at < policy.at)) {
      found = &policy;
    }
  }
  return found;
}

}  // namespace

PolicyBook::PolicyBook(common::Executor& executor, const platform::Platform& platform, Label label)
    : executor_(executor), platform_(platform), label_(std::move(label)) {}

void PolicyBook::Take(policy::Load load) {
  set_ = std::move(load.set);
  for (const auto& line : policy::LinesOf(load.changes)) {
    common::log::Info("policy", {{"change", line}});
  }
  std::set<std::string> told;
  for (const auto& problem : load.problems) {
    auto text = common::yaml::ToString(problem);
    if (!told_.contains(text)) {
      common::log::Error("policy refused", {{"problem", text}});
    }
    told.insert(std::move(text));
  }
  told_ = std::move(told);
  for (const auto& source : load.kept) {
    if (!kept_.contains(source)) {
      common::log::Warning("the last good version stays in force", {{"file", source}});
    }
  }
  kept_ = {load.kept.begin(), load.kept.end()};
  problems_ = std::move(load.problems);
  sources_ = std::move(load.files);
}

PolicyLookup PolicyBook::Lookup() {
  scheduled_at_ = executor_.Wall();
  const auto now = std::chrono::floor<engine::Duration>(scheduled_at_);
  scheduled_ = std::make_shared<const policy::PolicySet>(
      set_.Scheduled(now - kScheduleBehind, now + kScheduleAhead));
  return [set = scheduled_](const platform::Workload& workload) { return Govern(set, workload); };
}

/// Also where the clock was set back.
bool PolicyBook::Stale() const {
  const auto age = executor_.Wall() - scheduled_at_;
  return age >= kScheduleEvery || age < -kScheduleEvery;
}

/// Of several policies for nodes the first by name holds: two could not both decide how many there
/// are.
void PolicyBook::Tell(Loop& loop, const std::vector<std::string>& more) {
  auto lookup = Lookup();
  auto problems = Problems();
  problems.texts.insert(problems.texts.begin(), more.begin(), more.end());
  if (problems.texts.size() > kMostTexts) {
    const auto left_out = problems.texts.size() - kMostTexts;
    problems.texts.resize(kMostTexts);
    problems.texts.push_back(fmt::format("and {} more problems with policies", left_out));
  }
  loop.SetPolicies(std::move(lookup), std::move(problems));
  const auto& capacity = scheduled_->Capacity();
  loop.SetCapacityPolicy(capacity.empty() ? nullptr
                                          : std::shared_ptr<const engine::capacity::CapacityPolicy>(
                                                scheduled_, &capacity.front()->terms));
}

PolicyProblems PolicyBook::Problems() const {
  PolicyProblems all;
  for (const auto& source : sources_) {
    all.counts[{label_(source), kRefused}] = 0;
  }
  for (const auto& problem : problems_) {
    ++all.counts[{label_(problem.file), kRefused}];
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
    const auto* const about = PolicyAt(set_, problem);
    ++all.counts[{about != nullptr ? policy::FullName(*about) : label_(problem.file),
                  kIneffective}];
    all.texts.push_back(common::yaml::ToString(problem));
  }
  return all;
}

}  // namespace scaler::loop
