#include "scaler/engine/capacity/spare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>

namespace scaler::engine::capacity {
namespace {

constexpr double kLargestFactor = 1000;
constexpr int kAnyZone = -1;

std::size_t At(int index) { return static_cast<std::size_t>(index); }

using Measure = std::int64_t Amount::*;
constexpr std::array<Measure, 3> kMeasures = {&Amount::cpu_milli, &Amount::memory_bytes,
                                              &Amount::pods};

/// The `count` bins of the zone with most in use.
std::vector<int> Largest(const Packing& base, int zone, Measure measure, int count) {
  const auto& bins = base.Bins();
  std::vector<int> found;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (!bins[i].gone && (zone == kAnyZone || bins[i].zone == zone)) {
      found.push_back(static_cast<int>(i));
    }
  }
  const auto used = [&](int bin) {
    return bins[At(bin)].room.*measure - bins[At(bin)].free.*measure;
  };
  const auto most = std::min(found.size(), At(count));
  std::partial_sort(found.begin(), found.begin() + static_cast<long>(most), found.end(),
                    [&](int left, int right) {
                      return used(left) != used(right) ? used(left) > used(right) : left < right;
                    });
  found.resize(most);
  std::sort(found.begin(), found.end());
  return found;
}

int Pods(const std::vector<Load>& loads) {
  int pods = 0;
  for (const auto& load : loads) {
    pods += load.pods;
  }
  return pods;
}

SpareCheck LoseAll(const Packing& base, std::vector<int> bins) {
  SpareCheck check;
  check.lost = std::move(bins);
  auto after = base;
  for (const int bin : check.lost) {
    const auto loads = after.Lose(bin);
    check.loads.insert(check.loads.end(), loads.begin(), loads.end());
  }
  check.loads = Merged(std::move(check.loads));
  check.unplaced = Merged(after.PlaceAll(check.loads));
  return check;
}

SpareCheck CheckLoss(const Packing& base, int zone, int count) {
  SpareCheck worst;
  std::vector<std::vector<int>> tried;
  for (const auto measure : kMeasures) {
    auto bins = Largest(base, zone, measure, count);
    if (bins.empty() || std::find(tried.begin(), tried.end(), bins) != tried.end()) {
      continue;
    }
    tried.push_back(bins);
    auto check = LoseAll(base, std::move(bins));
    if (worst.lost.empty() || Pods(check.unplaced) > Pods(worst.unplaced)) {
      worst = std::move(check);
    }
  }
  const std::string which =
      count == 1 ? "the largest node" : "the largest " + std::to_string(count) + " nodes";
  worst.what =
      "the loss of " + which + (zone == kAnyZone ? "" : " of zone " + base.Of().zones[At(zone)]);
  return worst;
}

SpareCheck CheckShapes(const CapacityPolicy& policy, const Packing& base, double factor) {
  SpareCheck check;
  check.what = "what the shapes ask for";
  const auto& world = base.Of();
  for (std::size_t i = 0; i < world.shapes.size(); ++i) {
    const double count = std::ceil(policy.spare.shapes[i].count * factor - 1e-9);
    check.loads.push_back({world.shapes[i], static_cast<int>(std::clamp(count, 0.0, 1e6))});
  }
  auto after = base;
  check.unplaced = Merged(after.PlaceAll(check.loads));
  return check;
}

/// Calls `visit` with every check until it returns false.
void ForEach(const CapacityPolicy& policy, const Packing& base, double factor,
             const std::function<bool(SpareCheck)>& visit) {
  if (!policy.spare.shapes.empty() && !visit(CheckShapes(policy, base, factor))) {
    return;
  }
  if (!policy.spare.survive) {
    return;
  }
  const int count = static_cast<int>(std::ceil(factor - 1e-9));
  if (!policy.spare.survive->per_zone) {
    visit(CheckLoss(base, kAnyZone, count));
    return;
  }
  for (std::size_t zone = 0; zone < base.Of().zones.size(); ++zone) {
    if (!visit(CheckLoss(base, static_cast<int>(zone), count))) {
      return;
    }
  }
}

}  // namespace

double SpareFactor(const CapacityPolicy& policy, Time now, Duration lead) {
  double factor = 1;
  for (const auto& scheduled : policy.spare.schedule) {
    if (now + lead >= scheduled.from && now < scheduled.until && std::isfinite(scheduled.factor)) {
      factor = std::max(factor, scheduled.factor);
    }
  }
  return std::min(factor, kLargestFactor);
}

std::vector<SpareCheck> CheckSpare(const CapacityPolicy& policy, const Packing& base,
                                   double factor) {
  std::vector<SpareCheck> checks;
  ForEach(policy, base, factor, [&](SpareCheck check) {
    checks.push_back(std::move(check));
    return true;
  });
  return checks;
}

bool SpareHolds(const CapacityPolicy& policy, const Packing& base, double factor) {
  bool holds = true;
  ForEach(policy, base, factor, [&](const SpareCheck& check) {
    holds = check.unplaced.empty();
    return holds;
  });
  return holds;
}

std::vector<Load> Merged(std::vector<Load> loads) {
  std::sort(loads.begin(), loads.end(),
            [](const Load& left, const Load& right) { return left.pod_class < right.pod_class; });
  std::vector<Load> merged;
  for (const auto& load : loads) {
    if (!merged.empty() && merged.back().pod_class == load.pod_class) {
      merged.back().pods += load.pods;
    } else {
      merged.push_back(load);
    }
  }
  return merged;
}

}  // namespace scaler::engine::capacity
