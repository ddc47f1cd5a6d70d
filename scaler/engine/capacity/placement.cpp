#include "scaler/engine/capacity/placement.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace scaler::engine::capacity {
namespace {

bool Tolerates(const Workload& workload, const std::string& taint) {
  const auto key = std::string_view(taint).substr(0, taint.find('='));
  return std::any_of(workload.tolerations.begin(), workload.tolerations.end(),
                     [&](const std::string& toleration) {
                       return toleration == "*" || toleration == taint || toleration == key;
                     });
}

/// What of the node the pod asks too much of; empty: it fits.
std::string Lacks(const Amount& free, const Amount& request) {
  if (free.pods < request.pods) {
    return "full of pods";
  }
  if (request.cpu_milli > 0 && free.cpu_milli < request.cpu_milli) {
    return "short of cpu";
  }
  if (request.memory_bytes > 0 && free.memory_bytes < request.memory_bytes) {
    return "short of memory";
  }
  return {};
}

/// How far the workload is spread, and how far it has to be.
class Spread {
 public:
  Spread(const Workload& workload, int unplaced, int zones, const std::vector<Berth>& berths) {
    int there = 0;
    int nodes = 0;
    for (const auto& berth : berths) {
      if (berth.same > 0) {
        in_zone_[berth.zone] += berth.same;
        there += berth.same;
        ++nodes;
      }
    }
    const int all = there + unplaced;
    const int need_zones = std::min({workload.min_zones, zones, all});
    const int need_nodes = std::min(std::max(workload.min_nodes, need_zones), all);
    zones_lacking_ = std::max(0, need_zones - static_cast<int>(in_zone_.size()));
    nodes_lacking_ = std::max(0, need_nodes - nodes);
    may_stand_close_ = unplaced > std::max(zones_lacking_, nodes_lacking_);
  }

  [[nodiscard]] bool Helps(const Berth& berth) const {
    if (zones_lacking_ > 0) {
      return InZone(berth) == 0;
    }
    return nodes_lacking_ == 0 || berth.same == 0;
  }

  [[nodiscard]] bool MayStandClose() const { return may_stand_close_; }
  [[nodiscard]] const char* Wants() const {
    return zones_lacking_ > 0 ? "in a zone that it is in already" : "a node that it is on already";
  }

  [[nodiscard]] int InZone(const Berth& berth) const {
    const auto found = in_zone_.find(berth.zone);
    return found == in_zone_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string_view, int> in_zone_;
  int zones_lacking_ = 0;
  int nodes_lacking_ = 0;
  bool may_stand_close_ = false;
};

std::string Sentence(std::size_t berths, const std::map<std::string, int>& reasons) {
  if (berths == 0) {
    return "there is no node";
  }
  std::string text =
      "fits on none of " + std::to_string(berths) + (berths == 1 ? " node" : " nodes");
  const char* separator = ": ";
  for (const auto& [why, nodes] : reasons) {
    text += separator + std::to_string(nodes) + " " + why;
    separator = ", ";
  }
  return text;
}

}  // namespace

std::string WhyNotOn(const Workload& workload, CapacityType type, const std::vector<Label>& labels,
                     const std::vector<std::string>& taints) {
  if (type == CapacityType::kSpot && workload.spot == Placement::Spot::kNever) {
    return "spot";
  }
  if (type == CapacityType::kOnDemand && workload.spot == Placement::Spot::kOnly) {
    return "not spot";
  }
  if (!std::all_of(taints.begin(), taints.end(),
                   [&](const auto& taint) { return Tolerates(workload, taint); })) {
    return "tainted";
  }
  const bool selected =
      std::all_of(workload.selector.begin(), workload.selector.end(), [&](const Label& wanted) {
        return std::find(labels.begin(), labels.end(), wanted) != labels.end();
      });
  return selected ? "" : "without a label that it asks for";
}

Placed Place(const Workload& workload, int unplaced, int zones, const std::vector<Berth>& berths) {
  const auto request = RequestOf(workload.cpu_cores, workload.memory_bytes);
  const Spread spread(workload, std::max(unplaced, 1), zones, berths);
  std::map<std::string, int> reasons;
  const Berth* best = nullptr;
  const auto rank = [&](const Berth& berth) {
    const bool wrong_type =
        workload.spot == Placement::Spot::kPrefer && berth.type != CapacityType::kSpot;
    return std::tuple(!spread.Helps(berth), wrong_type, spread.InZone(berth), berth.same,
                      berth.free.cpu_milli, berth.free.memory_bytes, std::string_view(berth.name));
  };
  for (const auto& berth : berths) {
    auto why = berth.closed.empty() ? WhyNotOn(workload, berth.type, berth.labels, berth.taints)
                                    : berth.closed;
    if (why.empty()) {
      why = Lacks(berth.free, request);
    }
    if (why.empty() && !spread.Helps(berth) && !spread.MayStandClose()) {
      why = spread.Wants();
    }
    if (!why.empty()) {
      ++reasons[why];
    } else if (best == nullptr || rank(berth) < rank(*best)) {
      best = &berth;
    }
  }
  if (best == nullptr) {
    return {-1, Sentence(berths.size(), reasons)};
  }
  return {static_cast<int>(best - berths.data()), {}};
}

}  // namespace scaler::engine::capacity
