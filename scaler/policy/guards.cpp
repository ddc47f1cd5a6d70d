#include <optional>

#include "scaler/policy/reading.h"

namespace scaler::policy {
namespace {

using common::yaml::Node;
using common::yaml::Value;
using OnMissing = engine::Guards::OnMissing;
using namespace std::chrono_literals;

void ReadOnMissing(const Value& value, engine::Guards& guards) {
  if (value.Kind() != Node::Kind::kMap) {
    if (const auto hold = value.Enum<OnMissing>({{"hold", OnMissing::kHold}})) {
      guards.on_missing = *hold;
      guards.fallback_replicas = 0;
    }
    return;
  }
  auto map = value.AsMap();
  const auto replicas = map->Required("fallback").Int(1, kMostReplicas);
  map->Finish();
  if (replicas) {
    guards.on_missing = OnMissing::kFallback;
    guards.fallback_replicas = *replicas;
  }
}

void ReadBlueGreen(const Value& value, Terms& terms) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto hold = map->Required("hold").Duration(1s, 24h);
  const auto label = map->Optional("peerLabel");
  map->Finish();
  if (hold) {
    terms.policy.guards.blue_green = engine::BlueGreen{*hold};
  }
  terms.peer_label = label ? ReadLabelKey(label) : "trimtab.io/peer";
}

}  // namespace

void ReadGuards(const Value& value, Terms& terms) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  auto& guards = terms.policy.guards;
  guards.hold_in_crash_loop = map->Optional("crashLoop")
                                  .Enum<bool>({{"hold", true}, {"ignore", false}})
                                  .value_or(guards.hold_in_crash_loop);
  guards.ignore_unready_rollout =
      map->Optional("rollout")
          .Enum<bool>({{"ignoreUnready", true}, {"countUnready", false}})
          .value_or(guards.ignore_unready_rollout);
  guards.stale_after = map->Optional("staleAfter").Duration(1s, 1h).value_or(guards.stale_after);
  ReadOnMissing(map->Optional("onMissing"), guards);
  guards.damp_flapping = map->Optional("flapping")
                             .Enum<bool>({{"damp", true}, {"ignore", false}})
                             .value_or(guards.damp_flapping);
  ReadBlueGreen(map->Optional("blueGreen"), terms);
  map->Finish();
}

}  // namespace scaler::policy
