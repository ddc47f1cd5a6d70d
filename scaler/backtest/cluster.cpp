#include "scaler/backtest/cluster.h"

#include <algorithm>

namespace scaler::backtest {
namespace {

// Cluster Autoscaler: --scan-interval and --scale-down-unneeded-time.
constexpr Duration kScanInterval = std::chrono::seconds(10);
constexpr Duration kUnneededTime = std::chrono::minutes(10);

int NodesFor(int pods, const World& world) {
  return (pods + world.pods_per_node - 1) / world.pods_per_node;
}

}  // namespace

Cluster::Cluster(const World& world, int replicas)
    : world_(world), ready_(replicas), nodes_(std::max(1, NodesFor(replicas, world))) {}

double Cluster::Nodes() const {
  return world_.nodes ? nodes_ + nodes_coming_
                      : static_cast<double>(Placed()) / world_.pods_per_node;
}

std::optional<int> Cluster::Room() const {
  return world_.nodes ? std::optional(std::max(0, nodes_ * world_.pods_per_node - Desired()))
                      : std::nullopt;
}

bool Cluster::Settled() const {
  return starting_ == 0 && waiting_ == 0 && nodes_coming_ == 0 &&
         (!world_.nodes || std::max(1, NodesFor(ready_, world_)) == nodes_);
}

void Cluster::Advance(Duration now) {
  while (!starts_.empty() && starts_.front().ready_at <= now) {
    ready_ += starts_.front().pods;
    starting_ -= starts_.front().pods;
    starts_.pop_front();
  }
  while (!node_starts_.empty() && node_starts_.front().ready_at <= now) {
    nodes_ += node_starts_.front().pods;
    nodes_coming_ -= node_starts_.front().pods;
    node_starts_.pop_front();
  }
  Place(now);
}

void Cluster::SetDesired(int replicas, Duration now) {
  int fewer = Desired() - replicas;
  if (fewer < 0) {
    waiting_ -= fewer;
    Place(now);
  } else {
    const int unplaced = std::min(fewer, waiting_);
    waiting_ -= unplaced;
    fewer -= unplaced;
    while (fewer > 0 && !starts_.empty()) {
      auto& youngest = starts_.back();
      const int ended = std::min(fewer, youngest.pods);
      youngest.pods -= ended;
      starting_ -= ended;
      fewer -= ended;
      if (youngest.pods == 0) {
        starts_.pop_back();
      }
    }
    ready_ -= fewer;
  }
  if (world_.nodes && now % kScanInterval == Duration{}) {
    ScaleNodes(now);
  }
}

void Cluster::Place(Duration now) {
  const int room = world_.nodes ? std::max(0, nodes_ * world_.pods_per_node - Placed()) : waiting_;
  const int placed = std::min(waiting_, room);
  if (placed > 0) {
    waiting_ -= placed;
    starting_ += placed;
    starts_.push_back({now + world_.pod_start, placed});
  }
}

void Cluster::ScaleNodes(Duration now) {
  const int needed = NodesFor(Desired(), world_);
  const int missing = needed - nodes_ - nodes_coming_;
  if (missing > 0) {
    nodes_coming_ += missing;
    node_starts_.push_back({now + world_.node_start, missing});
  }
  if (needed >= nodes_ || nodes_coming_ > 0 || waiting_ > 0) {
    unneeded_since_.reset();
  } else if (!unneeded_since_) {
    unneeded_since_ = now;
  } else if (now - *unneeded_since_ >= kUnneededTime) {
    nodes_ = std::max(1, needed);
    unneeded_since_.reset();
  }
}

}  // namespace scaler::backtest
