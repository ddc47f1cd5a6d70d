#pragma once

#include "scaler/local/cloud/json.h"
#include "scaler/local/cloud/state.h"
#include "scaler/local/cloud/wire.h"

// Inside this folder only, as json.h. In the namespaces of the types, where readers and writers
// find them.
namespace scaler::engine::capacity {

[[nodiscard]] inline local::cloud::Words<CapacityType> Names(CapacityType) {
  return {{CapacityType::kOnDemand, "on-demand"}, {CapacityType::kSpot, "spot"}};
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Label>
void Fields(V& visit, T& label) {
  visit("key", label.key);
  visit("value", label.value);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, NodeKind>
void Fields(V& visit, T& kind) {
  visit("cpuCores", kind.cpu_cores);
  visit("memoryBytes", kind.memory_bytes);
  visit("pods", kind.pods);
  visit("labels", kind.labels);
  visit("taints", kind.taints);
  visit("pricePerHour", kind.price_per_hour);
}

}  // namespace scaler::engine::capacity

namespace scaler::platform {

using local::cloud::Words;

[[nodiscard]] inline Words<ProvidedNode::State> Names(ProvidedNode::State) {
  using State = ProvidedNode::State;
  return {{State::kBooting, "booting"}, {State::kRunning, "running"}, {State::kGoing, "going"}};
}

[[nodiscard]] inline Words<Refusal::Why> Names(Refusal::Why) {
  using Why = Refusal::Why;
  return {{Why::kStockOut, "stock-out"}, {Why::kQuota, "quota"}, {Why::kFailed, "failed"}};
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, ProvidedNode>
void Fields(V& visit, T& node) {
  visit("name", node.name);
  visit("pool", node.pool);
  visit("zone", node.zone);
  visit("type", node.type);
  visit("kind", node.kind);
  visit("state", node.state);
  visit("order", node.order);
  visit("orderedAt", node.ordered_at);
  visit("runningAt", node.running_at);
  visit("agent", node.agent);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, PlaceOffer>
void Fields(V& visit, T& offer) {
  visit("pool", offer.pool);
  visit("zone", offer.zone);
  visit("type", offer.type);
  visit("kind", offer.kind);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, NodeOrder>
void Fields(V& visit, T& order) {
  visit("token", order.token);
  visit("pool", order.pool);
  visit("zone", order.zone);
  visit("nodes", order.nodes);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Refusal>
void Fields(V& visit, T& refusal) {
  visit("why", refusal.why);
  visit("what", refusal.what);
}

}  // namespace scaler::platform

namespace scaler::local::cloud {

[[nodiscard]] inline Words<Protocol> Names(Protocol) {
  return {{Protocol::kNone, "none"},
          {Protocol::kAws, "aws"},
          {Protocol::kGcp, "gcp"},
          {Protocol::kAzure, "azure"}};
}

[[nodiscard]] inline Words<Trouble::Kind> Names(Trouble::Kind) {
  using Kind = Trouble::Kind;
  return {{Kind::kStockOut, "stock-out"},
          {Kind::kLaunchFailures, "launch-failures"},
          {Kind::kSlowBoots, "slow-boots"},
          {Kind::kSlowAnswers, "slow-answers"},
          {Kind::kStaleList, "stale-list"}};
}

[[nodiscard]] inline Words<Mischief::What> Names(Mischief::What) {
  using What = Mischief::What;
  return {{What::kReclaim, "reclaim"},     {What::kWithdraw, "withdraw"},
          {What::kRebalance, "rebalance"}, {What::kMaintenance, "maintenance"},
          {What::kZoneDown, "zone-down"},  {What::kTrouble, "trouble"},
          {What::kCalm, "calm"},           {What::kQuota, "quota"}};
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Notice>
void Fields(V& visit, T& notice) {
  visit("at", notice.at);
  visit("atWall", notice.at_wall);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Node>
void Fields(V& visit, T& node) {
  visit("name", node.name);
  visit("pool", node.pool);
  visit("zone", node.zone);
  visit("type", node.type);
  visit("kind", node.kind);
  visit("instanceType", node.instance_type);
  visit("metadata", node.metadata);
  visit("order", node.order);
  visit("slot", node.slot);
  visit("orderedAt", node.ordered_at);
  visit("bootsUntil", node.boots_until);
  visit("stillborn", node.stillborn);
  visit("runningAt", node.running_at);
  visit("going", node.going);
  visit("reclaim", node.reclaim);
  visit("maintenance", node.maintenance);
  visit("rebalance", node.rebalance);
  visit("notices", node.notices);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Trouble>
void Fields(V& visit, T& trouble) {
  visit("kind", trouble.kind);
  visit("pool", trouble.pool);
  visit("zone", trouble.zone);
  visit("until", trouble.until);
  visit("share", trouble.share);
  visit("by", trouble.by);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Quota>
void Fields(V& visit, T& quota) {
  visit("pool", quota.pool);
  visit("nodes", quota.nodes);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Account>
void Fields(V& visit, T& account) {
  visit("pool", account.pool);
  visit("nodeSeconds", account.node_seconds);
  visit("cost", account.cost);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, TakenOrder>
void Fields(V& visit, T& order) {
  visit("token", order.token);
  visit("nodes", order.nodes);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, State>
void Fields(V& visit, T& state) {
  visit("v", state.version);
  visit("bootId", state.boot_id);
  visit("revision", state.revision);
  visit("launches", state.launches);
  visit("nodes", state.nodes);
  visit("orders", state.orders);
  visit("troubles", state.troubles);
  visit("quotas", state.quotas);
  visit("accounts", state.accounts);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, ListedNode>
void Fields(V& visit, T& node) {
  visit("node", node.node);
  visit("metadata", node.metadata);
  visit("reclaim", node.reclaim);
  visit("maintenance", node.maintenance);
  visit("rebalance", node.rebalance);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Listing>
void Fields(V& visit, T& listing) {
  visit("revision", listing.revision);
  visit("nodes", listing.nodes);
  visit("offers", listing.offers);
  visit("accounts", listing.accounts);
  visit("troubles", listing.troubles);
  visit("quotas", listing.quotas);
}

template <typename V, typename T>
requires std::is_same_v<std::remove_const_t<T>, Mischief>
void Fields(V& visit, T& mischief) {
  visit("what", mischief.what);
  visit("node", mischief.node);
  visit("pool", mischief.pool);
  visit("zone", mischief.zone);
  visit("after", mischief.after);
  visit("kind", mischief.kind);
  visit("share", mischief.share);
  visit("by", mischief.by);
  visit("nodes", mischief.nodes);
}

}  // namespace scaler::local::cloud
