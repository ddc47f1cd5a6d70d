#include "scaler/local/replica_set.h"

#include <algorithm>
#include <utility>

#include "common/file_system.h"
#include "common/log.h"
#include "common/replace_file.h"
#include "scaler/local/nodes.h"

namespace scaler::local {
namespace {

namespace log = common::log;
using common::Result;
using platform::Phase;

/// Logs of replicas that have gone are kept until this many newer ones have come.
constexpr std::uint64_t kLogsKept = 20;

/// Who is missed least goes first: who does not serve anyway, then the newest.
int Worth(const Replica& replica) {
  switch (replica.Phase()) {
    case Phase::kBackOff:
      return 0;
    case Phase::kStarting:
      return 1;
    case Phase::kReady:
    case Phase::kDraining:
      break;
  }
  return 2;
}

}  // namespace

ReplicaSet::ReplicaSet(Host& host, WorkloadSpec spec) : host_(host), spec_(std::move(spec)) {
  state_.desired = spec_.replicas;
  const auto file = host_.WorkloadFile(spec_.name);
  const auto content = common::FileSystem("/").Read(file);
  if (!content) {
    return;
  }
  if (const auto state = DecodeWorkloadState(*content)) {
    state_ = *state;
    next_ = state_.next;
  } else {
    log::Error("cannot read how many replicas were asked for",
               {{"file", file.string()}, {"reason", state.error().what}});
  }
}

void ReplicaSet::Adopt(std::uint64_t number, const Launch& launch) {
  next_ = std::max(next_, number + 1);
  replicas_.push_back(std::make_unique<Replica>(host_, spec_, number, launch.node));
  std::sort(replicas_.begin(), replicas_.end(),
            [](const auto& left, const auto& right) { return left->Number() < right->Number(); });
  Find({spec_.backend, Replica::Id(spec_.name, number)})->Adopt(launch);
}

Result<void> ReplicaSet::Scale(int replicas) {
  if (stopping_) {
    return common::Fail(std::errc::operation_canceled, spec_.name + ": the platform stops");
  }
  if (replicas == state_.desired) {
    return {};
  }
  const WorkloadState before = state_;
  state_.desired = replicas;
  // The numbers of those that will be started are reserved with the same write.
  state_.next = std::max(state_.next, next_ + static_cast<std::uint64_t>(Missing()));
  if (auto saved = Save(); !saved) {
    state_ = before;
    return saved;
  }
  log::Info("workload scaled", {{"workload", spec_.name},
                                {"from", std::to_string(before.desired)},
                                {"to", std::to_string(replicas)}});
  Reconcile();
  return {};
}

void ReplicaSet::StopAll() {
  stopping_ = true;
  Reconcile();
}

void ReplicaSet::Reconcile() {
  ForgetGone();
  if (host_.nodes != nullptr) {
    ReconcileOnNodes();
    return;
  }
  while (Staying() < Wanted() && (TakeOneBack() || StartOne())) {
  }
  while (Staying() > Wanted()) {
    LetOneGo();
  }
}

platform::Replacement ReplicaSet::Plan() const {
  std::vector<platform::Standing> standings;
  for (const auto& replica : replicas_) {
    platform::Standing standing;
    standing.leaving = replica->Leaving();
    standing.moves = host_.nodes->Moves(replica->Node());
    // What moves is not let go for want of a word about its health.
    standing.ready = replica->Phase() == Phase::kReady || (standing.moves && replica->MayServe());
    standing.due = host_.nodes->IsDue(replica->Node(), spec_.grace_period);
    standing.worth = Worth(*replica);
    standings.push_back(standing);
  }
  return platform::PlanReplacement(Wanted(), standings);
}

void ReplicaSet::ReconcileOnNodes() {
  for (const auto& replica : replicas_) {
    if (host_.nodes->IsGone(replica->Node())) {
      replica->Lose();
    }
  }
  const auto plan = Plan();
  for (const auto index : plan.leave) {
    replicas_[index]->Leave();
  }
  pending_.clear();
  for (int left = plan.start; left > 0; --left) {
    if (!PlaceOne(left) && !problem_.empty()) {
      break;
    }
  }
}

/// Takes one back whose node stays, or starts one where there is room.
bool ReplicaSet::PlaceOne(int unplaced) {
  std::vector<std::string> staying;
  for (const auto& replica : replicas_) {
    if (!replica->Leaving()) {
      staying.push_back(replica->Node());
    } else if (replica->CanReturn() && !host_.nodes->Moves(replica->Node()) && replica->Return()) {
      return true;
    }
  }
  auto found = host_.nodes->Find(Asks(), unplaced, staying);
  if (found.node.empty()) {
    pending_ = std::move(found.why_not);
    return false;
  }
  return StartOne(found.node);
}

platform::HostedWorkload ReplicaSet::Asks() const {
  platform::HostedWorkload asks;
  asks.id = {kNamespace, spec_.name};
  asks.cpu_cores = spec_.resources.cpu_request_cores.value_or(0);
  asks.memory_bytes = MemoryRequest(spec_);
  return asks;
}

void ReplicaSet::AddPods(platform::HostedPods& pods) const {
  const auto add = [&](platform::HostedPod pod) {
    pods.push_back(std::make_shared<const platform::HostedPod>(std::move(pod)));
  };
  const auto plan = Plan();
  int staying = 0;
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    const auto& replica = *replicas_[i];
    if (replica.Gone()) {
      continue;
    }
    const bool replaced =
        std::find(plan.replaced.begin(), plan.replaced.end(), i) != plan.replaced.end();
    const bool leaving = replica.Leaving() || replaced;
    staying += leaving ? 0 : 1;
    add({replica.Id(), {kNamespace, spec_.name}, replica.Node(), leaving, {}});
  }
  for (; staying < Wanted(); ++staying) {
    add({spec_.name + "+" + std::to_string(staying),
         {kNamespace, spec_.name},
         "",
         false,
         pending_});
  }
}

int ReplicaSet::Staying() const {
  return static_cast<int>(std::count_if(replicas_.begin(), replicas_.end(),
                                        [](const auto& each) { return !each->Leaving(); }));
}

bool ReplicaSet::TakeOneBack() {
  return std::any_of(replicas_.rbegin(), replicas_.rend(),
                     [](const auto& each) { return each->Return(); });
}

/// How many have to be started, after those that can be taken back.
int ReplicaSet::Missing() const {
  const auto draining = std::count_if(replicas_.begin(), replicas_.end(),
                                      [](const auto& each) { return each->CanReturn(); });
  return std::max(Wanted() - Staying() - static_cast<int>(draining), 0);
}

bool ReplicaSet::StartOne(const std::string& node) {
  // A number is used up on disk before it is used, so that none is ever used twice.
  if (next_ >= state_.next) {
    state_.next = next_ + 1;
    if (const auto saved = Save(); !saved) {
      state_.next = next_;
      problem_ = saved.error().what;
      log::Error("cannot start a replica", {{"workload", spec_.name}, {"reason", problem_}});
      return false;
    }
  }
  problem_.clear();
  replicas_.push_back(std::make_unique<Replica>(host_, spec_, next_++, node));
  replicas_.back()->Start();
  return true;
}

void ReplicaSet::LetOneGo() {
  Replica* victim = nullptr;
  for (const auto& replica : replicas_) {
    if (!replica->Leaving() && (victim == nullptr || Worth(*replica) <= Worth(*victim))) {
      victim = replica.get();
    }
  }
  if (victim != nullptr) {
    victim->Leave();
  }
}

void ReplicaSet::ForgetGone() {
  std::erase_if(replicas_, [&](const auto& replica) {
    if (!replica->Gone()) {
      return false;
    }
    for (const auto number : {replica->Number(), replica->Number() - kLogsKept}) {
      const auto log = host_.LogFile(Replica::Id(spec_.name, number));
      std::error_code ignored;
      if (number + kLogsKept < next_ && number < next_) {
        std::filesystem::remove(log, ignored);
        std::filesystem::remove(log.string() + ".1", ignored);
      }
    }
    return true;
  });
}

Replica* ReplicaSet::Find(const ServerId& id) const {
  const auto found = std::find_if(replicas_.begin(), replicas_.end(),
                                  [&](const auto& each) { return each->Id() == id.name; });
  return id.backend != spec_.backend || found == replicas_.end() ? nullptr : found->get();
}

platform::Workload ReplicaSet::Describe() const {
  platform::Workload workload;
  workload.id = {kNamespace, spec_.name};
  workload.labels = spec_.labels;
  workload.desired = state_.desired;
  workload.cpu_request_cores = spec_.resources.cpu_request_cores;
  if (spec_.resources.memory_limit_bytes) {
    workload.memory_limit_bytes = static_cast<double>(*spec_.resources.memory_limit_bytes);
  }
  workload.problem = problem_;
  if (workload.problem.empty() && !pending_.empty()) {
    workload.problem = "a replica has no node: it " + pending_;
  }
  if (workload.problem.empty() && host_.ingress != nullptr) {
    workload.problem = host_.ingress->Problem(spec_.backend);
  }
  for (const auto& replica : replicas_) {
    if (!replica->Gone()) {
      workload.replicas.push_back(replica->Describe());
      if (workload.problem.empty()) {
        workload.problem = replica->Problem();
      }
    }
  }
  return workload;
}

Result<void> ReplicaSet::Save() const {
  return common::ReplaceFile(host_.WorkloadFile(spec_.name), Encode(state_));
}

}  // namespace scaler::local
