#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "scaler/engine/capacity/decision.h"

namespace scaler::engine::capacity {

/// The clamps of one decision: one for each limit and place, with how many nodes it kept back.
class Notes {
 public:
  /// `node`: the first one is kept.
  void Clamp(Limit limit, const std::string& pool, const std::string& zone, int nodes = 1,
             const std::string& node = {}) {
    auto& clamp = clamps_[{limit, pool, zone}];
    clamp.limit = limit;
    clamp.pool = pool;
    clamp.zone = zone;
    clamp.nodes += nodes;
    if (clamp.node.empty()) {
      clamp.node = node;
    }
  }

  /// The same where several look at the same nodes: the largest number counts.
  void ClampOnce(Limit limit, const std::string& pool, const std::string& zone, int nodes) {
    const auto found = clamps_.find({limit, pool, zone});
    Clamp(limit, pool, zone,
          found == clamps_.end() ? nodes : std::max(0, nodes - found->second.nodes));
  }

  [[nodiscard]] std::vector<CapacityClamp> All() const {
    std::vector<CapacityClamp> all;
    for (const auto& [key, clamp] : clamps_) {
      all.push_back(clamp);
    }
    return all;
  }

 private:
  std::map<std::tuple<Limit, std::string, std::string>, CapacityClamp> clamps_;
};

}  // namespace scaler::engine::capacity
