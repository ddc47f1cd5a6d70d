#include "scaler/loop/loop.h"

#include <algorithm>
#include <utility>

#include "common/log.h"
#include "scaler/loop/blue_green.h"

namespace scaler::loop {
namespace {

using engine::Decision;
using engine::Outcome;

constexpr engine::Duration kFirstActionRetry = std::chrono::seconds(1);
constexpr engine::Duration kLongestActionRetry = std::chrono::seconds(30);

/// The latest instant that any state remembers.
engine::Time LatestTime(const std::map<std::string, engine::State>& states) {
  engine::Time latest{};
  for (const auto& [workload, state] : states) {
    for (const auto* history :
         {&state.highest, &state.lowest, &state.scaled_up, &state.scaled_down}) {
      latest = history->empty() ? latest : std::max(latest, history->back().at);
    }
    latest = std::max(latest, state.last_active.value_or(latest));
  }
  return latest;
}

/// Whether people would call it the same decision: same outcome, same number, same rules.
bool SameChange(const Decision& left, const Decision& right) {
  const auto same_rule = [](const engine::Clamp& a, const engine::Clamp& b) {
    return a.rule == b.rule;
  };
  const auto same_gap = [](const engine::LeftOut& a, const engine::LeftOut& b) {
    return a.what == b.what;
  };
  return left.outcome == right.outcome && left.current == right.current &&
         left.desired == right.desired &&
         std::equal(left.clamps.begin(), left.clamps.end(), right.clamps.begin(),
                    right.clamps.end(), same_rule) &&
         std::equal(left.left_out.begin(), left.left_out.end(), right.left_out.begin(),
                    right.left_out.end(), same_gap);
}

/// Whether it changes the number of replicas, or would in earnest.
bool Changes(const Decision& decision) {
  return decision.outcome != Outcome::kKept && decision.outcome != Outcome::kHeld;
}

const char* DirectionOf(const Decision& decision) {
  if (decision.desired == decision.current) {
    return "none";
  }
  return decision.desired > decision.current ? "up" : "down";
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
      options_(options) {}

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
  clock_.emplace(executor_, LatestTime(*states));
  for (auto& [workload, state] : *states) {
    memories_[workload].state = std::move(state);
  }
  for (auto& [workload, change] : *changes) {
    memories_[workload].change = std::move(change);
  }
  policies_ = std::move(policies);
  platform_.OnChange([this] { Soon(); });
  signals_.Start([this] { Soon(); });
  if (external_ != nullptr) {
    external_->Start([this] { Soon(); });
  }
  Tick();
  return {};
}

void Loop::SetPolicies(PolicyLookup policies, PolicyProblems problems) {
  policies_ = std::move(policies);
  policy_problems_ = std::move(problems);
  for (auto& [workload, memory] : memories_) {
    memory.governed.reset();
  }
  Soon();
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
    delay = std::max(delay, options_.least_interval - since);
  }
  soon_ = executor_.After(delay, [this] {
    soon_.reset();
    Evaluate();
  });
}

void Loop::Tick() {
  tick_ = executor_.After(options_.tick, [this] { Tick(); });
  Evaluate();
}

void Loop::Evaluate() {
  const auto time = clock_->Now();
  evaluated_at_ = time.monotonic_now;
  const auto workloads = platform_.List();
  auto considered = Consider(workloads, time);
  ledger::Batch batch;
  std::vector<Action> actions;
  for (auto& each : considered) {
    Take(each, time, batch, actions);
  }
  ForgetAllBut(workloads);
  WantQueries();
  Commit(batch, time, !actions.empty());
  // What goes makes room first: of a group, one may get what another gives.
  for (const bool up : {false, true}) {
    for (const auto& action : actions) {
      if ((action.replicas > action.from) == up) {
        Act(action, time.engine_now);
      }
    }
  }
  Publish(actions.empty() ? workloads : platform_.List(), time);
}

/// The decisions of all workloads that have a policy, after sharing between them.
std::vector<Loop::Considered> Loop::Consider(const Workloads& workloads,
                                             const signals::TimeMap& time) {
  std::vector<Considered> considered;
  considered.reserve(workloads.size());
  for (const auto& workload : workloads) {
    auto& memory = memories_[platform::ToString(workload.id)];
    memory.desired = workload.desired;
    if (!memory.governed) {
      memory.governed = policies_(workload);
      policies_changed_ = policies_changed_ || memory.governed;
    }
    if (memory.governed) {
      considered.push_back({&workload, &memory, {}});
    } else {
      memory.decision.reset();
    }
  }
  unsaved_.merge(FollowTraffic(memories_, signals_, time));
  std::vector<Proposal*> proposals;
  for (auto& each : considered) {
    each.proposal = Propose(*each.workload, *each.memory, time);
    if (!each.proposal.governed->groups.empty()) {
      proposals.push_back(&each.proposal);
    }
  }
  groups_ = ShareCaps(proposals);
  return considered;
}

Proposal Loop::Propose(const platform::Workload& workload, WorkloadMemory& memory,
                       const signals::TimeMap& time) const {
  auto observation = Observe(workload, *memory.governed, {signals_, external_}, time);
  memory.lead.Observe(workload, time.monotonic_now);
  observation.lead.replica = memory.lead.Replica();
  if (const auto freeze = freeze_.Get()) {
    observation.frozen = freeze->reason;
  }
  ObservePeer(memory, memories_, signals_, time, observation);
  auto step = engine::Decide(memory.governed->policy, memory.state, observation);
  return {.governed = &*memory.governed,
          .state = &memory.state,
          .cpu_request_cores = workload.cpu_request_cores.value_or(0),
          .observation = std::move(observation),
          .step = std::move(step)};
}

void Loop::Take(Considered& considered, const signals::TimeMap& time, ledger::Batch& batch,
                std::vector<Action>& actions) {
  auto& memory = *considered.memory;
  auto& step = considered.proposal.step;
  const auto& id = considered.workload->id;
  const auto before = std::exchange(memory.state, std::move(step.state));
  memory.decision = std::move(step.decision);
  if (memory.state != before) {
    unsaved_.insert(platform::ToString(id));
  }
  if (!memory.recorded || !SameChange(*memory.recorded, *memory.decision)) {
    Record(platform::ToString(id), before, considered.proposal.observation, batch);
  }
  if (memory.decision->outcome != Outcome::kScaled) {
    return;
  }
  if (memory.act_not_before && time.engine_now < *memory.act_not_before) {
    // Nothing changes during the back-off, so the rate limits must not count a change.
    memory.state.scaled_up = before.scaled_up;
    memory.state.scaled_down = before.scaled_down;
    return;
  }
  actions.push_back({id, memory.decision->current, memory.decision->desired});
}

void Loop::Record(const std::string& name, const engine::State& before,
                  const engine::Observation& observation, ledger::Batch& batch) {
  auto& memory = memories_[name];
  const auto& decision = *memory.decision;
  memory.recorded = decision;
  if (Changes(decision) || !memory.change || !Changes(*memory.change)) {
    memory.change = decision;
  }
  ++counters_
        .decisions[{std::string(engine::OutcomeName(decision.outcome)), DirectionOf(decision)}];
  batch.lines.push_back({name, memory.governed->policy, before, observation, decision});
  if (decision.outcome == Outcome::kScaled) {
    common::log::Info("scaling", {{"workload", name},
                                  {"from", std::to_string(decision.current)},
                                  {"to", std::to_string(decision.desired)}});
  }
}

void Loop::Commit(ledger::Batch& batch, const signals::TimeMap& time, bool act) {
  const bool due = !saved_at_ || time.engine_now - *saved_at_ >= options_.state_interval;
  if (!act && batch.lines.empty() && !(due && !unsaved_.empty())) {
    return;
  }
  for (const auto& name : unsaved_) {
    batch.states[name] = memories_[name].state;
  }
  const auto written = ledger_.Commit(batch, executor_);
  if (!written) {
    ++counters_.ledger_failures;
    if (ledger_problem_.empty()) {
      common::log::Error("ledger cannot be written; scaling goes on without history",
                         {{"why", written.error().what}});
    }
    ledger_problem_ = "ledger: " + written.error().what;
    return;
  }
  ledger_problem_.clear();
  unsaved_.clear();
  saved_at_ = time.engine_now;
}

void Loop::Act(const Action& action, engine::Time now) {
  const auto name = platform::ToString(action.workload);
  platform_.Scale(
      action.workload, action.replicas,
      [this, name, now](const common::Result<void>& result) { ActionDone(name, now, result); });
}

void Loop::ActionDone(const std::string& name, engine::Time now,
                      const common::Result<void>& result) {
  ++counters_.actions[result ? "ok" : "failed"];
  auto& memory = memories_[name];
  if (result) {
    memory.problem.clear();
    memory.failures = 0;
    memory.act_not_before.reset();
    return;
  }
  const auto doublings = std::min(memory.failures++, 10);
  memory.act_not_before = now + std::min(kLongestActionRetry, kFirstActionRetry * (1 << doublings));
  if (memory.problem != result.error().what) {
    common::log::Error("scaling failed", {{"workload", name}, {"why", result.error().what}});
  }
  memory.problem = result.error().what;
}

void Loop::WantQueries() {
  if (external_ == nullptr || !std::exchange(policies_changed_, false)) {
    return;
  }
  std::set<std::string> queries;
  for (const auto& [name, memory] : memories_) {
    if (memory.governed) {
      for (const auto& signal : memory.governed->policy.signals.external) {
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
    listed.insert(platform::ToString(workload.id));
  }
  policies_changed_ = true;
  std::erase_if(memories_, [&](const auto& entry) { return !listed.contains(entry.first); });
  std::erase_if(unsaved_, [&](const auto& name) { return !listed.contains(name); });
}

void Loop::Publish(const Workloads& workloads, const signals::TimeMap& time) {
  auto status = std::make_shared<Status>();
  status->wall = executor_.Wall();
  status->now = time.engine_now;
  status->monotonic = time.monotonic_now;
  for (const auto& workload : workloads) {
    const auto& memory = memories_[platform::ToString(workload.id)];
    const bool governed = memory.governed.has_value();
    // While it is held that is the news; afterwards it is not any more.
    const bool held = memory.recorded && memory.recorded->outcome == Outcome::kHeld;
    status->workloads.push_back({workload, governed ? memory.governed->policy.name : "",
                                 governed ? memory.governed->tenant : "", memory.decision,
                                 held ? memory.recorded : memory.change, memory.problem});
  }
  status->freeze = freeze_.Get();
  status->agents = signals_.Agents();
  if (external_ != nullptr) {
    status->external = external_->Status();
  }
  status->policy_problems = policy_problems_.counts;
  status->state_problems = state_problems_.size();
  status->problems = policy_problems_.texts;
  status->problems.insert(status->problems.end(), state_problems_.begin(), state_problems_.end());
  if (!ledger_problem_.empty()) {
    status->problems.push_back(ledger_problem_);
  }
  status->groups = groups_;
  status->counters = counters_;
  board_.Put(std::move(status));
}

}  // namespace scaler::loop
