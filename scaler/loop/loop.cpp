#include "scaler/loop/loop.h"

#include <algorithm>
#include <utility>

#include "scaler/loop/blue_green.h"

namespace scaler::loop {
namespace {

using engine::Decision;
using engine::Outcome;

/// A loop that is not seen for much longer counts as stuck.
constexpr auto kLongestInterval = std::chrono::milliseconds(5'000);

bool SameToPolicies(const platform::Workload& left, const platform::Workload& right) {
  return left.kind == right.kind && left.labels == right.labels && left.owned_by == right.owned_by;
}

}  // namespace

Loop::Loop(common::Executor& executor, platform::Platform& platform, signals::Signals& signals,
           ledger::Ledger& ledger, const FreezeSwitch& freeze, StatusBoard& board,
           LoopOptions options, signals::ExternalSignals* external)
    : executor_(executor),
      platform_(platform),
      signals_(signals),
      external_(external),
      ledger_(ledger),
      freeze_(freeze),
      board_(board),
      options_(options),
      unsaved_(options.state_interval) {}

Loop::~Loop() {
  platform_.OnChange([] {});
  if (external_ != nullptr) {
    external_->Start([] {});
  }
}

common::Result<void> Loop::Start(PolicyLookup policies) {
  auto states = ledger_.LoadStates(state_problems_);
  if (!states) {
    return tl::make_unexpected(states.error());
  }
  auto changes = ledger_.LoadChanges();
  if (!changes) {
    return tl::make_unexpected(changes.error());
  }
  engine::Time latest{};
  for (auto& [workload, state] : *states) {
    latest = std::max(latest, LatestTime(state));
    memories_[workload].state = std::move(state);
  }
  clock_.emplace(executor_, latest);
  for (auto& [workload, change] : *changes) {
    memories_[workload].change = std::make_shared<const Decision>(std::move(change));
  }
  policies_ = std::move(policies);
  if (fleet_ != nullptr) {
    auto memory = ledger_.LoadCapacity();
    if (!memory) {
      return tl::make_unexpected(memory.error());
    }
    if (*memory && (*memory)->state.seen_until) {
      clock_.emplace(executor_, std::max(latest, *(*memory)->state.seen_until));
    }
    fleet_->Start(std::move(*memory), [this] { Soon(); });
  }
  platform_.OnChange([this] {
    if (fleet_ != nullptr) {
      fleet_->Touch();
    }
    Soon();
  });
  signals_.Start([this] { OnSignals(); });
  if (external_ != nullptr) {
    external_->Start([this] { Soon(); });
  }
  Tick();
  SaveLater();
  return {};
}

void Loop::SetPolicies(PolicyLookup policies, PolicyProblems problems) {
  policies_ = std::move(policies);
  policy_problem_counts_ = std::make_shared<const PolicyProblemCounts>(std::move(problems.counts));
  policy_problem_texts_ = std::move(problems.texts);
  for (auto& [workload, memory] : memories_) {
    memory.governed_for.reset();
  }
  Soon();
}

void Loop::SetCapacityPolicy(std::shared_ptr<const engine::capacity::CapacityPolicy> policy) {
  if (fleet_ != nullptr) {
    fleet_->SetPolicy(std::move(policy));
    Soon();
  }
}

/// Evaluates on the next turn of the executor, or when the least interval is over: many changes at
/// once make one decision.
void Loop::Soon() {
  if (soon_ || !clock_) {
    return;
  }
  std::chrono::milliseconds delay{0};
  if (evaluated_at_) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(executor_.Monotonic() -
                                                                             *evaluated_at_);
    delay = std::max(delay, AtLeast(options_.least_interval, options_.most_per_second) - since);
  }
  soon_ = executor_.After(delay, [this] {
    soon_.reset();
    Evaluate();
  });
}

/// That nothing has changed is a reading, too, but one that can wait where there are so many
/// workloads that they are decided for less often: or every heartbeat of an agent would undo that.
void Loop::OnSignals() {
  const bool news = signals_.TakeNews();
  if (news || AtLeast(options_.tick, options_.most_unasked_per_second) <= options_.tick) {
    Soon();
  }
}

std::chrono::milliseconds Loop::AtLeast(std::chrono::milliseconds interval,
                                        std::size_t most_per_second) const {
  const std::chrono::milliseconds stretched(1000 * decided_ / most_per_second);
  return std::max(interval, std::min(stretched, kLongestInterval));
}

void Loop::Tick() {
  tick_ =
      executor_.After(AtLeast(options_.tick, options_.most_unasked_per_second), [this] { Tick(); });
  Evaluate();
}

void Loop::Evaluate() {
  const auto time = clock_->Now();
  evaluated_at_ = time.monotonic_now;
  leads_ = !leadership_ || leadership_->leads();
  auto workloads = platform_.List();
  Consider(workloads, time);
  ledger::Batch batch;
  std::vector<Action> actions;
  DecideAll(time, batch, actions);
  DecideNodes(actions, time, batch);
  ForgetAllBut(workloads);
  WantQueries();
  CommitChanges(batch, actions);
  // What goes makes room first: of a group, one may get what another gives.
  for (const bool up : {false, true}) {
    for (const auto& action : actions) {
      if ((action.replicas > action.from) == up) {
        Act(action, time.engine_now);
      }
    }
  }
  if (fleet_ != nullptr && leads_) {
    fleet_->Act();
  }
  decided_ = considered_.size();
  counters_.evaluations += decided_;
  considered_.clear();
  Publish(std::move(workloads), time);
}

/// The memory of the workload at this place of the platform's list. Where the list is the one of
/// the last cycle, as nearly always, nothing is searched.
UnsavedStates::Entry& Loop::EntryOf(const platform::Workload& workload, std::size_t place) {
  if (place < seats_.size() && seats_[place].id == workload.id) {
    return *seats_[place].entry;
  }
  auto& entry = *memories_.try_emplace(platform::ToString(workload.id)).first;
  seats_.resize(std::max(seats_.size(), place + 1));
  seats_[place] = {workload.id, &entry};
  return entry;
}

/// Finds those that have a policy.
void Loop::Consider(const Workloads& workloads, const signals::TimeMap& time) {
  considered_.clear();
  for (std::size_t place = 0; place < workloads.size(); ++place) {
    const auto& workload = *workloads[place];
    auto& entry = EntryOf(workload, place);
    auto& memory = entry.second;
    if (memory.governed && memory.desired && *memory.desired != workload.desired) {
      const auto doubtful = std::exchange(memory.doubtful, std::nullopt);
      if (!leads_ || doubtful == workload.desired) {
        LearnChange(*memory.governed->policy, time.engine_now, *memory.desired, workload.desired,
                    memory.state);
      }
    }
    memory.desired = workload.desired;
    FindPolicy(workloads[place], memory, time);
    if (memory.governed) {
      considered_.push_back({&workload, &entry});
    } else {
      memory.decision.reset();
    }
  }
  for (const auto& name : FollowTraffic(memories_, signals_, time)) {
    unsaved_.Add(*memories_.find(name), time.engine_now);
  }
}

/// Anew where the policies have changed, or what they go by: a workload is the same value as long
/// as nothing of it changes.
void Loop::FindPolicy(const std::shared_ptr<const platform::Workload>& workload,
                      WorkloadMemory& memory, const signals::TimeMap& time) {
  const auto before = std::exchange(memory.governed_for, workload);
  if (before == workload || (before && SameToPolicies(*before, *workload))) {
    return;
  }
  const bool had_one = memory.governed.has_value();
  memory.governed = policies_(*workload);
  policies_changed_ = policies_changed_ || had_one || memory.governed;
  // A policy with queries of its own may have new ones, which have no answer yet.
  if (memory.governed &&
      (!memory.watched_since || !memory.governed->policy->signals.external.empty())) {
    memory.watched_since = time.engine_now;
  }
}

void Loop::DecideAll(const signals::TimeMap& time, ledger::Batch& batch,
                     std::vector<Action>& actions) {
  const auto freeze = freeze_.Get();
  const auto frozen = freeze ? freeze->reason : std::string();
  std::vector<Pending> members;
  for (const auto& each : considered_) {
    auto& memory = each.entry->second;
    const auto& governed = *memory.governed;
    Proposal proposal{.governed = &governed,
                      .state = &memory.state,
                      .cpu_request_cores = each.workload->cpu_request_cores.value_or(0),
                      .observation = ObserveAll(*each.workload, memory, frozen, time),
                      .step = {}};
    if (!governed.groups.empty()) {
      proposal.step = engine::Decide(*governed.policy, memory.state, proposal.observation);
      members.push_back({each, std::move(proposal)});
      continue;
    }
    before_ = memory.state;  // Into the room of the one before.
    proposal.step = engine::Decide(*governed.policy, std::move(memory.state), proposal.observation);
    Take(each, proposal, before_, time, batch, actions);
  }
  std::vector<Proposal*> proposals;
  for (auto& member : members) {
    proposals.push_back(&member.proposal);
  }
  groups_ = ShareCaps(proposals);
  for (auto& member : members) {
    before_ = member.who.entry->second.state;
    Take(member.who, member.proposal, before_, time, batch, actions);
  }
}

engine::Observation Loop::ObserveAll(const platform::Workload& workload, WorkloadMemory& memory,
                                     const std::string& frozen,
                                     const signals::TimeMap& time) const {
  auto observation = Observe(workload, *memory.governed, {signals_, external_}, time);
  observation.watched_since = memory.watched_since;
  memory.lead.Observe(workload, time.monotonic_now);
  observation.lead.replica = memory.lead.Replica();
  observation.frozen = frozen;
  ObservePeer(memory, memories_, signals_, time, observation);
  return observation;
}

/// What this cycle asks for counts as pods that wait: a burst takes the spare, and the next one is
/// ordered, in one decision.
void Loop::DecideNodes(const std::vector<Action>& actions, const signals::TimeMap& time,
                       ledger::Batch& batch) {
  if (fleet_ == nullptr || !leads_) {
    return;
  }
  std::map<platform::WorkloadId, int> replicas;
  for (const auto& action : actions) {
    replicas.emplace(action.workload, action.replicas);
  }
  std::vector<fleet::Asked> asked;
  asked.reserve(considered_.size());
  for (const auto& each : considered_) {
    const auto& workload = *each.workload;
    const auto found = replicas.find(workload.id);
    asked.push_back({workload.id, found == replicas.end() ? workload.desired : found->second,
                     each.entry->second.governed->policy->placement});
  }
  const auto freeze = freeze_.Get();
  fleet_->Decide(asked, !actions.empty(), time, freeze ? "frozen: " + freeze->reason : "", batch);
}

void Loop::WantQueries() {
  if (external_ == nullptr || !std::exchange(policies_changed_, false)) {
    return;
  }
  std::set<std::string> queries;
  for (const auto& [name, memory] : memories_) {
    if (memory.governed) {
      for (const auto& signal : memory.governed->policy->signals.external) {
        queries.insert(signal.query);
      }
    }
  }
  external_->Want(queries);
}

void Loop::ForgetAllBut(const Workloads& workloads) {
  if (memories_.size() == workloads.size()) {
    return;  // Every listed workload has a memory, so these are all.
  }
  std::set<std::string> listed;
  for (const auto& workload : workloads) {
    listed.insert(platform::ToString(workload->id));
  }
  policies_changed_ = true;
  const auto goes = [&](const auto& entry) { return !listed.contains(entry.first); };
  unsaved_.Forget(goes);
  seats_.clear();
  std::erase_if(memories_, goes);
}

void Loop::Publish(Workloads workloads, const signals::TimeMap& time) {
  auto status = std::make_shared<Status>();
  status->wall = executor_.Wall();
  status->now = time.engine_now;
  status->monotonic = time.monotonic_now;
  status->workloads.reserve(workloads.size());
  for (std::size_t place = 0; place < workloads.size(); ++place) {
    const auto& memory = EntryOf(*workloads[place], place).second;
    const bool governed = memory.governed.has_value();
    // While it is held that is the news; afterwards it is not any more.
    const bool held = memory.recorded && memory.recorded->outcome == Outcome::kHeld;
    status->workloads.push_back({std::move(workloads[place]),
                                 governed ? memory.governed->policy->name : "",
                                 governed ? memory.governed->tenant : "", memory.decision,
                                 held ? memory.recorded : memory.change, memory.problem});
  }
  status->freeze = freeze_.Get();
  status->agents = signals_.Agents();
  if (external_ != nullptr) {
    status->external = external_->Status();
  }
  status->policy_problems = policy_problem_counts_;
  status->state_problems = state_problems_.size();
  status->problems = policy_problem_texts_;
  status->problems.insert(status->problems.end(), state_problems_.begin(), state_problems_.end());
  if (!ledger_problem_.empty()) {
    status->problems.push_back(ledger_problem_);
  }
  const auto of_platform = platform_.Problems();
  status->problems.insert(status->problems.end(), of_platform.begin(), of_platform.end());
  status->groups = groups_;
  if (fleet_ != nullptr) {
    status->fleet = fleet_->Status();
  }
  if (leadership_) {
    status->leadership = leadership_->status();
    status->leadership->leads = leads_;
  }
  status->counters = counters_;
  board_.Put(std::move(status));
}

}  // namespace scaler::loop
