#include "scaler/backtest/tuning/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/text.h"
#include "scaler/policy/document/node.h"

namespace scaler::backtest::tuning {
namespace {

using policy::document::Node;
using namespace std::chrono_literals;

const char* NameOf(policy::Profile profile) {
  return profile == policy::Profile::kFast ? "fast" : "steady";
}

std::string HoldText(const Hold& hold) {
  return hold.time ? common::FormatDuration(*hold.time) : hold.learned ? "learned" : "auto";
}

/// With a time, nothing is learned.
Hold HoldOf(const engine::Objective& objective) {
  return {objective.hold, !objective.hold && objective.learn_hold};
}

/// Three digits, so that people can read what they are to write.
double Rounded(double value) {
  const double digit = std::pow(10, std::floor(std::log10(value)) - 2);
  return std::round(value / digit) * digit;
}

std::string RateText(double rate) { return fmt::format("{:.6g}/s", rate); }

/// To `to` what is as `from` has it.
template <typename T>
void Move(const T& from, const T& to, T& value) {
  if (value == from) {
    value = to;
  }
}

void Apply(const Setting& from, const Setting& to, policy::Terms& terms) {
  auto& policy = terms.policy;
  if (to.profile && from.profile != to.profile) {
    policy.algorithm = policy::AlgorithmOf(*to.profile);
    policy.behavior = policy::BehaviorOf(*to.profile);
    policy.behavior.scale_down.stabilization_window = to.window;
  }
  Move(from.overload, to.overload, policy.objective.overload);
  if (HoldOf(policy.objective) == from.hold) {
    policy.objective.hold = to.hold.time;
    policy.objective.learn_hold = to.hold.time ? policy.objective.learn_hold : to.hold.learned;
  }
  Move(from.window, to.window, policy.behavior.scale_down.stabilization_window);
  if (policy.signals.requests) {
    Move(from.per_replica, to.per_replica, policy.signals.requests->per_replica_per_second);
  }
  if (policy.idle && from.idle_after && to.idle_after) {
    Move(*from.idle_after, *to.idle_after, policy.idle->after);
    Move(from.keep_warm, to.keep_warm, policy.idle->keep_warm);
  }
}

/// Adds `value` if it is not there, and what is there first stays first.
template <typename T>
void Add(std::vector<T>& values, const T& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    values.push_back(value);
  }
}

template <typename T, typename Values>
void Vary(const Setting& one, T Setting::*member, const Values& values, std::vector<Setting>& all) {
  for (const T value : values) {
    if (one.*member != value) {
      all.push_back(one);
      all.back().*member = value;
    }
  }
}

}  // namespace

Setting SettingOf(const policy::Terms& terms) {
  const auto& policy = terms.policy;
  Setting setting;
  setting.overload = policy.objective.overload;
  setting.hold = HoldOf(policy.objective);
  setting.window = policy.behavior.scale_down.stabilization_window;
  if (policy.signals.requests) {
    setting.per_replica = policy.signals.requests->per_replica_per_second;
  }
  if (policy.idle) {
    setting.idle_after = policy.idle->after;
    setting.keep_warm = policy.idle->keep_warm;
  }
  return setting;
}

policy::ScalingPolicy Changed(policy::ScalingPolicy document, const Setting& to) {
  const auto from = SettingOf(document.terms);
  Apply(from, to, document.terms);
  for (auto& one : document.overrides) {
    Apply(from, to, one.terms);
  }
  return document;
}

int Changes(const Setting& from, const Setting& to) {
  return static_cast<int>(from.profile != to.profile) +
         static_cast<int>(from.overload != to.overload) + static_cast<int>(from.hold != to.hold) +
         static_cast<int>(from.window != to.window) +
         static_cast<int>(from.per_replica != to.per_replica) +
         static_cast<int>(from.idle_after != to.idle_after) +
         static_cast<int>(from.keep_warm != to.keep_warm);
}

std::vector<std::string> ChangedKeys(const Setting& from, const Setting& to) {
  std::vector<std::string> keys;
  if (to.profile && from.profile != to.profile) {
    keys.push_back(fmt::format("profile: {}", NameOf(*to.profile)));
  }
  if (from.overload != to.overload) {
    keys.push_back(fmt::format("objective.overload: {:.6g}%", to.overload * 100));
  }
  if (from.hold != to.hold) {
    keys.push_back("objective.hold: " + HoldText(to.hold));
  }
  if (from.window != to.window) {
    keys.push_back(
        fmt::format("behavior.scaleDown.stabilizationWindowSeconds: {}",
                    std::chrono::duration_cast<std::chrono::seconds>(to.window).count()));
  }
  if (from.per_replica != to.per_replica) {
    keys.push_back("signals.requests.perReplica: " + RateText(*to.per_replica));
  }
  if (from.idle_after != to.idle_after) {
    keys.push_back("idle.after: " + common::FormatDuration(*to.idle_after));
  }
  if (from.keep_warm != to.keep_warm) {
    keys.push_back(fmt::format("idle.keepWarm: {}", to.keep_warm ? "auto" : "off"));
  }
  return keys;
}

std::string Patch(const Setting& from, const Setting& to) {
  Node root;
  for (const auto& key : ChangedKeys(from, to)) {
    const auto colon = key.find(": ");
    auto path = "spec." + key.substr(0, colon);
    Node* node = &root;
    for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.')) {
      const auto name = path.substr(0, dot);
      if (node->Find(name) == nullptr) {
        node->Set(name, Node::EmptyMap());
      }
      node = node->Find(name);
      path.erase(0, dot + 1);
    }
    const auto value = key.substr(colon + 2);
    const auto number = common::ParseUnsigned(value);
    node->Set(path, number ? Node(*number) : Node(value));
  }
  return policy::document::ToYaml(root);
}

Space::Space(const policy::Terms& standing, double overload, double capacity)
    : profiles{std::nullopt}, overloads{overload}, holds{}, windows{} {
  const auto now = SettingOf(standing);
  const auto& policy = standing.policy;
  for (const auto profile : {policy::Profile::kFast, policy::Profile::kSteady}) {
    if (policy.algorithm != policy::AlgorithmOf(profile) ||
        policy.behavior != policy::BehaviorOf(profile)) {
      profiles.emplace_back(profile);
    }
  }
  holds = {now.hold};
  for (const auto time : {0min, 2min, 5min, 10min, 20min, 60min}) {
    Add(holds, Hold{time, false});
  }
  Add(holds, Hold{{}, false});
  Add(holds, Hold{{}, true});
  windows = {now.window};
  for (const auto window : {0s, 15s, 30s, 60s, 120s, 300s, 600s}) {
    Add(windows, Duration(window));
  }
  per_replica = {now.per_replica};
  if (now.per_replica) {
    for (const double share : {1.0, 0.95, 0.9, 0.85, 0.8, 0.7}) {
      Add(per_replica, std::optional(Rounded(capacity * share)));
    }
  }
  idle_after = {now.idle_after};
  keep_warm = {now.keep_warm};
  if (now.idle_after) {
    for (const auto after : {1min, 2min, 5min, 10min, 20min, 60min}) {
      Add(idle_after, std::optional<Duration>(after));
    }
    Add(keep_warm, !now.keep_warm);
  }
}

std::vector<Setting> Space::Neighbours(const Setting& one) const {
  std::vector<Setting> all;
  Vary(one, &Setting::profile, profiles, all);
  for (auto& other : all) {
    // A profile comes with its own window.
    if (other.profile) {
      other.window = policy::BehaviorOf(*other.profile).scale_down.stabilization_window;
    }
  }
  Vary(one, &Setting::overload, overloads, all);
  Vary(one, &Setting::hold, holds, all);
  Vary(one, &Setting::window, windows, all);
  Vary(one, &Setting::per_replica, per_replica, all);
  Vary(one, &Setting::idle_after, idle_after, all);
  Vary(one, &Setting::keep_warm, keep_warm, all);
  return all;
}

}  // namespace scaler::backtest::tuning
