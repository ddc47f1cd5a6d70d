#include "scaler/engine/capacity/packing.h"

#include <algorithm>
#include <tuple>

namespace scaler::engine::capacity {
namespace {

std::size_t At(int index) { return static_cast<std::size_t>(index); }

Bin BinOfOffer(const World& world, int offer) {
  const auto& view = world.offers[At(offer)];
  Bin bin;
  bin.offer = offer;
  bin.kind = view.kind;
  bin.zone = view.zone;
  bin.type = view.type;
  bin.room = view.room;
  bin.free = view.room;
  return bin;
}

}  // namespace

Packing::Packing(const World& world, Which which)
    : world_(&world), bin_of_(world.nodes.size(), -1) {
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    const auto& view = world.nodes[i];
    if (!view.usable && !(which == Which::kReadyAndComing && view.coming)) {
      continue;
    }
    bin_of_[i] = static_cast<int>(bins_.size());
    Bin bin;
    bin.node = static_cast<int>(i);
    bin.kind = view.kind;
    bin.zone = view.zone;
    bin.type = view.node->type;
    bin.ready = view.usable;
    bin.room = view.room;
    bin.free = view.free;
    bins_.push_back(bin);
  }
  std::vector<double> fullness(bins_.size());
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    order_.push_back(static_cast<int>(i));
    fullness[i] = world.Dominant(bins_[i].free);
  }
  // Nodes that are there before those that come, so that what can run now does.
  std::stable_sort(order_.begin(), order_.end(), [&](int left, int right) {
    const bool left_comes = !bins_[At(left)].ready;
    const bool right_comes = !bins_[At(right)].ready;
    return std::tie(left_comes, fullness[At(left)]) < std::tie(right_comes, fullness[At(right)]);
  });
  if (which == Which::kReadyAndComing) {
    for (std::size_t offer = 0; offer < world.offers.size(); ++offer) {
      for (int i = 0; i < world.offers[offer].coming; ++i) {
        Add(static_cast<int>(offer));
      }
    }
  }
}

int Packing::Add(int offer) {
  const int index = static_cast<int>(bins_.size());
  bins_.push_back(BinOfOffer(*world_, offer));
  order_.push_back(index);
  return index;
}

void Packing::TakeBack() {
  bins_.pop_back();
  order_.pop_back();
}

void Packing::Put(int bin, int pod_class, int pods) {
  bins_[At(bin)].free.Add(world_->classes[At(pod_class)].request, -pods);
  placed_.push_back({bin, {pod_class, pods}});
}

int Packing::Fill(int pod_class, int pods, const CapacityType* only) {
  const auto& request = world_->classes[At(pod_class)].request;
  int placed = 0;
  for (const int index : order_) {
    if (placed == pods) {
      break;
    }
    const auto& bin = bins_[At(index)];
    if (bin.gone || (only != nullptr && bin.type != *only) ||
        !world_->MayRun(pod_class, bin.kind)) {
      continue;
    }
    const auto many = std::min<std::int64_t>(HowMany(bin.free, request), pods - placed);
    if (many > 0) {
      Put(index, pod_class, static_cast<int>(many));
      placed += static_cast<int>(many);
    }
  }
  return placed;
}

std::vector<int> Packing::Holding(int pod_class) const {
  std::vector<int> pods(bins_.size(), 0);
  for (const auto& [node, count] : world_->classes[At(pod_class)].on) {
    if (const int bin = BinOf(node); bin >= 0 && !bins_[At(bin)].gone) {
      pods[At(bin)] += count;
    }
  }
  for (const auto& placed : placed_) {
    if (placed.load.pod_class == pod_class && !bins_[At(placed.bin)].gone) {
      pods[At(placed.bin)] += placed.load.pods;
    }
  }
  return pods;
}

int Packing::PlaceSpread(int pod_class, int pods) {
  const auto& wanted = world_->classes[At(pod_class)];
  auto holding = Holding(pod_class);
  std::vector<char> zones(world_->zones.size(), 0);
  int nodes = 0;
  int zones_held = 0;
  int there = 0;
  const auto note = [&](int bin) {
    ++nodes;
    auto& zone = zones[At(bins_[At(bin)].zone)];
    zones_held += zone == 0 ? 1 : 0;
    zone = 1;
  };
  for (std::size_t bin = 0; bin < holding.size(); ++bin) {
    if (holding[bin] > 0) {
      note(static_cast<int>(bin));
      there += holding[bin];
    }
  }
  // "In two zones where there are two": a cluster of one zone has no second one.
  const int zones_there = static_cast<int>(world_->zones.size());
  const int all = there + pods;
  const int need_zones = std::min({wanted.workload.min_zones, zones_there, all});
  const int need_nodes = std::min(std::max(wanted.workload.min_nodes, need_zones), all);
  int placed = 0;
  while (placed < pods && (nodes < need_nodes || zones_held < need_zones)) {
    const auto fits = std::find_if(order_.begin(), order_.end(), [&](int index) {
      const auto& bin = bins_[At(index)];
      const bool helps =
          zones_held < need_zones ? zones[At(bin.zone)] == 0 : holding[At(index)] == 0;
      return !bin.gone && helps && world_->MayRun(pod_class, bin.kind) &&
             HowMany(bin.free, wanted.request) > 0;
    });
    if (fits == order_.end()) {
      // So many of the rest may stand close together as leave enough for the places to come.
      const int reserved = std::max(need_nodes - nodes, need_zones - zones_held);
      return placed + Fill(pod_class, std::max(0, pods - placed - reserved), nullptr);
    }
    Put(*fits, pod_class, 1);
    holding[At(*fits)] += 1;
    if (holding[At(*fits)] == 1) {
      note(*fits);
    }
    ++placed;
  }
  return placed + Fill(pod_class, pods - placed, nullptr);
}

int Packing::Place(int pod_class, int pods) {
  if (pods <= 0) {
    return 0;
  }
  const auto& wanted = world_->classes[At(pod_class)];
  if (wanted.Spread()) {
    return PlaceSpread(pod_class, pods);
  }
  if (wanted.workload.spot != Placement::Spot::kPrefer) {
    return Fill(pod_class, pods, nullptr);
  }
  // Who may run on spot leaves the other nodes to those who may not.
  const auto spot = CapacityType::kSpot;
  const auto on_demand = CapacityType::kOnDemand;
  const int on_spot = Fill(pod_class, pods, &spot);
  return on_spot + Fill(pod_class, pods - on_spot, &on_demand);
}

std::vector<Load> Packing::PlaceAll(std::vector<Load> loads) {
  std::vector<int> choices(world_->classes.size(), 0);
  for (const auto& load : loads) {
    for (std::size_t kind = 0; kind < world_->kinds.size(); ++kind) {
      choices[At(load.pod_class)] += world_->MayRun(load.pod_class, static_cast<int>(kind)) ? 1 : 0;
    }
  }
  std::sort(loads.begin(), loads.end(), [&](const Load& left, const Load& right) {
    const auto rank = [&](const Load& load) {
      return std::tuple(choices[At(load.pod_class)],
                        -world_->Dominant(world_->classes[At(load.pod_class)].request),
                        load.pod_class, load.pods);
    };
    return rank(left) < rank(right);
  });
  std::vector<Load> left_over;
  for (const auto& load : loads) {
    if (const int placed = Place(load.pod_class, load.pods); placed < load.pods) {
      left_over.push_back({load.pod_class, load.pods - placed});
    }
  }
  return left_over;
}

std::vector<Load> Packing::Lose(int bin) {
  auto& lost = bins_[At(bin)];
  lost.gone = true;
  std::vector<Load> loads;
  if (lost.node >= 0) {
    loads = world_->nodes[At(lost.node)].loads;
  }
  for (const auto& placed : placed_) {
    if (placed.bin == bin) {
      loads.push_back(placed.load);
    }
  }
  return loads;
}

}  // namespace scaler::engine::capacity
