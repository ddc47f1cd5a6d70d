#include "scaler/engine/capacity/grow.h"

#include <algorithm>
#include <cmath>

#include "scaler/engine/capacity/learn.h"

namespace scaler::engine::capacity {
namespace {

constexpr double kSamePrice = 1.1;  ///< Zones are balanced among offers that cost about the same.

std::size_t At(int index) { return static_cast<std::size_t>(index); }

}  // namespace

Grower::Grower(const CapacityPolicy& policy, const CapacityState& state, const World& world,
               Time now, const std::optional<SpotPlan>& plan, Notes& notes)
    : policy_(policy),
      state_(state),
      world_(world),
      now_(now),
      plan_(plan),
      notes_(notes),
      in_pool_(policy.pools.size(), 0),
      live_in_pool_(policy.pools.size(), 0),
      of_offer_(world.offers.size(), 0) {
  for (const auto& view : world.nodes) {
    if (view.pool >= 0) {
      ++in_pool_[At(view.pool)];
    }
    if (view.usable || view.coming) {
      if (view.pool >= 0) {
        ++live_in_pool_[At(view.pool)];
      }
      ++(view.node->type == CapacityType::kSpot ? spot_ : dedicated_);
      for (std::size_t i = 0; i < world.offers.size(); ++i) {
        of_offer_[i] += world.offers[i].pool == view.pool && world.offers[i].zone == view.zone;
      }
    }
  }
  for (std::size_t i = 0; i < world.offers.size(); ++i) {
    const auto& offer = world.offers[i];
    in_pool_[At(offer.pool)] += std::max(offer.offer->ordered, 0);
    of_offer_[i] += offer.coming;
    live_in_pool_[At(offer.pool)] += offer.coming;
    (offer.type == CapacityType::kSpot ? spot_ : dedicated_) += offer.coming;
  }
}

bool Grower::ShareAllowsSpot() const {
  if (!plan_) {
    return true;
  }
  // Of the nodes that may be spot, the new one among them.
  const int must_not = plan_->dedicated_target - plan_->stand_ins;
  const int may = std::max(0, spot_ + std::max(0, dedicated_ - must_not) + 1);
  return spot_ + 1 <= static_cast<int>(std::floor(policy_.spot->share * may + 0.5));
}

Grower::Block Grower::BlockOf(int offer, bool share_counts) const {
  const auto& view = world_.offers[At(offer)];
  if (in_pool_[At(view.pool)] >= policy_.pools[At(view.pool)].max_nodes) {
    return Block::kFull;
  }
  const bool spot = view.type == CapacityType::kSpot && policy_.spot;
  const auto* memory = Remembered(state_, view.offer->pool, view.offer->zone);
  const auto offering = OfferingOf(memory, spot ? policy_.spot->return_after : Duration{}, now_);
  if (offering == Offering::kRefused || (spot && (offering != Offering::kOpen || view.late))) {
    return Block::kRefused;
  }
  return spot && share_counts && !ShareAllowsSpot() ? Block::kShare : Block::kNone;
}

void Grower::NoteBlock(int offer, Block block, int nodes) {
  const auto& view = *world_.offers[At(offer)].offer;
  if (block == Block::kFull) {
    notes_.ClampOnce(Limit::kMaxNodes, view.pool, {}, nodes);
  } else if (block == Block::kRefused) {
    const auto* memory = Remembered(state_, view.pool, view.zone);
    const bool quota = memory != nullptr && memory->quota;
    notes_.ClampOnce(quota ? Limit::kQuota : Limit::kStockOut, view.pool, view.zone, nodes);
  }
}

int Grower::Order(int offer, int nodes, Reason reason) {
  const auto& view = world_.offers[At(offer)];
  const int room = policy_.pools[At(view.pool)].max_nodes - in_pool_[At(view.pool)];
  const int ordered = std::clamp(nodes, 0, std::max(room, 0));
  if (ordered < nodes) {
    NoteBlock(offer, Block::kFull, nodes - ordered);
  }
  if (ordered > 0) {
    in_pool_[At(view.pool)] += ordered;
    live_in_pool_[At(view.pool)] += ordered;
    of_offer_[At(offer)] += ordered;
    (view.type == CapacityType::kSpot ? spot_ : dedicated_) += ordered;
    orders_[{offer, reason}] += ordered;
    added_for_need_ = added_for_need_ || reason == Reason::kPendingPods || reason == Reason::kSpare;
  }
  return ordered;
}

int Grower::Pick(const std::vector<int>& candidates, const std::vector<double>& prices) const {
  const double cheapest = candidates.empty() ? 0 : *std::min_element(prices.begin(), prices.end());
  int best = -1;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (prices[i] <= cheapest * kSamePrice &&
        (best < 0 || of_offer_[At(candidates[i])] < of_offer_[At(best)])) {
      best = candidates[i];
    }
  }
  return best;
}

int Grower::OrderDedicated(int nodes, Reason reason, Packing& packing) {
  int ordered = 0;
  for (; ordered < nodes; ++ordered) {
    std::vector<int> candidates;
    std::vector<double> prices;
    for (std::size_t i = 0; i < world_.offers.size(); ++i) {
      const int offer = static_cast<int>(i);
      if (world_.offers[i].type != CapacityType::kOnDemand) {
        continue;
      }
      if (const auto block = BlockOf(offer, false); block != Block::kNone) {
        NoteBlock(offer, block, nodes - ordered);
        continue;
      }
      const double room = world_.Dominant(world_.offers[i].room);
      if (room > 0) {
        candidates.push_back(offer);
        prices.push_back(world_.offers[i].offer->kind.price_per_hour / room);
      }
    }
    const int offer = Pick(candidates, prices);
    if (offer < 0 || Order(offer, 1, reason) == 0) {
      break;
    }
    packing.Add(offer);
  }
  return ordered;
}

void Grower::OrderProbes() {
  for (std::size_t i = 0; i < world_.offers.size(); ++i) {
    const auto& view = world_.offers[i];
    const auto* memory = Remembered(state_, view.offer->pool, view.offer->zone);
    if (view.type == CapacityType::kSpot && memory != nullptr && !memory->available_since &&
        view.offer->ordered == 0 &&
        OfferingOf(memory, policy_.spot->return_after, now_) == Offering::kProving) {
      Order(static_cast<int>(i), 1, Reason::kProbe);
    }
  }
}

int Grower::SpotInstead() const {
  // Those that may be spot stay as many.
  const int must_not = plan_->dedicated_target - plan_->stand_ins;
  const int may = spot_ + std::max(0, dedicated_ - must_not);
  if (spot_ + 1 > static_cast<int>(std::floor(policy_.spot->share * may + 0.5))) {
    return -1;
  }
  std::vector<int> candidates;
  std::vector<double> prices;
  for (std::size_t i = 0; i < world_.offers.size(); ++i) {
    const auto& view = world_.offers[i];
    const double room = world_.Dominant(view.room);
    if (view.type == CapacityType::kSpot && room > 0 &&
        BlockOf(static_cast<int>(i), false) == Block::kNone) {
      candidates.push_back(static_cast<int>(i));
      prices.push_back(view.offer->kind.price_per_hour / room);
    }
  }
  return Pick(candidates, prices);
}

void Grower::OrderInstead(int offer, Packing& packing) {
  if (Order(offer, 1, Reason::kSpotShare) > 0) {
    packing.Add(offer);
  }
}

void Grower::FollowPlan(Packing& packing) {
  if (!plan_) {
    return;
  }
  for (std::size_t i = 0; i < world_.offers.size(); ++i) {
    for (const auto& place : plan_->places) {
      const auto& offer = *world_.offers[i].offer;
      if (place.pool == offer.pool && place.zone == offer.zone && place.target > place.nodes) {
        const int wanted = place.target - place.nodes;
        const int ordered = Order(static_cast<int>(i), wanted, Reason::kSpotShare);
        for (int node = 0; node < ordered; ++node) {
          packing.Add(static_cast<int>(i));
        }
      }
    }
  }
  const int floor = plan_->dedicated_target - plan_->stand_ins;
  if (const int lacking = floor - dedicated_; lacking > 0) {
    OrderDedicated(lacking, Reason::kDedicatedFloor, packing);
  }
  if (const int lacking = plan_->dedicated_target - std::max(dedicated_, floor); lacking > 0) {
    OrderDedicated(lacking, Reason::kFallback, packing);
  }
  if (plan_->stand_ins > 0) {
    OrderProbes();
  }
}

void Grower::KeepMinNodes(Packing& packing) {
  for (std::size_t pool = 0; pool < policy_.pools.size(); ++pool) {
    const int lacking = policy_.pools[pool].min_nodes - live_in_pool_[pool];
    std::vector<int> candidates;
    std::vector<double> prices;
    for (std::size_t i = 0; lacking > 0 && i < world_.offers.size(); ++i) {
      if (world_.offers[i].pool == static_cast<int>(pool)) {
        if (const auto block = BlockOf(static_cast<int>(i), false); block == Block::kNone) {
          candidates.push_back(static_cast<int>(i));
          prices.push_back(world_.offers[i].offer->kind.price_per_hour);
        } else if (block == Block::kRefused) {
          NoteBlock(static_cast<int>(i), block, 1);
        }
      }
    }
    for (int ordered = 0; ordered < lacking; ++ordered) {
      const int offer = Pick(candidates, prices);
      if (offer < 0 || Order(offer, 1, Reason::kMinNodes) == 0) {
        break;
      }
      packing.Add(offer);
    }
  }
}

int Grower::Choose(int pod_class, int pods, const std::vector<char>& tried, Reason& reason) {
  const auto& wanted = world_.classes[At(pod_class)];
  const bool only_spot = wanted.workload.spot == Placement::Spot::kOnly;
  std::vector<int> spot;
  std::vector<int> dedicated;
  std::vector<double> spot_prices;
  std::vector<double> dedicated_prices;
  bool spot_refused = false;
  for (std::size_t i = 0; i < world_.offers.size(); ++i) {
    const auto& view = world_.offers[i];
    const auto fit = std::min<std::int64_t>(HowMany(view.room, wanted.request), pods);
    if (tried[i] != 0 || fit <= 0 || !world_.MayRun(pod_class, view.kind)) {
      continue;
    }
    const int offer = static_cast<int>(i);
    const auto block = BlockOf(offer, !only_spot);
    if (block != Block::kNone) {
      const auto nodes = static_cast<int>((pods + fit - 1) / fit);
      NoteBlock(offer, block, nodes);
      spot_refused = spot_refused || (view.type == CapacityType::kSpot && block == Block::kRefused);
      continue;
    }
    const double price = view.offer->kind.price_per_hour / static_cast<double>(fit);
    const bool is_spot = view.type == CapacityType::kSpot;
    (is_spot ? spot : dedicated).push_back(offer);
    (is_spot ? spot_prices : dedicated_prices).push_back(price);
  }
  if (policy_.spot && !spot.empty()) {
    return Pick(spot, spot_prices);
  }
  if (policy_.spot && spot_refused && !dedicated.empty()) {
    reason = Reason::kFallback;
  }
  dedicated.insert(dedicated.end(), spot.begin(), spot.end());
  dedicated_prices.insert(dedicated_prices.end(), spot_prices.begin(), spot_prices.end());
  return Pick(dedicated, dedicated_prices);
}

std::vector<Load> Grower::Provide(const std::vector<Load>& loads, Reason reason, Packing& packing,
                                  std::vector<int>& offers) {
  std::vector<Load> still;
  for (const auto& load : loads) {
    int left = load.pods - packing.Place(load.pod_class, load.pods);
    std::vector<char> tried(world_.offers.size(), 0);
    while (left > 0) {
      auto why = reason;
      const int offer = Choose(load.pod_class, left, tried, why);
      if (offer < 0) {
        break;
      }
      packing.Add(offer);
      const int placed = packing.Place(load.pod_class, left);
      if (placed == 0) {
        packing.TakeBack();  // Of no help to who has to be spread: perhaps in another zone.
        tried[At(offer)] = 1;
        continue;
      }
      left -= placed;
      Order(offer, 1, why);
      added_for_need_ = true;
      offers.push_back(offer);
    }
    if (left > 0) {
      still.push_back({load.pod_class, left});
      const auto& wanted = world_.classes[At(load.pod_class)];
      bool fits_any = false;
      for (const auto& view : world_.offers) {
        fits_any = fits_any || (HowMany(view.room, wanted.request) > 0 &&
                                world_.MayRun(load.pod_class, view.kind));
      }
      if (!fits_any) {
        notes_.Clamp(Limit::kNoOffer, {}, {}, left, wanted.workload.name);
      }
    }
  }
  return still;
}

std::vector<Action> Grower::Actions() const {
  std::vector<Action> actions;
  for (const auto& [key, nodes] : orders_) {
    const auto& offer = *world_.offers[At(key.first)].offer;
    Action action;
    action.kind = Action::Kind::kAdd;
    action.reason = key.second;
    action.pool = offer.pool;
    action.zone = offer.zone;
    action.nodes = nodes;
    actions.push_back(std::move(action));
  }
  return actions;
}

}  // namespace scaler::engine::capacity
