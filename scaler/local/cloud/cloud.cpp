#include "scaler/local/cloud/cloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace scaler::local::cloud {
namespace {

using common::MonotonicTime;
using platform::NodeOrder;
using platform::ProvidedNode;
using platform::Refusal;

/// Tokens are asked for again within minutes.
constexpr std::size_t kMostOrders = 4096;
constexpr std::size_t kLongestToken = 256;

Refusal Failed(std::string what) { return {Refusal::Why::kFailed, std::move(what)}; }

double Seconds(MonotonicTime::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Account& AccountOf(std::vector<Account>& accounts, const std::string& pool) {
  const auto found = std::find_if(accounts.begin(), accounts.end(),
                                  [&](const Account& account) { return account.pool == pool; });
  return found != accounts.end() ? *found : accounts.emplace_back(Account{pool, 0, 0});
}

void Charge(std::vector<Account>& accounts, const Node& node, MonotonicTime until) {
  auto& account = AccountOf(accounts, node.pool);
  if (node.running_at && until > *node.running_at) {
    const double seconds = Seconds(until - *node.running_at);
    account.node_seconds += seconds;
    account.cost += seconds / 3600 * node.kind.price_per_hour;
  }
}

/// For how many nodes there are ports.
int Slots(const Spec& spec) { return (spec.ports.last - spec.ports.first + 1) / 2; }

ProvidedNode::State StateOf(const Node& node) {
  if (node.going) {
    return ProvidedNode::State::kGoing;
  }
  return node.running_at ? ProvidedNode::State::kRunning : ProvidedNode::State::kBooting;
}

ListedNode Describe(const Spec& spec, const Node& node) {
  ListedNode listed;
  auto& provided = listed.node;
  provided.name = node.name;
  provided.pool = node.pool;
  provided.zone = node.zone;
  provided.type = node.type;
  provided.kind = node.kind;
  provided.state = StateOf(node);
  provided.order = node.order;
  provided.ordered_at = node.ordered_at;
  provided.running_at = node.running_at;
  const bool runs = provided.state == ProvidedNode::State::kRunning;
  if (runs && !spec.agent.command.empty()) {
    provided.agent = fmt::format("127.0.0.1:{}", AgentPort(spec, node));
  }
  if (runs && node.metadata != Protocol::kNone) {
    listed.metadata = fmt::format("127.0.0.1:{}", MetadataPort(spec, node));
  }
  listed.reclaim = node.reclaim;
  listed.maintenance = node.maintenance;
  listed.rebalance = node.rebalance;
  return listed;
}

}  // namespace

int MetadataPort(const Spec& spec, const Node& node) { return spec.ports.first + 2 * node.slot; }
int AgentPort(const Spec& spec, const Node& node) { return MetadataPort(spec, node) + 1; }

std::optional<Refusal> Cloud::Add(const NodeOrder& order, Now now) {
  Advance(now);
  const bool taken = std::any_of(state_.orders.begin(), state_.orders.end(),
                                 [&](const TakenOrder& old) { return old.token == order.token; });
  if (taken) {
    return std::nullopt;
  }
  if (auto refusal = Refuse(order)) {
    return refusal;
  }
  const auto& pool = *FindPool(order.pool);
  for (int made = 0; made < order.nodes; ++made) {
    state_.nodes.push_back(MakeNode(pool, order, now));
  }
  state_.orders.push_back({order.token, order.nodes});
  if (state_.orders.size() > kMostOrders) {
    state_.orders.erase(state_.orders.begin());
  }
  Changed();
  return std::nullopt;
}

std::optional<Refusal> Cloud::Refuse(const NodeOrder& order) const {
  const auto* const pool = FindPool(order.pool);
  if (order.token.empty() || order.token.size() > kLongestToken) {
    return Failed(fmt::format("an order's token has 1 to {} bytes", kLongestToken));
  }
  if (pool == nullptr) {
    return Failed(fmt::format("there is no pool '{}'", order.pool));
  }
  if (std::find(pool->zones.begin(), pool->zones.end(), order.zone) == pool->zones.end()) {
    return Failed(fmt::format("the pool {} has no zone '{}'", order.pool, order.zone));
  }
  if (order.nodes < 1) {
    return Failed(fmt::format("an order of {} nodes", order.nodes));
  }
  if (FindTrouble(Trouble::Kind::kStockOut, order.pool, order.zone) != nullptr) {
    return Refusal{Refusal::Why::kStockOut,
                   fmt::format("{} has no capacity in zone {} now", order.pool, order.zone)};
  }
  const auto has = std::count_if(state_.nodes.begin(), state_.nodes.end(),
                                 [&](const Node& node) { return node.pool == order.pool; });
  const int quota = QuotaOf(*pool);
  if (order.nodes > quota - has) {
    return Refusal{
        Refusal::Why::kQuota,
        fmt::format("{} has {} of the {} nodes that its quota allows; {} more were asked "
                    "for",
                    order.pool, has, quota, order.nodes)};
  }
  const int slots = Slots(spec_);
  if (order.nodes > slots - static_cast<int>(state_.nodes.size())) {
    return Refusal{Refusal::Why::kQuota, fmt::format("the ports {} to {} suffice for {} nodes",
                                                     spec_.ports.first, spec_.ports.last, slots)};
  }
  return std::nullopt;
}

Node Cloud::MakeNode(const PoolSpec& pool, const NodeOrder& order, Now now) {
  ++state_.launches;
  Node node;
  node.name = fmt::format("{}-{}-{}", pool.name, order.zone, state_.launches);
  node.pool = pool.name;
  node.zone = order.zone;
  node.type = pool.type;
  node.kind = pool.kind;
  node.instance_type = pool.instance_type;
  node.metadata = pool.metadata;
  node.order = order.token;
  node.slot = FreeSlot();
  node.ordered_at = now.monotonic;
  auto boot = pool.boot_time +
              std::chrono::duration_cast<std::chrono::milliseconds>(pool.boot_jitter * Random(0));
  if (const auto* const slow = FindTrouble(Trouble::Kind::kSlowBoots, pool.name, order.zone)) {
    boot += slow->by;
  }
  node.boots_until = now.monotonic + boot;
  const auto* const failing = FindTrouble(Trouble::Kind::kLaunchFailures, pool.name, order.zone);
  node.stillborn = failing != nullptr && Random(1) < failing->share;
  return node;
}

/// From 0 to below 1: the seed, the number of the launch and which of its numbers, through
/// SplitMix64 (Steele, Lea, Flood 2014), so that a restart changes nothing.
double Cloud::Random(int which) const {
  auto bits = spec_.seed + 0x9E3779B97F4A7C15U * (static_cast<std::uint64_t>(state_.launches) * 2U +
                                                  static_cast<std::uint64_t>(which) + 1U);
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  bits ^= bits >> 31U;
  return static_cast<double>(bits >> 11U) * 0x1.0p-53;
}

/// In turn, so that a port rests after its node: who dials it late finds nobody, not another node.
int Cloud::FreeSlot() const {
  std::set<int> taken;
  for (const auto& node : state_.nodes) {
    taken.insert(node.slot);
  }
  const int slots = Slots(spec_);
  int slot = static_cast<int>((state_.launches - 1) % slots);
  while (taken.contains(slot)) {
    slot = (slot + 1) % slots;
  }
  return slot;
}

void Cloud::Remove(const std::string& node, Now now) {
  Advance(now);
  if (auto* const found = Find(node); found != nullptr && !found->going) {
    Take(*found, now);
  }
}

void Cloud::Take(Node& node, Now now) {
  node.going = true;
  Settle(node, now);
  Changed();
}

void Cloud::Settle(const Node& node, Now now) { Charge(state_.accounts, node, now.monotonic); }

void Cloud::Advance(Now now) {
  for (auto& node : state_.nodes) {
    const bool taken = (node.reclaim && node.reclaim->at <= now.monotonic) ||
                       (node.maintenance && node.maintenance->at <= now.monotonic);
    const bool booted = !node.running_at && node.boots_until <= now.monotonic;
    if (node.going) {
      continue;
    }
    if (taken || (booted && node.stillborn)) {
      Take(node, now);
    } else if (booted) {
      node.running_at = now.monotonic;
      Changed();
    }
  }
  if (std::erase_if(state_.troubles,
                    [&](const Trouble& trouble) { return trouble.until <= now.monotonic; }) > 0) {
    Changed();
  }
}

std::optional<MonotonicTime> Cloud::NextChange() const {
  std::optional<MonotonicTime> next;
  const auto consider = [&](MonotonicTime at) { next = next ? std::min(*next, at) : at; };
  for (const auto& node : state_.nodes) {
    if (node.going) {
      continue;
    }
    if (!node.running_at) {
      consider(node.boots_until);
    }
    for (const auto& notice : {node.reclaim, node.maintenance}) {
      if (notice) {
        consider(notice->at);
      }
    }
  }
  for (const auto& trouble : state_.troubles) {
    consider(trouble.until);
  }
  return next;
}

void Cloud::Cleared(const std::string& node, Now now) {
  Advance(now);
  if (std::erase_if(state_.nodes, [&](const Node& old) { return old.name == node && old.going; }) >
      0) {
    Changed();
  }
}

Listing Cloud::List(Now now) const {
  Listing listing;
  listing.revision = state_.revision;
  listing.accounts = state_.accounts;
  for (const auto& node : state_.nodes) {
    listing.nodes.push_back(Describe(spec_, node));
    if (!node.going) {
      Charge(listing.accounts, node, now.monotonic);
    }
  }
  std::sort(listing.nodes.begin(), listing.nodes.end(),
            [](const auto& left, const auto& right) { return left.node.name < right.node.name; });
  for (const auto& pool : spec_.pools) {
    for (const auto& zone : pool.zones) {
      listing.offers.push_back({pool.name, zone, pool.type, pool.kind});
    }
    AccountOf(listing.accounts, pool.name);
    listing.quotas.push_back({pool.name, QuotaOf(pool)});
  }
  std::sort(listing.accounts.begin(), listing.accounts.end(),
            [](const auto& left, const auto& right) { return left.pool < right.pool; });
  listing.troubles = state_.troubles;
  return listing;
}

Node* Cloud::Find(const std::string& node) {
  const auto found = std::find_if(state_.nodes.begin(), state_.nodes.end(),
                                  [&](const Node& candidate) { return candidate.name == node; });
  return found == state_.nodes.end() ? nullptr : &*found;
}

const PoolSpec* Cloud::FindPool(const std::string& pool) const {
  const auto found = std::find_if(spec_.pools.begin(), spec_.pools.end(),
                                  [&](const PoolSpec& spec) { return spec.name == pool; });
  return found == spec_.pools.end() ? nullptr : &*found;
}

int Cloud::QuotaOf(const PoolSpec& pool) const {
  for (const auto& quota : state_.quotas) {
    if (quota.pool == pool.name) {
      return quota.nodes;
    }
  }
  return pool.quota;
}

const Trouble* Cloud::FindTrouble(Trouble::Kind kind, const std::string& pool,
                                  const std::string& zone) const {
  const auto found =
      std::find_if(state_.troubles.begin(), state_.troubles.end(), [&](const Trouble& trouble) {
        return trouble.kind == kind && (trouble.pool.empty() || trouble.pool == pool) &&
               (trouble.zone.empty() || trouble.zone == zone);
      });
  return found == state_.troubles.end() ? nullptr : &*found;
}

}  // namespace scaler::local::cloud
