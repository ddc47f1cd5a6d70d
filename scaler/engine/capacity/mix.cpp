#include "scaler/engine/capacity/mix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

namespace scaler::engine::capacity {
namespace {

/// Of all on-demand nodes: what it is worth to avoid all the shortfall that is allowed.
constexpr double kPriceOfShortfall = 0.25;
constexpr double kPriceOfChange = 0.1;  ///< Of a node: each that has to be made for the mix.
constexpr int kMostSteps = 200;
constexpr int kMostSurvived = 2;

std::size_t At(int index) { return static_cast<std::size_t>(index); }

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
  Mixer(const std::vector<Place>& places, const MixTerms& terms) : places_(places), terms_(terms) {}

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
      can_be_had = std::min(can_be_had + places_[At(place)].most, (survived + 1) * terms_.needed);
    }
    const int step = std::max(1, terms_.needed / kMostSteps);
    for (int nodes = std::min(terms_.needed, can_be_had); nodes <= can_be_had; nodes += step) {
      Consider(among, nodes, survived);
      if (nodes >= terms_.needed &&
          Rest(places_, Spread(places_, among, nodes), survived) >= terms_.needed) {
        break;  // More only costs more.
      }
    }
  }

  void Consider(const std::vector<int>& among, int nodes, int survived) {
    Mix mix;
    mix.nodes = Spread(places_, among, nodes);
    mix.survived = survived;
    mix.stand_ins = std::max(0, terms_.needed - Rest(places_, mix.nodes, survived));
    mix.shortfall = Shortfall(places_, mix.nodes, survived, terms_.coincidence);
    mix.cost =
        terms_.dedicated_price *
        (mix.stand_ins + kPriceOfChange * std::max(0, mix.stand_ins - terms_.spare_dedicated));
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
    const double all = terms_.dedicated_price * terms_.needed;
    const auto price = [&](const Mix& mix) {
      return mix.cost + all * kPriceOfShortfall * mix.shortfall / terms_.most_shortfall;
    };
    const double left_price = price(left);
    const double right_price = price(right);
    return std::tie(left_price, left.shortfall) < std::tie(right_price, right.shortfall);
  }

  const std::vector<Place>& places_;
  const MixTerms& terms_;
  std::optional<Mix> best_;
};

bool UsesSpot(const Mix& mix) {
  return std::any_of(mix.nodes.begin(), mix.nodes.end(), [](int nodes) { return nodes > 0; });
}

}  // namespace

Mix BestMix(const std::vector<Place>& places, const MixTerms& terms) {
  return Mixer(places, terms).Best();
}

void AddProbe(const std::vector<Place>& places, const MixTerms& terms, Mix& mix) {
  if (terms.needed <= 0 || UsesSpot(mix)) {
    return;
  }
  auto hopeful = places;
  auto hopeful_terms = terms;
  hopeful_terms.most_shortfall = terms.hopeful_shortfall;
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& place = places[i];
    hopeful[i].hazard = place.hopeful_hazard;
    if (place.most > 0 && (place.have > 0 || place.may_probe) &&
        (!best || place.hazard < places[*best].hazard)) {
      best = i;
    }
  }
  if (best && UsesSpot(BestMix(hopeful, hopeful_terms))) {
    mix.nodes[*best] = 1;
  }
}

}  // namespace scaler::engine::capacity
