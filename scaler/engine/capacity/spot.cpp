#include "scaler/engine/capacity/spot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>

#include "scaler/engine/capacity/learn.h"

namespace scaler::engine::capacity {
namespace {

/// Of all on-demand nodes: what it is worth to avoid all the shortfall that is allowed.
constexpr double kPriceOfShortfall = 0.25;
constexpr double kPriceOfChange = 0.1;  ///< Of a node: each that has to be made for the mix.
constexpr int kMostSteps = 200;
constexpr int kMostSurvived = 2;

std::size_t At(int index) { return static_cast<std::size_t>(index); }

/// One pool in one zone, as the mix sees it.
struct Place {
  int offer = 0;
  int have = 0;
  int most = 0;  ///< That can be had.
  double price = 0;
  double hazard = 0;  ///< A second.
  double lost_share = 1;
  double gap = 0;
};

struct Mix {
  std::vector<int> nodes;  ///< Of each place.
  int stand_ins = 0;
  int survived = 0;
  double shortfall = 0;
  double cost = 0;
};

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
  double lead = 0;
  for (const auto& offer : world.offers) {
    if (offer.type == CapacityType::kOnDemand) {
      lead = std::max(lead, LeadSeconds(Remembered(state, offer.offer->pool, offer.offer->zone)));
    }
  }
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
    place.lost_share = LostShare(memory);
    place.gap = std::max(0.0, lead - NoticeSeconds(state, offer.offer->pool, offer.offer->zone));
    places.push_back(place);
  }
  return places;
}

/// `nodes` as evenly over the places as they can be had; those with more now keep the odd one.
std::vector<int> Spread(const std::vector<Place>& places, const std::vector<int>& among,
                        int nodes) {
  std::vector<int> counts(places.size(), 0);
  int left = nodes;
  while (left > 0) {
    std::vector<int> open;
    for (const int place : among) {
      if (counts[At(place)] < places[At(place)].most) {
        open.push_back(place);
      }
    }
    if (open.empty()) {
      break;
    }
    if (const int each = left / static_cast<int>(open.size()); each > 0) {
      for (const int place : open) {
        const int more = std::min(each, places[At(place)].most - counts[At(place)]);
        counts[At(place)] += more;
        left -= more;
      }
      continue;
    }
    std::stable_sort(open.begin(), open.end(), [&](int one, int other) {
      return places[At(one)].have - counts[At(one)] > places[At(other)].have - counts[At(other)];
    });
    for (int i = 0; i < left; ++i) {
      ++counts[At(open[At(i)])];
    }
    left = 0;
  }
  return counts;
}

/// What `survived` losses leave at least.
int Rest(const std::vector<Place>& places, const std::vector<int>& nodes, int survived) {
  std::vector<int> losses;
  int rest = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    rest += nodes[i];
    losses.push_back(static_cast<int>(std::ceil(places[i].lost_share * nodes[i] - 1e-9)));
  }
  std::sort(losses.begin(), losses.end(), std::greater<>());
  for (int i = 0; i < survived && i < static_cast<int>(losses.size()); ++i) {
    rest -= losses[At(i)];
  }
  return rest;
}

/// The share of time in which more than `survived` places are being replaced: by chance, each by
/// itself, or because one went with another.
double Shortfall(const std::vector<Place>& places, const std::vector<int>& nodes, int survived,
                 double coincidence) {
  // Elementary symmetric sums: one, two, three places at once.
  std::array<double, kMostSurvived + 1> at_once{};
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const double down = nodes[i] > 0 ? std::min(1.0, places[i].hazard * places[i].gap) : 0;
    for (std::size_t k = at_once.size() - 1; k > 0; --k) {
      at_once[k] += at_once[k - 1] * down;
    }
    at_once[0] += down;
  }
  double shortfall = at_once[0];
  for (int i = 1; i <= survived; ++i) {
    shortfall = at_once[At(i)] + coincidence * shortfall;
  }
  return std::min(shortfall, 1.0);
}

class Mixer {
 public:
  Mixer(std::vector<Place> places, int needed, double dedicated_price, double coincidence,
        double most_shortfall, int spare_dedicated)
      : places_(std::move(places)),
        needed_(needed),
        dedicated_price_(dedicated_price),
        coincidence_(coincidence),
        most_shortfall_(most_shortfall),
        spare_dedicated_(spare_dedicated) {}

  Mix Best() {
    Consider({}, 0, 0);
    std::vector<int> ranked;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].most > 0) {
        ranked.push_back(static_cast<int>(i));
      }
    }
    std::stable_sort(ranked.begin(), ranked.end(), [&](int left, int right) {
      return places_[At(left)].hazard < places_[At(right)].hazard;
    });
    for (std::size_t used = 1; used <= ranked.size(); ++used) {
      const std::vector<int> among(ranked.begin(), ranked.begin() + static_cast<long>(used));
      for (int survived = 0; survived <= kMostSurvived; ++survived) {
        TryAll(among, survived);
      }
    }
    return *best_;
  }

 private:
  void TryAll(const std::vector<int>& among, int survived) {
    int can_be_had = 0;
    for (const int place : among) {
      can_be_had = std::min(can_be_had + places_[At(place)].most, (survived + 1) * needed_);
    }
    const int step = std::max(1, needed_ / kMostSteps);
    for (int nodes = std::min(needed_, can_be_had); nodes <= can_be_had; nodes += step) {
      Consider(among, nodes, survived);
      if (nodes >= needed_ && Rest(places_, Spread(places_, among, nodes), survived) >= needed_) {
        break;  // More only costs more.
      }
    }
  }

  void Consider(const std::vector<int>& among, int nodes, int survived) {
    Mix mix;
    mix.nodes = Spread(places_, among, nodes);
    mix.survived = survived;
    mix.stand_ins = std::max(0, needed_ - Rest(places_, mix.nodes, survived));
    mix.shortfall = Shortfall(places_, mix.nodes, survived, coincidence_);
    mix.cost = dedicated_price_ *
               (mix.stand_ins + kPriceOfChange * std::max(0, mix.stand_ins - spare_dedicated_));
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto& place = places_[i];
      mix.cost +=
          place.price * (mix.nodes[i] + kPriceOfChange * std::max(0, mix.nodes[i] - place.have));
    }
    if (!best_ || Better(mix, *best_)) {
      best_ = std::move(mix);
    }
  }

  /// Not a bound on each mix: what little risk a dear mix would save may be worth less than what
  /// another saves at another time.
  [[nodiscard]] bool Better(const Mix& left, const Mix& right) const {
    const double all = dedicated_price_ * needed_;
    const auto price = [&](const Mix& mix) {
      return mix.cost + all * kPriceOfShortfall * mix.shortfall / most_shortfall_;
    };
    const double left_price = price(left);
    const double right_price = price(right);
    return std::tie(left_price, left.shortfall) < std::tie(right_price, right.shortfall);
  }

  std::vector<Place> places_;
  int needed_;
  double dedicated_price_;
  double coincidence_;
  double most_shortfall_;
  int spare_dedicated_;
  std::optional<Mix> best_;
};

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
  const int base = need.dedicated + need.flexible - plan.needed;
  const auto places = Places(policy, state, world, now);
  const auto* dedicated = Reference(world, CapacityType::kOnDemand);
  int have_dedicated = 0;
  for (const auto& view : world.nodes) {
    have_dedicated += (view.usable || view.coming) && view.node->type == CapacityType::kOnDemand;
  }
  const double price = dedicated == nullptr ? std::numeric_limits<float>::max()
                                            : dedicated->offer->kind.price_per_hour;
  const auto mix = Mixer(places, plan.needed, price, Coincidence(state), ShortfallToPlanFor(state),
                         std::max(0, have_dedicated - base))
                       .Best();
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
