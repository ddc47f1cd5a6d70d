#include "scaler/kubernetes/policies/make_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/clock.h"
#include "scaler/explain/sentence.h"

namespace scaler::kubernetes::policies {
namespace {

using engine::Mode;
using loop::WorkloadStatus;

constexpr std::size_t kMostProblems = 20;
constexpr std::size_t kLongestProblem = 512;
constexpr std::size_t kLongestMessage = 1024;
constexpr std::size_t kLongestTarget = 63;

Condition MakeCondition(const char* type, bool is, const char* reason, std::string message) {
  return {type, is ? "True" : "False", reason,
          explain::Shorten(std::move(message), kLongestMessage)};
}

std::string Workloads(std::int64_t number) {
  return fmt::format("{} workload{}", number, number == 1 ? "" : "s");
}

/// "shops/web: why; and 3 more workloads".
std::string FirstOf(const WorkloadStatus& first, const std::string& why, std::int64_t number) {
  auto text = platform::ToString(first.workload->id);
  if (!why.empty()) {
    text += ": " + why;
  }
  return number > 1 ? text + "; and " + Workloads(number - 1) + " more" : text;
}

std::string TextOf(const policy::Selector& selector) {
  std::string text;
  for (const auto& [key, value] : selector.match_labels) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  }
  for (const auto& one : selector.match_expressions) {
    text += fmt::format("{}{}", text.empty() ? "" : ",", one.key);
  }
  return explain::Shorten(std::move(text), kLongestTarget);
}

const char* NameOf(Mode mode) {
  switch (mode) {
    case Mode::kActive:
      return "active";
    case Mode::kDryRun:
      return "dryRun";
    case Mode::kPaused:
      break;
  }
  return "paused";
}

std::string Seconds(engine::Time time) {
  // Kubernetes' own times have no fractions.
  return common::FormatRfc3339(std::chrono::floor<std::chrono::seconds>(time)).substr(0, 19) + "Z";
}

Condition Active(const PolicySums& sums, Mode mode, const std::optional<loop::Freeze>& freeze) {
  if (freeze) {
    return MakeCondition("Active", false, "Frozen", freeze->reason);
  }
  if (mode != Mode::kActive) {
    return MakeCondition("Active", false, mode == Mode::kPaused ? "Paused" : "DryRun",
                         "spec.mode says so: nothing is written");
  }
  if (sums.workloads == 0) {
    return MakeCondition("Active", false, "NoWorkload", "matches no workload");
  }
  if (sums.owned > 0) {
    const auto& first = *sums.first_owned;
    return MakeCondition("Active", sums.owned < sums.workloads, "OwnedByOthers",
                         FirstOf(first, first.workload->owned_by + " scales it", sums.owned));
  }
  return MakeCondition("Active", true, "Scaling", Workloads(sums.workloads));
}

Condition Held(const PolicySums& sums) {
  if (sums.held == 0) {
    return MakeCondition("Held", false, "Deciding", "");
  }
  const auto& first = *sums.first_held;
  // What was recorded when it began: the reason of now may count seconds.
  const auto why = first.change ? explain::Sentence(*first.change) : std::string();
  return MakeCondition("Held", true, "Held", FirstOf(first, why, sums.held));
}

const char* ReasonOf(engine::Rule limit) {
  switch (limit) {
    case engine::Rule::kGroupCap:
      return "GroupCap";
    case engine::Rule::kCrashLoop:
      return "CrashLoop";
    case engine::Rule::kBlueGreenMatch:
      return "BlueGreenMatch";
    case engine::Rule::kBlueGreenHold:
      return "BlueGreenHold";
    default:
      return "AtMax";
  }
}

/// Without what moves with the time and with each replica: that is in `trimtabctl explain`.
std::string TextOf(const engine::Clamp& limit) {
  switch (limit.rule) {
    case engine::Rule::kCrashLoop:
      return "crash_loop: replicas do not stay up, and what that leaves waiting brings no more";
    case engine::Rule::kBlueGreenMatch:
      return fmt::format("blue_green_match: {} serves, and this one is to take over from it",
                         limit.detail);
    case engine::Rule::kBlueGreenHold:
      return fmt::format("blue_green_hold: kept until {} has served for guards.blueGreen.hold",
                         limit.detail);
    default:
      return std::string(engine::RuleName(limit.rule)) +
             (limit.detail.empty() ? "" : " " + limit.detail);
  }
}

Condition Limited(const PolicySums& sums) {
  if (sums.limited == 0) {
    return MakeCondition("Limited", false, "WithinBounds", "");
  }
  const auto& first = *sums.first_limited;
  const auto& limit = *LimitOf(*first.decision);
  return MakeCondition("Limited", true, ReasonOf(limit.rule),
                       FirstOf(first, TextOf(limit), sums.limited));
}

Condition Ready(const PolicySums& sums, const Condition& valid, const Condition& active) {
  if (valid.status != "True") {
    return MakeCondition("Ready", false, valid.reason.c_str(), valid.message);
  }
  if (active.reason == "Frozen" || active.reason == "NoWorkload") {
    return MakeCondition("Ready", false, active.reason.c_str(), active.message);
  }
  if (sums.failed > 0) {
    const auto& first = *sums.first_failed;
    return MakeCondition("Ready", false, "ScaleFailed", FirstOf(first, first.problem, sums.failed));
  }
  if (sums.held > 0 && active.reason != "Paused") {
    const auto held = Held(sums);
    return MakeCondition("Ready", false, "Held", held.message);
  }
  return MakeCondition("Ready", true, active.reason.c_str(), active.message);
}

LastDecision Last(const WorkloadStatus& workload) {
  const auto& change = *workload.change;
  return {Seconds(change.at),
          platform::ToString(workload.workload->id),
          std::string(engine::OutcomeName(change.outcome)),
          change.current,
          change.desired,
          explain::Sentence(change)};
}

/// What was last asked for, all of it: "2 nodes of spot in a added: ...".
LastDecision Last(const engine::capacity::CapacityDecision& change) {
  std::string why;
  for (const auto& action : change.actions) {
    why += (why.empty() ? "" : "; ") + engine::capacity::Sentence(action);
    if (why.size() > kLongestMessage) {
      break;
    }
  }
  return {.time = Seconds(change.at),
          .workload = "",
          .outcome = "scaled",
          .why = explain::Shorten(std::move(why), kLongestMessage)};
}

}  // namespace

StatusMaker::StatusMaker(const loop::Status& status, const policy::PolicySet& set,
                         const std::vector<common::yaml::Problem>& refused)
    : status_(status), set_(set) {
  for (const auto& problem : refused) {
    refused_[problem.file].push_back(&problem);
  }
  for (const auto& workload : status.workloads) {
    if (!workload.policy.empty()) {
      sums_[workload.policy].Add(workload);
    }
  }
}

const policy::Documents* StatusMaker::InForce(const std::string& source) const {
  const auto found = set_.Files().find(source);
  return found == set_.Files().end() ? nullptr : found->second.get();
}

Condition StatusMaker::Valid(const std::string& source, bool in_force) const {
  const auto found = refused_.find(source);
  if (found == refused_.end()) {
    return in_force ? MakeCondition("Valid", true, "Read", "")
                    : MakeCondition("Valid", false, "NotYetRead", "");
  }
  std::string text;
  for (const auto* problem : found->second) {
    auto one = *problem;
    one.file.clear();  // The object itself.
    text += (text.empty() ? "" : "; ") + common::yaml::ToString(one).substr(2);
  }
  return MakeCondition(
      "Valid", false, "Refused",
      (in_force ? "the last good version stays in force: " : "not in force: ") + text);
}

ObjectStatus StatusMaker::Make(const ObjectRef& ref, const StoredObject& object) const {
  const auto source = SourceName(ref);
  const auto* const in_force = InForce(source);
  ObjectStatus status;
  status.observed_generation = object.generation;
  status.conditions.push_back(Valid(source, in_force != nullptr));
  if (const auto found = refused_.find(source); found != refused_.end()) {
    for (const auto* problem : found->second) {
      if (status.problems.size() < kMostProblems) {
        auto one = *problem;
        one.file.clear();
        status.problems.push_back(
            explain::Shorten(common::yaml::ToString(one).substr(2), kLongestProblem));
      }
    }
  }
  switch (ref.kind) {
    case ObjectKind::kScalingPolicy:
      MakePolicy(ref, in_force, status);
      break;
    case ObjectKind::kScalingGroup:
      MakeGroup(ref, in_force, status);
      break;
    case ObjectKind::kCapacityPolicy:
      MakeCapacity(ref, in_force, object.seen.of_nodes.get(), status);
      break;
  }
  return status;
}

void StatusMaker::MakePolicy(const ObjectRef& ref, const policy::Documents* in_force,
                             ObjectStatus& status) const {
  const auto found = sums_.find(ref.name_space + "/" + ref.name);
  const auto sums = found == sums_.end() ? PolicySums() : found->second;
  if (in_force == nullptr || in_force->policies.empty()) {
    const auto valid = status.conditions.front();
    status.conditions.insert(status.conditions.begin(),
                             MakeCondition("Ready", false, valid.reason.c_str(), valid.message));
    return;
  }
  const auto& policy = in_force->policies.front();
  const auto mode = policy.terms.policy.mode;
  status.target = policy.target.selector ? TextOf(*policy.target.selector)
                                         : explain::Shorten(policy.target.name, kLongestTarget);
  status.mode = status_.freeze ? "frozen" : NameOf(mode);
  status.workloads = sums.workloads;
  status.current = sums.current;
  status.desired = sums.desired;
  const auto active = Active(sums, mode, status_.freeze);
  status.conditions.insert(status.conditions.begin(),
                           Ready(sums, status.conditions.front(), active));
  status.conditions.push_back(active);
  status.conditions.push_back(Held(sums));
  status.conditions.push_back(Limited(sums));
  if (sums.newest != nullptr) {
    status.last_decision = Last(*sums.newest);
  }
}

void StatusMaker::MakeGroup(const ObjectRef& ref, const policy::Documents* in_force,
                            ObjectStatus& status) const {
  const auto valid = status.conditions.front();
  status.conditions.insert(status.conditions.begin(), valid);
  status.conditions.front().type = "Ready";
  if (in_force == nullptr || in_force->groups.empty()) {
    return;
  }
  status.target = TextOf(in_force->groups.front().selector);
  const auto found = std::find_if(status_.groups.begin(), status_.groups.end(),
                                  [&](const auto& group) { return group.group.name == ref.name; });
  const bool some = found != status_.groups.end();
  status.current = some ? found->granted : 0;
  status.desired = some ? found->wanted : 0;
  const bool limited = some && found->wanted > found->granted;
  status.conditions.push_back(
      MakeCondition("Limited", limited, limited ? "AtCap" : "WithinCap",
                    limited ? "the members would have more than the cap leaves them" : ""));
}

void StatusMaker::MakeCapacity(const ObjectRef& ref, const policy::Documents* in_force,
                               const LastDecision* told, ObjectStatus& status) const {
  const auto valid = status.conditions.front();
  auto active = MakeCondition("Active", false, "NotInForce", "");
  if (in_force != nullptr && !in_force->capacity.empty()) {
    const auto& first = *set_.Capacity().front();
    if (first.terms.name != ref.name) {
      active.reason = "AnotherHolds";
      active.message = fmt::format("of several the first by name, {}, holds", first.terms.name);
    } else if (status_.fleet == nullptr) {
      active.reason = "NoNodes";
      active.message = "this scaler has nobody who makes nodes";
    } else {
      active = MakeCondition("Active", true, "Deciding", "");
      if (status_.fleet->observation) {
        status.current = static_cast<std::int64_t>(status_.fleet->observation->nodes.size());
      }
      if (status_.fleet->change) {
        status.last_decision = Last(*status_.fleet->change);
      }
      // Whoever led before us has decided, too.
      if (told != nullptr && (!status.last_decision || status.last_decision->time < told->time)) {
        status.last_decision = *told;
      }
    }
  }
  status.conditions.insert(status.conditions.begin(), valid.status == "True" ? active : valid);
  status.conditions.front().type = "Ready";
  status.conditions.push_back(active);
}

}  // namespace scaler::kubernetes::policies
