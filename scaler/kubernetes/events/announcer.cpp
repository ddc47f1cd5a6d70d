#include "scaler/kubernetes/events/announcer.h"

#include <fmt/format.h>

#include <utility>

#include "scaler/explain/sentence.h"

namespace scaler::kubernetes::events {
namespace {

using engine::Outcome;
using policies::ObjectKind;
using policies::ObjectRef;

constexpr auto kLookEvery = std::chrono::milliseconds(500);
/// What the first cycles have decided by the first look is news.
constexpr engine::Duration kFirstCycle = std::chrono::seconds(1);
constexpr std::size_t kLongestNote = 900;  ///< Leaves room for what the recorder adds.

std::string WithReasons(const engine::Decision& decision) {
  const auto why = explain::Sentence(decision);
  return explain::Headline(decision) + (why.empty() ? "" : ": " + why);
}

Reference ReferenceOf(const ObjectRef& ref, const std::string& uid) {
  return {policies::kApiVersion, policies::KindName(ref.kind), ref.name_space, ref.name, uid};
}

}  // namespace

Announcer::Announcer(common::Executor& executor, Recorder& recorder,
                     policies::PolicyObjects& policies, const loop::StatusBoard& board,
                     FindObject find, std::function<bool()> may_write)
    : executor_(executor),
      recorder_(recorder),
      policies_(policies),
      board_(board),
      find_(std::move(find)),
      may_write_(std::move(may_write)) {}

void Announcer::LookLater() {
  timer_ = executor_.After(kLookEvery, [this] {
    LookLater();
    Look();
  });
}

/// Both lists are by id, so that ten thousand workloads are compared in one pass.
void Announcer::Look() {
  const auto status = board_.Get();
  if (status->wall == common::WallTime()) {
    return;
  }
  if (!may_write_()) {
    since_ = status->now;  // Another says it.
    said_.clear();
    refused_.clear();
    return;
  }
  if (!since_) {
    since_ = status->now - kFirstCycle;
  }
  std::vector<Said> said;
  said.reserve(status->workloads.size());
  auto before = said_.begin();
  for (const auto& workload : status->workloads) {
    const auto& id = workload.workload->id;
    while (before != said_.end() && before->id < id) {
      ++before;
    }
    const bool known = before != said_.end() && before->id == id;
    if (!workload.policy.empty()) {
      Compare(workload, known ? &*before : nullptr);
    }
    said.push_back({id, workload.change, workload.problem,
                    workload.policy.empty() ? "" : workload.workload->owned_by});
  }
  said_ = std::move(said);
  TellNodes(*status);
  TellRefusals();
}

void Announcer::Compare(const loop::WorkloadStatus& workload, const Said* before) {
  const auto& owner = workload.workload->owned_by;
  if (!owner.empty() && (before == nullptr || before->owned_by != owner)) {
    Tell(workload, true, "OwnedByOthers",
         owner + " scales it too: what it should have is decided in dry run and never written");
  }
  if (!workload.problem.empty() && (before == nullptr || before->problem != workload.problem)) {
    Tell(workload, true, "ScaleFailed", workload.problem);
  }
  const auto& change = workload.change;
  if (change == nullptr || (before != nullptr && before->change == change) ||
      change->at <= *since_) {
    return;
  }
  switch (change->outcome) {
    case Outcome::kScaled:
      Tell(workload, false, "Scaled", WithReasons(*change));
      break;
    case Outcome::kDryRun:
      Tell(workload, false, "DryRun", WithReasons(*change));
      break;
    case Outcome::kHeld:
      Tell(workload, true, "Held", WithReasons(*change));
      break;
    case Outcome::kKept:
      break;
  }
}

/// To the workload, and to its policy with the workload's name.
void Announcer::Tell(const loop::WorkloadStatus& workload, bool warning, const char* reason,
                     const std::string& note) {
  const auto object = find_(workload.workload->id);
  const auto policy = PolicyOf(workload.policy);
  if (object) {
    recorder_.Record(
        {*object, policy, warning, reason, "Scale",
         explain::Shorten(fmt::format("{} (policy {})", note, workload.policy), kLongestNote)});
  }
  if (policy) {
    recorder_.Record(
        {*policy, object, warning, reason, "Scale",
         explain::Shorten(fmt::format("{}: {}", platform::ToString(workload.workload->id), note),
                          kLongestNote)});
  }
}

/// Of nodes that others make it is only emptied, or not any more, what we say.
void Announcer::TellNodes(const loop::Status& status) {
  const auto change = status.fleet ? status.fleet->change : nullptr;
  if (change == said_nodes_) {
    return;
  }
  said_nodes_ = change;
  if (change == nullptr || change->at <= *since_) {
    return;
  }
  std::optional<Reference> policy;
  if (status.fleet->policy) {
    const ObjectRef ref{ObjectKind::kCapacityPolicy, "", status.fleet->policy->name};
    const auto* const object = policies_.Store().Find(ref);
    policy = object == nullptr ? std::nullopt : std::optional(ReferenceOf(ref, object->uid));
  }
  for (const auto& action : change->actions) {
    if (action.node.empty()) {
      continue;
    }
    // Events of nodes go by their names: a kubelet does not know its node's uid.
    const Reference node{"v1", "Node", "", action.node, action.node};
    const bool drains = action.kind == engine::capacity::Action::Kind::kDrain;
    const char* const reason = drains ? "Draining" : "DrainEnded";
    const auto note = engine::capacity::Sentence(action);
    recorder_.Record({node, policy, false, reason, "Drain", note});
    if (policy) {
      recorder_.Record({*policy, node, false, reason, "Drain", note});
    }
  }
}

void Announcer::TellRefusals() {
  std::map<std::string, std::string> problems;  // By source.
  for (const auto& problem : policies_.Refused()) {
    auto& text = problems[problem.file];
    auto one = problem;
    one.file.clear();
    text += (text.empty() ? "" : "; ") + common::yaml::ToString(one).substr(2);
  }
  std::map<ObjectRef, std::string> refused;
  if (!problems.empty()) {
    for (const auto& [ref, object] : policies_.Store().Objects()) {
      const auto found = problems.find(policies::SourceName(ref));
      if (found == problems.end()) {
        continue;
      }
      const auto known = refused_.find(ref);
      if (known == refused_.end() || known->second != found->second) {
        recorder_.Record({ReferenceOf(ref, object.uid), std::nullopt, true, "Refused", "Read",
                          explain::Shorten(found->second, kLongestNote)});
      }
      refused[ref] = std::move(found->second);
    }
  }
  refused_ = std::move(refused);
}

std::optional<Reference> Announcer::PolicyOf(const std::string& name) const {
  const auto slash = name.find('/');
  if (slash == std::string::npos) {
    return std::nullopt;
  }
  const ObjectRef ref{ObjectKind::kScalingPolicy, name.substr(0, slash), name.substr(slash + 1)};
  const auto* const object = policies_.Store().Find(ref);
  return object == nullptr ? std::nullopt : std::optional(ReferenceOf(ref, object->uid));
}

}  // namespace scaler::kubernetes::events
