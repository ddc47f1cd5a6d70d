#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/log.h"
#include "scaler/loop/loop.h"

// What of a cycle goes into the ledger, and when.

namespace scaler::loop {
namespace {

using engine::Decision;
using engine::Outcome;

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

/// `before`: the state that the decision was made from.
void Loop::Take(const Considered& considered, Proposal& proposal, const engine::State& before,
                const signals::TimeMap& time, ledger::Batch& batch, std::vector<Action>& actions) {
  auto& [name, memory] = *considered.entry;
  memory.state = std::move(proposal.step.state);
  memory.known_since = memory.known_since.value_or(time.engine_now);
  memory.decision = std::make_shared<const Decision>(std::move(proposal.step.decision));
  if (!leads_) {
    ChangesMade(before).PutBack(memory.state);  // If it is done, the platform will show it.
  }
  if (memory.state != before) {
    unsaved_.Add(*considered.entry, time.engine_now);
  }
  if (!leads_) {
    return;
  }
  if (!memory.recorded || !SameChange(*memory.recorded, *memory.decision)) {
    Record(name, memory, before, proposal.observation, batch);
  }
  if (memory.decision->outcome != Outcome::kScaled) {
    return;
  }
  if (memory.act_not_before && time.engine_now < *memory.act_not_before) {
    ChangesMade(before).PutBack(memory.state);  // Nothing changes during the back-off.
    return;
  }
  actions.push_back({considered.workload->id, memory.decision->current, memory.decision->desired,
                     std::make_shared<const ChangesMade>(before)});
}

void Loop::Record(const std::string& name, WorkloadMemory& memory, const engine::State& before,
                  const engine::Observation& observation, ledger::Batch& batch) {
  const auto& decision = *memory.decision;
  memory.recorded = memory.decision;
  if (Changes(decision) || !memory.change || !Changes(*memory.change)) {
    memory.change = memory.decision;
  }
  ++counters_
        .decisions[{std::string(engine::OutcomeName(decision.outcome)), DirectionOf(decision)}];
  batch.lines.push_back({name, *memory.governed->policy, before, observation, decision});
  if (decision.outcome == Outcome::kScaled) {
    common::log::Info("scaling", {{"workload", name},
                                  {"from", std::to_string(decision.current)},
                                  {"to", std::to_string(decision.desired)}});
  }
}

/// The lines of this cycle, with the states of those that they and its actions are about.
void Loop::CommitChanges(ledger::Batch& batch, const std::vector<Action>& actions) {
  std::set<std::string> names;
  for (const auto& line : batch.lines) {
    names.insert(line.workload);
  }
  for (const auto& action : actions) {
    names.insert(platform::ToString(action.workload));
  }
  std::vector<UnsavedStates::Entry*> states;
  for (const auto& name : names) {
    if (const auto found = memories_.find(name); found != memories_.end()) {
      states.push_back(&*found);
    }
  }
  Commit(batch, states);
}

/// The states of the others, within the interval of their change.
void Loop::SaveLater() {
  save_ = executor_.After(options_.state_interval / UnsavedStates::kLooks, [this] {
    SaveLater();
    ledger::Batch batch;
    Commit(batch, unsaved_.Due(clock_->Now().engine_now));
  });
}

void Loop::Commit(ledger::Batch& batch, const std::vector<UnsavedStates::Entry*>& states) {
  if (batch.Empty() && states.empty()) {
    return;
  }
  for (const auto* const entry : states) {
    batch.states.emplace(entry->first, entry->second.state);
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
  unsaved_.Saved(states);
}

}  // namespace scaler::loop
