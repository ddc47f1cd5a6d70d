#include <optional>

#include "scaler/policy/reading.h"
#include "scaler/policy/terms.h"

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

void ReadGuards(const Value& value, Terms& terms, GuardsPatch& patch) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto read = [&](const char* key, const char* on, const char* off, auto& to) {
    if (const auto given = map->Optional(key).template Enum<bool>({{on, true}, {off, false}})) {
      to = given;
    }
  };
  read("crashLoop", "hold", "ignore", patch.hold_in_crash_loop);
  read("rollout", "ignoreUnready", "countUnready", patch.ignore_unready_rollout);
  read("flapping", "damp", "ignore", patch.damp_flapping);
  auto& guards = terms.policy.guards;
  guards.stale_after = map->Optional("staleAfter").Duration(1s, 1h).value_or(guards.stale_after);
  ReadOnMissing(map->Optional("onMissing"), guards);
  ReadBlueGreen(map->Optional("blueGreen"), terms);
  map->Finish();
}

void Apply(const GuardsPatch& patch, Profile profile, engine::Guards& guards) {
  const bool usual = GuardsByDefault(profile);
  guards.hold_in_crash_loop = patch.hold_in_crash_loop.value_or(usual);
  guards.ignore_unready_rollout = patch.ignore_unready_rollout.value_or(usual);
  guards.damp_flapping = patch.damp_flapping.value_or(usual);
}

}  // namespace scaler::policy
