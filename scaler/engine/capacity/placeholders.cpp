#include "scaler/engine/capacity/placeholders.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "scaler/engine/capacity/spare.h"

namespace scaler::engine::capacity {
namespace {

constexpr std::string_view kInstanceType = "node.kubernetes.io/instance-type";

/// Others make the nodes, and nobody says how long they take. What a schedule adds is asked for so
/// much earlier: autoscalers of nodes need two to four minutes as a rule.
constexpr auto kLead = std::chrono::minutes(5);

constexpr int kMostPods = 100'000;
constexpr std::int64_t kMiB = 1024 * 1024;

int Times(int count, double factor) {
  return static_cast<int>(std::clamp(std::ceil(count * factor - 1e-9), 0.0, double{kMostPods}));
}

std::string_view TypeOf(const Node& node) {
  for (const auto& label : node.kind.labels) {
    if (label.key == kInstanceType) {
      return label.value;
    }
  }
  return node.name;
}

/// What every node of a type has in a zone.
struct Room {
  const NodeView* first = nullptr;
  Amount least{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max(),
               0};
};

/// The largest, of one zone or (-1) of all.
Room Largest(const World& world, int zone) {
  std::map<std::string_view, Room> rooms;
  for (const auto& view : world.nodes) {
    if (zone >= 0 && view.zone != zone) {
      continue;
    }
    auto& room = rooms[TypeOf(*view.node)];
    room.first = room.first == nullptr ? &view : room.first;
    room.least.cpu_milli = std::min(room.least.cpu_milli, view.room.cpu_milli);
    room.least.memory_bytes = std::min(room.least.memory_bytes, view.room.memory_bytes);
  }
  Room largest;
  for (const auto& [type, room] : rooms) {
    if (largest.first == nullptr || world.Dominant(room.least) > world.Dominant(largest.least)) {
      largest = room;
    }
  }
  return largest;
}

void AddLoss(const World& world, int zone, int pods, std::vector<Placeholder>& placeholders) {
  const auto room = Largest(world, zone);
  if (room.first == nullptr || room.least.cpu_milli <= 0 || room.least.memory_bytes < kMiB) {
    return;
  }
  Placeholder placeholder;
  placeholder.name = "loss";
  if (zone >= 0 && !world.zones[static_cast<std::size_t>(zone)].empty()) {
    placeholder.zone = world.zones[static_cast<std::size_t>(zone)];
    placeholder.name += "-" + placeholder.zone;
  }
  placeholder.cpu_cores = static_cast<double>(room.least.cpu_milli) / 1000;
  placeholder.memory_bytes = static_cast<double>(room.least.memory_bytes / kMiB * kMiB);
  placeholder.tolerations = room.first->node->kind.taints;
  placeholder.pods = pods;
  placeholders.push_back(std::move(placeholder));
}

}  // namespace

std::vector<Placeholder> PlanPlaceholders(const CapacityPolicy& policy, const World& world,
                                          Time now) {
  std::vector<Placeholder> placeholders;
  const auto& spare = policy.spare;
  if (spare.by != Spare::By::kPlaceholderPods) {
    return placeholders;
  }
  const double factor = SpareFactor(policy, now, kLead);
  if (spare.survive && !spare.survive->per_zone) {
    AddLoss(world, -1, Times(1, factor), placeholders);
  } else if (spare.survive) {
    for (std::size_t zone = 0; zone < world.zones.size(); ++zone) {
      AddLoss(world, static_cast<int>(zone), Times(1, factor), placeholders);
    }
  }
  for (const auto& shape : spare.shapes) {
    Placeholder placeholder;
    placeholder.name = "shape-" + shape.name;
    placeholder.cpu_cores = shape.cpu_cores;
    placeholder.memory_bytes = shape.memory_bytes;
    placeholder.pods = Times(shape.count, factor);
    placeholders.push_back(std::move(placeholder));
  }
  return placeholders;
}

}  // namespace scaler::engine::capacity
