#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/log.h"
#include "scaler/fleet/fleet.h"
#include "scaler/fleet/follow.h"

// What is asked of who makes the nodes and of who empties them, and what becomes of it.

namespace scaler::fleet {
namespace {

namespace capacity = engine::capacity;
namespace log = common::log;
using platform::Refusal;

constexpr auto kFirstRetry = std::chrono::seconds(1);
constexpr auto kLongestRetry = std::chrono::seconds(30);

/// A removal that was taken is asked for again after this, as long as the node is there.
constexpr auto kAskAgain = std::chrono::seconds(30);

/// So often an order is repeated whose answer was lost, before something else is tried.
constexpr int kMostOrderFailures = 3;

common::MonotonicTime::duration Delay(int failures) {
  const auto doublings = std::clamp(failures - 1, 0, 10);
  return std::min<common::MonotonicTime::duration>(kLongestRetry, kFirstRetry * (1 << doublings));
}

capacity::Event::Kind KindOf(Refusal::Why why) {
  switch (why) {
    case Refusal::Why::kStockOut:
      return capacity::Event::Kind::kStockOut;
    case Refusal::Why::kQuota:
      return capacity::Event::Kind::kQuota;
    case Refusal::Why::kFailed:
      break;
  }
  return capacity::Event::Kind::kFailed;
}

}  // namespace

void Fleet::Act() {
  if (frozen_ || !looked_) {
    actions_.clear();
    return;
  }
  std::erase_if(undo_, [&](const auto& node) { return Known(node) == nullptr; });
  for (const auto& node : std::set<std::string>(undo_)) {
    Action action;
    action.kind = Action::Kind::kUncordon;
    action.node = node;
    Do(action);
  }
  if (policy_ == nullptr || now_.decision != nullptr) {
    KeepPlaceholders();
  }
  if (!policy_) {
    return;
  }
  AskForOrders();
  for (const auto& action : std::exchange(actions_, {})) {
    Do(action);
  }
}

void Fleet::AskForOrders() {
  std::vector<platform::NodeOrder> orders;
  std::map<std::string, Wish> wishes;
  for (const auto& order : memory_.orders) {
    auto wish = order_wishes_[order.token];
    const auto pool = std::find_if(policy_->pools.begin(), policy_->pools.end(),
                                   [&](const auto& each) { return each.name == order.pool; });
    if (!order.taken && !wish.under_way && pool != policy_->pools.end() &&
        executor_.Monotonic() >= wish.not_before) {
      wish.under_way = true;
      orders.push_back({order.token, GroupOf(*pool), order.zone, order.nodes});
    }
    wishes.emplace(order.token, wish);
  }
  order_wishes_ = std::move(wishes);  // Without those of orders that are no more.
  for (const auto& order : orders) {
    provider_.Add(order, [this, alive = std::weak_ptr<bool>(alive_),
                          token = order.token](const std::optional<Refusal>& refusal) {
      if (!alive.expired()) {
        Answered(token, refusal);
      }
    });
  }
}

void Fleet::Answered(const std::string& token, const std::optional<Refusal>& refusal) {
  touched_ = true;
  status_changed_ = true;
  ++now_.counters.actions[{"add", !refusal.has_value()}];
  auto& wish = order_wishes_[token];
  wish.under_way = false;
  const auto order = std::find_if(memory_.orders.begin(), memory_.orders.end(),
                                  [&](const auto& each) { return each.token == token; });
  if (order == memory_.orders.end()) {
    return;  // All its nodes are to be seen, or its time is over.
  }
  if (!refusal) {
    order->taken = true;
  } else if (refusal->why == Refusal::Why::kFailed && ++wish.failures < kMostOrderFailures) {
    wish.not_before = executor_.Monotonic() + Delay(wish.failures);
    log::Warning("an order of nodes is repeated", {{"order", token}, {"why", refusal->what}});
  } else {
    log::Warning("nodes are refused",
                 {{"pool", order->pool}, {"zone", order->zone}, {"why", refusal->what}});
    GiveUp(*order, KindOf(refusal->why), {}, now_.counters, events_);
    memory_.orders.erase(order);
  }
  wake_();
}

/// A decision is repeated until it shows; the wish need not be.
bool Fleet::MayTry(const Action& action) {
  auto& wish = wishes_[{action.node, action.kind}];
  if (wish.under_way || executor_.Monotonic() < wish.not_before) {
    return false;
  }
  wish.under_way = true;
  return true;
}

void Fleet::Do(const Action& action) {
  if (!MayTry(action)) {
    return;
  }
  const auto alive = std::weak_ptr<bool>(alive_);
  const auto done = [this, alive, action](const common::Result<void>& result) {
    if (!alive.expired()) {
      Done(action, result.has_value());
    }
  };
  if (action.kind == Action::Kind::kRemove) {
    provider_.Remove(action.node, [this, alive, action](const std::optional<Refusal>& refusal) {
      if (!alive.expired()) {
        Done(action, !refusal.has_value());
      }
    });
  } else if (action.kind == Action::Kind::kUncordon) {
    platform_.UncordonNode(action.node, done);
  } else {
    platform::Drain drain;
    const bool asked =
        std::binary_search(memory_.unwanted.begin(), memory_.unwanted.end(), action.node);
    // Who is not asked by a person is recommended to go by the provider.
    const bool unwanted = action.reason == capacity::Reason::kUnwanted;
    drain.reason = asked      ? platform::kDrainAsked
                   : unwanted ? platform::kDrainRebalance
                              : std::string(capacity::ReasonName(action.reason));
    drain.since = executor_.Monotonic();
    drain.deadline = DeadlineOf(notices_, action.node);
    platform_.DrainNode(action.node, drain, done);
  }
}

void Fleet::Done(const Action& action, bool taken) {
  touched_ = true;
  status_changed_ = true;
  ++now_.counters.actions[{std::string(capacity::ActionName(action.kind)), taken}];
  auto& wish = wishes_[{action.node, action.kind}];
  wish.under_way = false;
  if (taken) {
    wish.failures = 0;
    if (action.kind == Action::Kind::kUncordon) {
      undo_.erase(action.node);
    }
    const bool removal = action.kind == Action::Kind::kRemove;
    wish.not_before = executor_.Monotonic() + (removal ? common::MonotonicTime::duration(kAskAgain)
                                                       : common::MonotonicTime::duration::zero());
  } else {
    wish.not_before = executor_.Monotonic() + Delay(++wish.failures);
  }
  wake_();
}

}  // namespace scaler::fleet
