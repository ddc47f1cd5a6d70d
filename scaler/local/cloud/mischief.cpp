// What operators do to the cloud.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scaler/local/cloud/cloud.h"

namespace scaler::local::cloud {
namespace {

using common::Result;
using std::chrono::milliseconds;

constexpr auto kUsualTrouble = std::chrono::seconds(60);
constexpr auto kUsualMaintenance = std::chrono::minutes(15);
constexpr auto kLongest = std::chrono::hours(24 * 365);
constexpr std::size_t kMostTroubles = 256;
constexpr int kLargestQuota = 10'000;

tl::unexpected<common::Error> Wrong(std::string what) {
  return common::Fail(std::errc::invalid_argument, std::move(what));
}

/// What each cloud gives, where the operator does not say.
milliseconds UsualNotice(Protocol protocol) {
  const bool short_notice = protocol == Protocol::kGcp || protocol == Protocol::kAzure;
  return short_notice ? std::chrono::seconds(30) : std::chrono::seconds(120);
}

Notice In(milliseconds after, Now now) { return {now.monotonic + after, now.wall + after}; }

}  // namespace

Result<void> Cloud::Do(const Mischief& mischief, Now now) {
  Advance(now);
  if (mischief.after.value_or(milliseconds(0)) > kLongest || mischief.by > kLongest ||
      mischief.after.value_or(milliseconds(0)) < milliseconds(0) || mischief.by < milliseconds(0)) {
    return Wrong("a time lies between 0s and a year");
  }
  using What = Mischief::What;
  switch (mischief.what) {
    case What::kReclaim:
    case What::kWithdraw:
    case What::kRebalance:
    case What::kMaintenance:
      return DoToNode(mischief, now);
    case What::kZoneDown:
      return TakeZone(mischief, now);
    case What::kTrouble:
      return BeginTrouble({mischief.kind, mischief.pool, mischief.zone,
                           now.monotonic + mischief.after.value_or(kUsualTrouble), mischief.share,
                           mischief.by});
    case What::kCalm:
      state_.troubles.clear();
      Changed();
      return {};
    case What::kQuota:
      return SetQuota(mischief);
  }
  return {};
}

Result<void> Cloud::DoToNode(const Mischief& mischief, Now now) {
  auto* const node = Find(mischief.node);
  if (node == nullptr || node->going) {
    return Wrong(fmt::format("there is no node '{}'", mischief.node));
  }
  switch (mischief.what) {
    case Mischief::What::kReclaim:
      return ReclaimNode(*node, mischief, now);
    case Mischief::What::kWithdraw:
      if (!node->reclaim && !node->maintenance && !node->rebalance) {
        return Wrong(fmt::format("{} has no notice to withdraw", node->name));
      }
      node->reclaim.reset();
      node->maintenance.reset();
      node->rebalance.reset();
      break;
    case Mischief::What::kRebalance:
      node->rebalance = now.wall;
      break;
    default:
      node->maintenance = In(mischief.after.value_or(kUsualMaintenance), now);
  }
  ++node->notices;
  Changed();
  Advance(now);
  return {};
}

Result<void> Cloud::ReclaimNode(Node& node, const Mischief& mischief, Now now) {
  const auto after = mischief.after.value_or(UsualNotice(node.metadata));
  if (after == milliseconds(0)) {
    Take(node, now);
    return {};
  }
  if (node.type != CapacityType::kSpot) {
    return Wrong(
        fmt::format("{} is on demand, and nobody takes such a node with notice: say "
                    "maintenance, or --notice 0s for one that fails",
                    node.name));
  }
  node.reclaim = In(after, now);
  ++node.notices;
  Changed();
  return {};
}

void Cloud::Acknowledge(const std::string& node, Now now) {
  Advance(now);
  auto* const found = Find(node);
  if (found != nullptr && !found->going && (found->reclaim || found->maintenance)) {
    Take(*found, now);
  }
}

Result<void> Cloud::TakeZone(const Mischief& mischief, Now now) {
  if (!HasZone(mischief.zone)) {
    return Wrong(fmt::format("no pool has a zone '{}'", mischief.zone));
  }
  for (auto& node : state_.nodes) {
    if (node.zone == mischief.zone && !node.going) {
      Take(node, now);
    }
  }
  return BeginTrouble({Trouble::Kind::kStockOut, "", mischief.zone,
                       now.monotonic + mischief.after.value_or(kUsualTrouble), 1, milliseconds(0)});
}

Result<void> Cloud::BeginTrouble(Trouble trouble) {
  if (!trouble.pool.empty() && FindPool(trouble.pool) == nullptr) {
    return Wrong(fmt::format("there is no pool '{}'", trouble.pool));
  }
  if (!trouble.zone.empty() && !HasZone(trouble.zone)) {
    return Wrong(fmt::format("no pool has a zone '{}'", trouble.zone));
  }
  if (!(trouble.share >= 0 && trouble.share <= 1)) {
    return Wrong("a share lies between 0% and 100%");
  }
  std::erase_if(state_.troubles, [&](const Trouble& old) {
    return old.kind == trouble.kind && old.pool == trouble.pool && old.zone == trouble.zone;
  });
  if (state_.troubles.size() >= kMostTroubles) {
    return Wrong("there is trouble enough; say calm first");
  }
  state_.troubles.push_back(std::move(trouble));
  Changed();
  return {};
}

Result<void> Cloud::SetQuota(const Mischief& mischief) {
  if (FindPool(mischief.pool) == nullptr) {
    return Wrong(fmt::format("there is no pool '{}'", mischief.pool));
  }
  if (mischief.nodes < 0 || mischief.nodes > kLargestQuota) {
    return Wrong(fmt::format("a quota lies between 0 and {}", kLargestQuota));
  }
  std::erase_if(state_.quotas, [&](const Quota& old) { return old.pool == mischief.pool; });
  state_.quotas.push_back({mischief.pool, mischief.nodes});
  Changed();
  return {};
}

bool Cloud::HasZone(const std::string& zone) const {
  return std::any_of(spec_.pools.begin(), spec_.pools.end(), [&](const PoolSpec& pool) {
    return std::find(pool.zones.begin(), pool.zones.end(), zone) != pool.zones.end();
  });
}

milliseconds Cloud::AnswerDelay() const {
  milliseconds delay{0};
  for (const auto& trouble : state_.troubles) {
    if (trouble.kind == Trouble::Kind::kSlowAnswers) {
      delay = std::max(delay, trouble.by);
    }
  }
  return delay;
}

bool Cloud::ListIsStale() const {
  return std::any_of(state_.troubles.begin(), state_.troubles.end(), [](const Trouble& trouble) {
    return trouble.kind == Trouble::Kind::kStaleList;
  });
}

}  // namespace scaler::local::cloud
