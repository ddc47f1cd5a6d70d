#include "scaler/engine/capacity/decision.h"

#include <array>
#include <cstddef>

namespace scaler::engine::capacity {
namespace {

struct Words {
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array<Words, static_cast<std::size_t>(kLastReason) + 1> kReasons = {{
    {"min_nodes", "nodes.min of the pool"},
    {"dedicated_floor", "so many must not be spot"},
    {"spot_share", "the mix of spot and on-demand"},
    {"fallback", "on-demand stands in for spot"},
    {"probe", "to learn whether spot is to be had again"},
    {"pending_pods", "pods fit nowhere"},
    {"spare", "what must still fit does not"},
    {"notice", "the provider takes it"},
    {"return", "spot is there again"},
    {"unneeded", "what runs on it fits elsewhere"},
    {"drained", "it is empty"},
    {"needed_again", "work has come for it"},
    {"never_ready", "it was asked for long ago and is not ready yet"},
    {"unwanted", "somebody wants it emptied"},
    {"withdrawn", "the provider does not take it after all"},
}};

constexpr std::array<Words, static_cast<std::size_t>(kLastLimit) + 1> kLimits = {{
    {"max_nodes", "nodes.max of the pool"},
    {"stock_out", "the provider has none now"},
    {"quota", "the provider's quota is used up"},
    {"backoff", "a launch has failed a moment ago"},
    {"no_offer", "no pool makes a node on which they fit"},
    {"min_nodes", "nodes.min of the pool"},
    {"dedicated_floor", "so many on-demand nodes must stay"},
    {"spot_target", "so many spot nodes should stay"},
    {"nodes_at_once", "disruption.nodesAtOnce"},
    {"nodes_per_hour", "disruption.nodesPerHour"},
    {"cooldown", "nodes were added a moment ago"},
    {"not_unneeded_long", "it has been unneeded for a moment only"},
    {"drain_failed", "its pods were to move before, and found no room"},
    {"no_room_elsewhere", "its pods fit nowhere else"},
    {"unmovable", "a pod on it may not be moved now"},
    {"spare_would_break", "what must still fit would not"},
    {"spare_broken", "what must still fit does not, so nothing is taken away"},
    {"frozen", "nobody may change anything now"},
}};

std::string Nodes(int count) { return std::to_string(count) + (count == 1 ? " node" : " nodes"); }

std::string Where(const std::string& pool, const std::string& zone) {
  return pool + (zone.empty() ? "" : " in " + zone);
}

std::string Pods(const std::vector<Unplaced>& unplaced) {
  std::string text;
  for (const auto& each : unplaced) {
    text += (text.empty() ? "" : ", ") + std::to_string(each.pods) + " of " + each.what;
  }
  return text;
}

}  // namespace

std::string_view ReasonName(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)].name;
}

std::string_view LimitName(Limit limit) { return kLimits[static_cast<std::size_t>(limit)].name; }

std::string_view ActionName(Action::Kind kind) {
  static constexpr std::array<std::string_view, 4> kNames = {"add", "drain", "uncordon", "remove"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string Sentence(const Action& action) {
  const std::string why(kReasons[static_cast<std::size_t>(action.reason)].sentence);
  if (action.kind == Action::Kind::kAdd) {
    return "add " + Nodes(action.nodes) + " to " + Where(action.pool, action.zone) + ": " + why;
  }
  return std::string(ActionName(action.kind)) + " " + action.node +
         (action.pool.empty() ? "" : " of ") + Where(action.pool, action.zone) + ": " + why;
}

std::string Sentence(const CapacityClamp& clamp) {
  const std::string why(kLimits[static_cast<std::size_t>(clamp.limit)].sentence);
  if (clamp.limit == Limit::kNoOffer) {
    return std::to_string(clamp.nodes) + " pods of " + clamp.node + " wait: " + why;
  }
  const std::string which = clamp.node.empty() ? "" : " (" + clamp.node + ")";
  const std::string where = clamp.pool.empty() ? "" : " of " + Where(clamp.pool, clamp.zone);
  return Nodes(clamp.nodes) + where + which + " not changed: " + why;
}

std::string Sentence(const SpareVerdict& verdict) {
  if (verdict.holds) {
    return verdict.what + " fits";
  }
  return verdict.what + " does not fit" +
         (verdict.on_its_way ? " until the nodes that come are ready" : "") +
         (verdict.missing.empty() ? "" : ": no room for " + Pods(verdict.missing));
}

}  // namespace scaler::engine::capacity
