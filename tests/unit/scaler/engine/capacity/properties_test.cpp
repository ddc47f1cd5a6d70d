// What holds in every cluster, however odd.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "scaler/codec/capacity.h"
#include "scaler/engine/capacity/packing.h"
#include "scaler/engine/capacity/spare.h"
#include "unit/scaler/engine/capacity/cluster.h"

namespace scaler::engine::capacity {
namespace {

using std::chrono::seconds;

/// All of the range, also in the first cases, which rapidcheck would keep small.
int Range(int from, int until) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(from, until));
}
bool Maybe() { return *rc::gen::arbitrary<bool>(); }

const char* AnyZone() { return *rc::gen::element("a", "b", "c"); }

void AddAnyNodes(Cluster& cluster, bool calm) {
  const int nodes = Range(0, 9);
  for (int i = 0; i < nodes; ++i) {
    const auto* zone = AnyZone();  // By itself: compilers differ in which argument they make first.
    auto& node = cluster.AddNode(zone, Maybe() ? "spot" : "dedicated");
    switch (calm ? 8 : Range(0, 8)) {
      case 0:
        node.ready = false;
        node.booting_since = cluster.observation.now - seconds(Range(0, 2000));
        break;
      case 1:
        node.notice_until = cluster.observation.now + seconds(Range(0, 130));
        break;
      case 2:
        node.draining = true;
        break;
      case 3:
        node.cordoned = true;
        break;
      case 4:
        node.ready = false;
        break;
      default:
        break;
    }
  }
}

void AddAnyPods(Cluster& cluster, bool calm) {
  const int workloads = Range(0, 4);
  for (int i = 0; i < workloads; ++i) {
    const double cores = Range(1, 9) / 2.0;
    auto& workload = cluster.AddWorkload("w" + std::to_string(i), cores, Range(0, calm ? 3 : 7));
    workload.spot = *rc::gen::element(Placement::Spot::kPrefer, Placement::Spot::kPrefer,
                                      Placement::Spot::kNever, Placement::Spot::kOnly);
    workload.min_nodes = Range(1, 3);
    workload.min_zones = Range(1, 3);
    workload.movable = Range(0, 5) > 0;
    if (Range(0, 4) == 0) {
      workload.disruptions_allowed = Range(0, 2);
    }
  }
  const auto& nodes = cluster.observation.nodes;
  for (auto& pod : cluster.observation.pods) {
    if (!nodes.empty() && (calm || Range(0, 4) > 0)) {
      pod.node = nodes[static_cast<std::size_t>(Range(0, static_cast<int>(nodes.size())))].name;
    }
  }
}

void AddAnyEvents(Cluster& cluster) {
  const int events = Range(0, 6);
  for (int i = 0; i < events; ++i) {
    Event event;
    event.at = cluster.observation.now - seconds(Range(0, 400));
    event.kind =
        *rc::gen::element(Event::Kind::kLaunched, Event::Kind::kFailed, Event::Kind::kStockOut,
                          Event::Kind::kQuota, Event::Kind::kInterrupted);
    event.pool = Maybe() ? "spot" : "dedicated";
    event.zone = AnyZone();
    event.nodes = Range(1, 4);
    event.seconds = Range(0, 300);
    cluster.observation.events.push_back(std::move(event));
  }
}

/// `calm`: every node is ready and every pod on one.
Cluster AnyCluster(bool calm = false) {
  Cluster cluster;
  cluster.WithSpot({.share = Range(0, 11) / 10.0,
                    .min_dedicated_nodes = Range(0, 3),
                    .fallback_after = seconds(Range(1, 200)),
                    .return_after = seconds(Range(1, 2000))});
  if (Maybe()) {
    cluster.policy.spot.reset();
  }
  for (auto& pool : cluster.policy.pools) {
    pool.max_nodes = Range(0, 12);
    pool.min_nodes = Range(0, pool.max_nodes + 1);
  }
  if (Maybe()) {
    cluster.policy.spare.survive = Survive{.per_zone = Maybe()};
  }
  if (Maybe()) {
    cluster.policy.spare.shapes = {{"s", Range(1, 9) / 2.0, kGiB, Range(1, 4)}};
  }
  cluster.policy.disruption = {.nodes_at_once = Range(0, 4), .nodes_per_hour = Range(0, 6)};
  for (auto& offer : cluster.observation.offers) {
    if (Range(0, 5) == 0) {
      offer.ordered = Range(1, 3);
      offer.ordered_since = cluster.observation.now - seconds(Range(0, 300));
    }
  }
  AddAnyNodes(cluster, calm);
  AddAnyPods(cluster, calm);
  AddAnyEvents(cluster);
  // So that what only shows after a while does.
  const auto since = cluster.observation.now - seconds(Range(0, 400));
  for (const auto& node : cluster.observation.nodes) {
    cluster.state.unneeded.push_back({node.name, since});
  }
  std::sort(cluster.state.unneeded.begin(), cluster.state.unneeded.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  if (Maybe()) {
    cluster.state.drained = {{cluster.observation.now - seconds(Range(0, 4000)), Range(1, 4)}};
  }
  return cluster;
}

CapacityStep Decided(const Cluster& cluster) {
  return DecideCapacity(cluster.policy, cluster.state, cluster.observation);
}

bool Voluntary(const Action& action) {
  return action.kind == Action::Kind::kDrain && action.reason != Reason::kNotice;
}

RC_GTEST_PROP(CapacityProperties, PoolsStayWithinTheirBounds, ()) {
  const auto cluster = AnyCluster();
  const auto step = Decided(cluster);
  for (const auto& pool : cluster.policy.pools) {
    int all = 0;
    int ready = 0;
    for (const auto& node : cluster.observation.nodes) {
      all += node.pool == pool.name;
      ready += node.pool == pool.name && node.ready && !node.cordoned && !node.draining &&
               !node.notice_until;
    }
    for (const auto& offer : cluster.observation.offers) {
      all += offer.pool == pool.name ? offer.ordered : 0;
    }
    int added = 0;
    int drained = 0;
    for (const auto& action : step.decision.actions) {
      added += action.pool == pool.name && action.kind == Action::Kind::kAdd ? action.nodes : 0;
      drained += action.pool == pool.name && Voluntary(action);
    }
    RC_ASSERT(added == 0 || all + added <= pool.max_nodes);
    RC_ASSERT(drained == 0 || ready - drained >= pool.min_nodes);
  }
}

RC_GTEST_PROP(CapacityProperties, NeverMoreIsDisruptedThanTheBudgetAllows, ()) {
  const auto cluster = AnyCluster();
  const auto step = Decided(cluster);
  const auto drains = static_cast<int>(
      std::count_if(step.decision.actions.begin(), step.decision.actions.end(), Voluntary));
  int draining = 0;
  for (const auto& node : cluster.observation.nodes) {
    draining += node.draining && !node.notice_until;
  }
  int in_hour = 0;
  for (const auto& drained : cluster.state.drained) {
    in_hour += cluster.observation.now - drained.at < std::chrono::hours(1) ? drained.nodes : 0;
  }
  const auto& budget = cluster.policy.disruption;
  RC_ASSERT(drains == 0 || drains + draining <= budget.nodes_at_once);
  RC_ASSERT(drains == 0 || drains + in_hour <= budget.nodes_per_hour);
}

/// The cluster once the pods of what is drained are where they are to go.
RC_GTEST_PROP(CapacityProperties, WhatIsDrainedLeavesRoomForAllAndTheSpare, ()) {
  auto cluster = AnyCluster(true);
  cluster.policy.disruption = {.nodes_at_once = 3, .nodes_per_hour = 20};
  for (auto& pool : cluster.policy.pools) {
    pool.min_nodes = 0;
    pool.max_nodes = 20;
  }
  for (auto& workload : cluster.observation.workloads) {
    workload.movable = true;
  }
  const auto step = Decided(cluster);
  auto after = cluster.observation;
  bool any = false;
  for (const auto& action : step.decision.actions) {
    for (auto& node : after.nodes) {
      if (Voluntary(action) && node.name == action.node) {
        node.draining = true;
        any = true;
      }
    }
  }
  RC_CLASSIFY(any, "drained");
  if (!any) {
    return;
  }
  const auto world = Prepare(cluster.policy, step.state, after);
  Packing packing(world, Packing::Which::kReady);
  std::vector<Load> waiting;
  for (std::size_t i = 0; i < world.classes.size(); ++i) {
    waiting.push_back({static_cast<int>(i), world.classes[i].waiting});
  }
  RC_ASSERT(packing.PlaceAll(waiting).empty());
  RC_ASSERT(SpareHolds(cluster.policy, packing, 1));
}

RC_GTEST_PROP(CapacityProperties, OnlyEmptyNodesAreRemovedAndOnlyByName, ()) {
  const auto cluster = AnyCluster();
  for (const auto& action : Decided(cluster).decision.actions) {
    if (action.kind != Action::Kind::kRemove) {
      continue;
    }
    RC_ASSERT(std::none_of(cluster.observation.pods.begin(), cluster.observation.pods.end(),
                           [&](const Pod& pod) { return pod.node == action.node; }));
    RC_ASSERT(std::count_if(cluster.observation.nodes.begin(), cluster.observation.nodes.end(),
                            [&](const Node& node) { return node.name == action.node; }) == 1);
  }
}

RC_GTEST_PROP(CapacityProperties, TheOrderOfTheListsChangesNothing, ()) {
  auto cluster = AnyCluster();
  const auto step = Decided(cluster);
  auto& observation = cluster.observation;
  const auto turn = [](auto& list) {
    std::reverse(list.begin(), list.end());
    if (!list.empty()) {
      std::rotate(list.begin(), list.begin() + Range(0, static_cast<int>(list.size())), list.end());
    }
  };
  turn(observation.nodes);
  turn(observation.pods);
  turn(observation.workloads);
  turn(observation.offers);
  turn(observation.events);
  const auto again = Decided(cluster);
  RC_ASSERT(codec::EncodeCapacityDecision(again.decision) ==
            codec::EncodeCapacityDecision(step.decision));
  RC_ASSERT(again.state == step.state);
}

RC_GTEST_PROP(CapacityProperties, ALineReplaysByteForByte, ()) {
  const auto cluster = AnyCluster();
  auto step = Decided(cluster);
  const codec::CapacityLine line{cluster.policy, cluster.state, cluster.observation, step.decision};
  const auto text = codec::EncodeCapacityLine(line);
  const auto read = codec::DecodeCapacityLine(text);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == line);
  RC_ASSERT(codec::EncodeCapacityLine(*read) == text);
  RC_ASSERT(codec::Replays(*read));
  const auto state = codec::DecodeCapacityState(codec::EncodeCapacityState(step.state));
  RC_ASSERT(state.has_value());
  RC_ASSERT(*state == step.state);
}

RC_GTEST_PROP(CapacityProperties, OnlyTimePassedCountsNotTheTimeOfDay, ()) {
  auto cluster = AnyCluster();
  const auto step = Decided(cluster);
  const auto by = seconds(Range(1, 100'000'000));
  auto& observation = cluster.observation;
  observation.now += by;
  for (auto& node : observation.nodes) {
    for (auto* time : {&node.booting_since, &node.notice_until}) {
      if (*time) {
        **time += by;
      }
    }
  }
  for (auto& offer : observation.offers) {
    if (offer.ordered_since) {
      *offer.ordered_since += by;
    }
  }
  for (auto& event : observation.events) {
    event.at += by;
  }
  for (auto& drained : cluster.state.drained) {
    drained.at += by;
  }
  for (auto& unneeded : cluster.state.unneeded) {
    unneeded.since += by;
  }
  auto moved = Decided(cluster).decision;
  moved.at -= by;
  for (auto& action : moved.actions) {
    if (action.deadline) {
      *action.deadline -= by;
    }
  }
  RC_ASSERT(moved == step.decision);
}

/// Puts back what was learned: as if there were nothing more to learn.
void ForgetSince(const CapacityState& then, CapacityState& state) {
  state.places = then.places;
  state.watched = then.watched;
  state.short_of_nodes = then.short_of_nodes;
  state.zone_losses = then.zone_losses;
  state.coinciding_losses = then.coinciding_losses;
}

/// While the work stays and nothing new is learned (the mix of spot follows the hazards, for days)
/// there comes an end to what is done.
RC_GTEST_PROP(CapacityProperties, ItConverges, ()) {
  constexpr int kLearningSteps = 90;
  constexpr int kMostSteps = 660;
  /// Longer than anything in the policies of AnyCluster() is waited for.
  constexpr int kQuietSteps = 135;
  auto cluster = AnyCluster();
  cluster.policy.disruption = {.nodes_at_once = 2, .nodes_per_hour = 1000};
  for (auto& offer : cluster.observation.offers) {
    offer.ordered = 0;
    offer.ordered_since.reset();
  }
  for (auto& node : cluster.observation.nodes) {
    node.ready = true;
    node.booting_since.reset();
    node.notice_until.reset();
  }
  for (int i = 0; i < kLearningSteps; ++i) {
    cluster.Step(seconds(20));
  }
  const auto learned = cluster.state;
  int quiet = 0;
  for (int i = 0; i < kMostSteps && quiet < kQuietSteps; ++i) {
    cluster.Step(seconds(20));
    ForgetSince(learned, cluster.state);
    quiet = cluster.last.actions.empty() ? quiet + 1 : 0;
  }
  RC_ASSERT(quiet == kQuietSteps);
}

TEST(CapacityState, OfAHundredPlacesIsUnderSixteenKiB) {
  Cluster cluster;
  cluster.WithSpot({.share = 0.8});
  cluster.observation.offers.clear();
  for (int zone = 0; zone < 50; ++zone) {
    for (const auto* pool : {"dedicated", "spot"}) {
      Offer offer;
      offer.pool = pool;
      offer.zone = "eu-central-" + std::to_string(zone);
      offer.kind = Cluster::KindOf(CapacityType::kSpot);
      cluster.observation.offers.push_back(offer);
      for (const auto kind : {Event::Kind::kLaunched, Event::Kind::kInterrupted,
                              Event::Kind::kQuota, Event::Kind::kLaunched}) {
        cluster.observation.events.push_back(
            {cluster.observation.now, kind, pool, offer.zone, 1, 123.4567});
      }
    }
  }
  for (int i = 0; i < 60; ++i) {
    cluster.AddNode("a").name = "ip-10-0-123-" + std::to_string(i) + ".eu-central-1.compute";
    cluster.state.drained.push_back({cluster.observation.now - std::chrono::minutes(60 - i), 3});
  }
  cluster.Step(seconds(7));
  cluster.Step(seconds(7));
  for (std::size_t i = 0; i < CapacityState::kMostFailedDrains; ++i) {
    cluster.state.failed_drains.push_back(
        {cluster.observation.nodes[i].name, cluster.observation.now, 4'000'000'000U});
  }
  EXPECT_EQ(cluster.state.places.size(), 100u);
  EXPECT_FALSE(cluster.state.unneeded.empty());
  EXPECT_LT(codec::EncodeCapacityState(cluster.state).size(), 16u * 1024);
}

}  // namespace
}  // namespace scaler::engine::capacity
