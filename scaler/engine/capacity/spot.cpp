#include "scaler/engine/capacity/spot.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>

#include "scaler/engine/capacity/learn.h"
#include "scaler/engine/capacity/mix.h"

namespace scaler::engine::capacity {
namespace {

std::size_t At(int index) { return static_cast<std::size_t>(index); }

/// Some that was asked for should have come long ago.
bool SomeLate(const World& world, const OfferView& offer) {
  return offer.late || std::any_of(world.nodes.begin(), world.nodes.end(), [&](const auto& view) {
           return view.pool == offer.pool && view.zone == offer.zone && view.node->booting_since &&
                  !view.node->ready && !view.coming;
         });
}

int HaveSpot(const World& world, const OfferView& offer) {
  int have = offer.coming;
  for (const auto& view : world.nodes) {
    have += (view.usable || view.coming) && view.pool == offer.pool && view.zone == offer.zone;
  }
  return have;
}

/// Empty nodes of a kind, one after the other, and what is left of them.
class Fleet {
 public:
  Fleet(const World& world, const OfferView* offer) : world_(world), offer_(offer) {}

  void AddEmpty(int nodes) {
    if (offer_ != nullptr) {
      free_.insert(free_.end(), At(nodes), offer_->room);
    }
  }

  /// Returns what does not fit even on an empty node.
  int Place(const Load& load, bool may_grow, int most) {
    if (offer_ == nullptr || !world_.MayRun(load.pod_class, offer_->kind)) {
      return load.pods;
    }
    const auto& request = world_.classes[At(load.pod_class)].request;
    int left = load.pods;
    for (auto& free : free_) {
      left -= Take(free, request, left);
      if (left == 0) {
        return 0;
      }
    }
    while (may_grow && left > 0 && Nodes() < most && HowMany(offer_->room, request) > 0) {
      free_.push_back(offer_->room);
      left -= Take(free_.back(), request, left);
    }
    return left;
  }

  [[nodiscard]] int Nodes() const { return static_cast<int>(free_.size()); }

 private:
  static int Take(Amount& free, const Amount& request, int most) {
    const auto many = std::min<std::int64_t>(HowMany(free, request), most);
    free.Add(request, -many);
    return static_cast<int>(many);
  }

  const World& world_;
  const OfferView* offer_;
  std::vector<Amount> free_;
};

/// The cheapest by its room.
const OfferView* Reference(const World& world, CapacityType type) {
  const OfferView* best = nullptr;
  double best_price = 0;
  for (const auto& offer : world.offers) {
    const double room = world.Dominant(offer.room);
    if (offer.type != type || room <= 0) {
      continue;
    }
    const double price = offer.offer->kind.price_per_hour / room;
    if (best == nullptr || price < best_price) {
      best = &offer;
      best_price = price;
    }
  }
  return best;
}

std::vector<Load> AllPods(const World& world) {
  std::vector<Load> loads;
  for (std::size_t i = 0; i < world.classes.size(); ++i) {
    const auto& pod_class = world.classes[i];
    if (!pod_class.workload.daemon && pod_class.pods + pod_class.waiting > 0) {
      loads.push_back({static_cast<int>(i), pod_class.pods + pod_class.waiting});
    }
  }
  return loads;
}

int MostNodes(const CapacityPolicy& policy, CapacityType type) {
  int most = 0;
  for (const auto& pool : policy.pools) {
    most += pool.type == type ? std::max(pool.max_nodes, 0) : 0;
  }
  return most;
}

std::vector<Place> Places(const CapacityPolicy& policy, const CapacityState& state,
                          const World& world, Time now) {
  const auto gap = [&](double notice) {
    double longest = 0;
    for (const auto& offer : world.offers) {
      if (offer.type == CapacityType::kOnDemand) {
        const auto* memory = Remembered(state, offer.offer->pool, offer.offer->zone);
        longest = std::max(longest, GapSeconds(memory, notice));
      }
    }
    return longest;
  };
  std::vector<Place> places;
  for (std::size_t i = 0; i < world.offers.size(); ++i) {
    const auto& offer = world.offers[i];
    if (offer.type != CapacityType::kSpot) {
      continue;
    }
    const auto* memory = Remembered(state, offer.offer->pool, offer.offer->zone);
    Place place;
    place.offer = static_cast<int>(i);
    place.have = HaveSpot(world, offer);
    const bool open = !SomeLate(world, offer) &&
                      OfferingOf(memory, policy.spot->return_after, now) == Offering::kOpen;
    place.most = open ? policy.pools[At(offer.pool)].max_nodes : place.have;
    place.price = offer.offer->kind.price_per_hour;
    place.hazard = InterruptionsPerHour(memory) / 3600;
    place.hopeful_hazard = InterruptionsPerHour(memory, HopefulHours(state)) / 3600;
    place.lost_share = LostShare(memory);
    place.gap = gap(NoticeSeconds(state, offer.offer->pool, offer.offer->zone));
    place.may_probe = MayProbe(memory, policy.spot->return_after, now);
    places.push_back(place);
  }
  return places;
}

}  // namespace

Need NodesNeeded(const CapacityPolicy& policy, const World& world) {
  Fleet dedicated(world, Reference(world, CapacityType::kOnDemand));
  Fleet flexible(world, Reference(world, CapacityType::kSpot));
  dedicated.AddEmpty(policy.spot ? policy.spot->min_dedicated_nodes : 0);
  auto loads = AllPods(world);
  for (std::size_t i = 0; i < world.shapes.size(); ++i) {
    loads.push_back({world.shapes[i], policy.spare.shapes[i].count});
  }
  std::sort(loads.begin(), loads.end(), [&](const Load& left, const Load& right) {
    const auto rank = [&](const Load& load) {
      const auto& pod_class = world.classes[At(load.pod_class)];
      return std::tuple(pod_class.workload.spot != Placement::Spot::kNever,
                        -world.Dominant(pod_class.request), load.pod_class);
    };
    return rank(left) < rank(right);
  });
  const int most_dedicated = MostNodes(policy, CapacityType::kOnDemand);
  const int most_spot = MostNodes(policy, CapacityType::kSpot);
  for (const auto& load : loads) {
    const bool critical =
        world.classes[At(load.pod_class)].workload.spot == Placement::Spot::kNever;
    const int left = dedicated.Place(load, critical, most_dedicated);
    if (left > 0 && !critical) {
      (void)flexible.Place({load.pod_class, left}, true, most_spot);
    }
  }
  return {dedicated.Nodes(), flexible.Nodes()};
}

SpotPlan PlanSpot(const CapacityPolicy& policy, const CapacityState& state, const World& world,
                  Time now) {
  const auto need = NodesNeeded(policy, world);
  SpotPlan plan;
  const double share = std::clamp(policy.spot->share, 0.0, 1.0);
  plan.needed = static_cast<int>(std::floor(share * need.flexible + 0.5));
  plan.must_be_dedicated = need.dedicated;
  const int base = need.dedicated + need.flexible - plan.needed;
  const auto places = Places(policy, state, world, now);
  const auto* dedicated = Reference(world, CapacityType::kOnDemand);
  int have_dedicated = 0;
  for (const auto& view : world.nodes) {
    have_dedicated += (view.usable || view.coming) && view.node->type == CapacityType::kOnDemand;
  }
  const double price = dedicated == nullptr ? std::numeric_limits<float>::max()
                                            : dedicated->offer->kind.price_per_hour;
  const MixTerms terms{.needed = plan.needed,
                       .dedicated_price = price,
                       .coincidence = Coincidence(state),
                       .most_shortfall = ShortfallToPlanFor(state),
                       .hopeful_shortfall = ShortfallToPlanFor(state, HopefulHours(state)),
                       .spare_dedicated = std::max(0, have_dedicated - base)};
  auto mix = BestMix(places, terms);
  AddProbe(places, terms, mix);
  plan.stand_ins = mix.stand_ins;
  plan.dedicated_target = base + mix.stand_ins;
  plan.losses_survived = mix.survived;
  plan.expected_shortfall = mix.shortfall;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& offer = *world.offers[At(places[i].offer)].offer;
    plan.gap_seconds = std::max(plan.gap_seconds, places[i].gap);
    plan.places.push_back(
        {offer.pool, offer.zone, places[i].have, mix.nodes[i], places[i].hazard * 3600});
  }
  return plan;
}

}  // namespace scaler::engine::capacity
