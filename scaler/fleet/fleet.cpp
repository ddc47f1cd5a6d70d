#include "scaler/fleet/fleet.h"

#include <algorithm>
#include <utility>

#include "common/log.h"
#include "scaler/fleet/follow.h"
#include "scaler/fleet/same_decision.h"

namespace scaler::fleet {
namespace {

namespace capacity = engine::capacity;
namespace log = common::log;
using capacity::CapacityDecision;

constexpr auto kSaveEvery = std::chrono::seconds(1);
/// After a decision that took a second nothing is decided for four.
constexpr int kRest = 4;

}  // namespace

Fleet::Fleet(common::Executor& executor, platform::NodePlatform& platform,
             platform::NodeProvider& provider)
    : executor_(executor), platform_(platform), provider_(provider) {}

Fleet::~Fleet() {
  provider_.OnChange([] {});
}

void Fleet::Start(std::optional<codec::CapacityMemory> memory, std::function<void()> wake) {
  if (memory) {
    memory_ = std::move(*memory);
    saved_ = memory_;
  }
  wake_ = std::move(wake);
  provider_.OnChange([this] {
    LookAtProvider();
    touched_ = true;
    wake_();
  });
  LookAtProvider();
}

void Fleet::SetPolicy(std::shared_ptr<const capacity::CapacityPolicy> policy) {
  if (policy_ && policy && *policy_ == *policy) {
    return;
  }
  policy_ = std::move(policy);
  memory_.policy = policy_ ? policy_->name : std::string();
  touched_ = true;
  status_changed_ = true;
}

void Fleet::SetNotices(std::function<std::vector<platform::NodeNotice>()> notices) {
  ask_notices_ = std::move(notices);
}

void Fleet::OnAgents(std::function<void(const std::vector<std::string>&)> agents) {
  tell_agents_ = std::move(agents);
}

void Fleet::TellAgents() {
  std::vector<std::string> agents;
  for (const auto& node : view_.nodes) {
    if (node.state == platform::ProvidedNode::State::kRunning && !node.agent.empty()) {
      agents.push_back(node.agent);
    }
  }
  if (tell_agents_ && agents != agents_) {
    tell_agents_(agents);
    agents_ = std::move(agents);
  }
}

codec::KnownNode* Fleet::Known(const std::string& node) {
  const auto at = std::lower_bound(memory_.nodes.begin(), memory_.nodes.end(), node,
                                   [](const auto& one, const auto& key) { return one.name < key; });
  return at == memory_.nodes.end() || at->name != node ? nullptr : &*at;
}

common::Result<void> Fleet::Want(const std::string& node, bool empty) {
  const auto* const known = Known(node);
  if (known == nullptr) {
    return common::Fail(std::errc::invalid_argument, "no node " + node);
  }
  if (!policy_) {
    return common::Fail(std::errc::invalid_argument,
                        "there is no CapacityPolicy: " + node + " is left alone");
  }
  auto& all = memory_.unwanted;
  const auto at = std::lower_bound(all.begin(), all.end(), node);
  const bool is_in = at != all.end() && *at == node;
  if (empty && !is_in) {
    all.insert(at, node);
  } else if (!empty && is_in) {
    all.erase(at);
  }
  if (empty) {
    undo_.erase(node);
  } else {
    undo_.insert(node);
  }
  touched_ = true;
  wake_();
  return {};
}

/// At once, not with the next decision: what ran on a node that is gone must get no more requests.
void Fleet::LookAtProvider() {
  const auto now = executor_.Monotonic();
  auto answer = provider_.List();
  if (answer.problem.empty() && !first_answer_) {
    first_answer_ = now;
  }
  const auto deadline_over = [&](const std::string& node) {
    const auto* const known = Known(node);
    const auto deadline = DeadlineOf(notices_, node);
    return (known != nullptr && known->removing) || (deadline && *deadline <= now);
  };
  view_ = roster_.Take(std::move(answer), now, deadline_over);
  if (!first_answer_) {
    return;
  }
  // A node of the last life that the first answer lacks may be missing for a moment only.
  const bool all_there =
      std::all_of(memory_.nodes.begin(), memory_.nodes.end(), [&](const auto& known) {
        return std::any_of(view_.nodes.begin(), view_.nodes.end(),
                           [&](const auto& node) { return node.name == known.name; });
      });
  looked_ = looked_ || all_there || now - *first_answer_ >= Roster::kMissingFor;
  if (looked_) {
    platform_.SeeNodes(view_);
    TellAgents();
  }
}

bool Fleet::Due(bool asked_more, const signals::TimeMap& time) {
  if (ask_notices_) {
    if (auto notices = ask_notices_(); notices != notices_) {
      notices_ = std::move(notices);
      touched_ = true;
    }
  }
  if (asked_more || !decided_at_) {
    return true;
  }
  if (time.monotonic_now < not_before_) {
    return false;
  }
  return touched_ || time.monotonic_now - *decided_at_ >= kAtLeastEvery;
}

void Fleet::TellPlacement(const std::vector<Asked>& asked) {
  std::map<platform::WorkloadId, engine::Placement> placement;
  for (const auto& each : asked) {
    placement.emplace_hint(placement.end(), each.id, each.placement);
  }
  if (!placement_told_ || placement != placement_) {
    placement_told_ = true;
    placement_ = std::move(placement);
    platform_.SetPlacement(placement_);
  }
}

void Fleet::Decide(const std::vector<Asked>& asked, bool asked_more, const signals::TimeMap& time,
                   const std::string& frozen, ledger::Batch& batch) {
  frozen_ = !frozen.empty();
  if (!Due(asked_more, time)) {
    return;
  }
  TellPlacement(asked);
  if (roster_.Waits() || !looked_) {
    LookAtProvider();
  }
  touched_ = roster_.Waits() || !looked_;
  decided_at_ = time.monotonic_now;
  now_.provider_problem = view_.problem;
  status_changed_ = true;
  if (looked_) {
    DecideNow(asked, time, frozen, batch);
  }
  not_before_ = time.monotonic_now + kRest * (executor_.Monotonic() - time.monotonic_now);
}

void Fleet::DecideNow(const std::vector<Asked>& asked, signals::TimeMap time,
                      const std::string& frozen, ledger::Batch& batch) {
  const auto began = executor_.Monotonic();
  const capacity::CapacityPolicy none;
  const auto& policy = policy_ ? *policy_ : none;
  // Later than the last observation, so that what was answered since counts.
  if (const auto seen = memory_.state.seen_until; seen && time.engine_now <= *seen) {
    time.engine_now = *seen + engine::Duration(1);
  }
  const auto pods_before = std::move(hosts_.pods);
  hosts_ = platform_.ListNodes();
  LearnDrains(time);
  Follow({policy, view_, hosts_, pods_before, notices_, time}, memory_, now_.counters, events_);
  if (!policy_) {
    events_.clear();
    now_.policy.reset();
    now_.observation.reset();
    now_.decision.reset();
    SaveMemory(time.engine_now, false, batch);
    return;
  }
  auto observation = std::make_shared<capacity::CapacityObservation>(
      Observe({policy, memory_, view_, hosts_, asked, notices_, time}));
  observation->frozen = frozen;
  observation->events = std::exchange(events_, {});
  for (auto& event : observation->events) {
    event.at = time.engine_now;
  }
  auto before = memory_.state;
  auto step = capacity::DecideCapacity(policy, std::move(memory_.state), *observation);
  memory_.state = std::move(step.state);
  now_.now = time.engine_now;
  now_.policy = policy_;
  now_.decision = std::make_shared<const CapacityDecision>(std::move(step.decision));
  TakeActions(time.engine_now);
  Record(std::move(before), observation, batch);
  now_.observation = std::move(observation);
  SaveMemory(time.engine_now, !actions_.empty(), batch);
  now_.decision_seconds = std::chrono::duration<double>(executor_.Monotonic() - began).count();
}

/// What the ledger must know before anything is done: orders with their tokens, and which nodes
/// will go because we want it.
void Fleet::TakeActions(engine::Time now) {
  actions_.clear();
  for (const auto& action : now_.decision->actions) {
    if (action.kind == Action::Kind::kAdd) {
      codec::OpenOrder order;
      order.token = policy_->name + "-" + std::to_string(now.time_since_epoch().count()) + "-" +
                    std::to_string(next_token_++);
      order.pool = action.pool;
      order.zone = action.zone;
      order.nodes = action.nodes;
      order.at = now;
      memory_.orders.push_back(std::move(order));
      continue;
    }
    if (auto* const known = Known(action.node);
        known != nullptr && action.kind == Action::Kind::kRemove) {
      known->removing = true;
    }
    actions_.push_back(action);
  }
}

void Fleet::Record(capacity::CapacityState before,
                   std::shared_ptr<const capacity::CapacityObservation> observation,
                   ledger::Batch& batch) {
  const auto& decision = *now_.decision;
  if (!decision.actions.empty()) {
    now_.change = now_.decision;
  }
  if (has_recorded_ && SameDecision(recorded_, decision)) {
    return;
  }
  has_recorded_ = true;
  recorded_ = decision;
  ++now_.counters.decisions;
  for (const auto& action : decision.actions) {
    log::Info("nodes", {{"decision", capacity::Sentence(action)}});
  }
  batch.capacity_lines.push_back({*policy_, std::move(before), *observation, decision});
}

void Fleet::SaveMemory(engine::Time now, bool must, ledger::Batch& batch) {
  if (memory_ == saved_) {
    return;
  }
  const bool due = !saved_at_ || now - *saved_at_ >= kSaveEvery;
  const bool more_than_state = memory_.orders != saved_.orders || memory_.nodes != saved_.nodes ||
                               memory_.unwanted != saved_.unwanted ||
                               memory_.policy != saved_.policy;
  if (must || due || more_than_state || !batch.capacity_lines.empty()) {
    saved_ = memory_;
    saved_at_ = now;
    batch.capacity_memory = memory_;
  }
}

/// Told when they have changed, and to whom a policy has gone that there are none.
void Fleet::KeepPlaceholders() {
  const bool any = policy_ && now_.decision;
  auto wish = any ? now_.decision->placeholders : std::vector<capacity::Placeholder>();
  const auto owner = policy_ ? policy_->name : std::string();
  if (!placeholders_ || *placeholders_ != std::pair(owner, wish)) {
    placeholders_.emplace(owner, std::move(wish));
    platform_.KeepPlaceholders(placeholders_->first, placeholders_->second);
  }
}

std::shared_ptr<const FleetStatus> Fleet::Status() {
  if (!status_changed_ && status_) {
    return status_;
  }
  status_changed_ = false;
  now_.pending.clear();
  for (const auto& pod : hosts_.pods) {
    if (pod->node.empty()) {
      now_.pending.push_back(*pod);
    }
  }
  now_.kept = hosts_.kept;
  now_.held = hosts_.held;
  now_.born.clear();
  const auto monotonic = executor_.Monotonic();
  for (const auto& node : view_.nodes) {
    now_.born.emplace(node.name, now_.now - std::chrono::duration_cast<engine::Duration>(
                                                monotonic - node.ordered_at));
  }
  // Wishes about nodes that are gone are of no use any more.
  std::erase_if(wishes_, [&](const auto& wish) {
    return !wish.second.under_way && !now_.born.contains(wish.first.first);
  });
  now_.orders = memory_.orders;
  now_.unwanted = memory_.unwanted;
  status_ = std::make_shared<const FleetStatus>(now_);
  return status_;
}

}  // namespace scaler::fleet
