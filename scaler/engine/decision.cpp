#include "scaler/engine/decision.h"

#include <array>
#include <cstddef>

namespace scaler::engine {
namespace {

std::string Whole(double number) { return std::to_string(static_cast<long long>(number)); }

std::string Seconds(double seconds) { return Whole(seconds) + " s"; }

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kScaled:
      return "scaled";
    case Outcome::kKept:
      return "kept";
    case Outcome::kHeld:
      return "held";
    case Outcome::kDryRun:
      return "dry_run";
  }
  return "unknown";
}

std::string_view RuleName(Rule rule) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(kLastRule) + 1> kNames = {
      "missing_input",
      "fallback",
      "crash_loop",
      "rollout",
      "latency",
      "flapping",
      "stabilization_up",
      "stabilization_down",
      "idle",
      "keep_warm",
      "wake",
      "rate_limit_up",
      "rate_limit_down",
      "blue_green_match",
      "blue_green_hold",
      "redundancy",
      "schedule_min",
      "schedule_max",
      "min",
      "max",
      "group_cap"};
  return kNames[static_cast<std::size_t>(rule)];
}

std::string Why(const Clamp& clamp) {
  switch (clamp.rule) {
    case Rule::kMissingInput:
      return "missing input never scales down";
    case Rule::kFallback:
      return "input is missing, and guards.fallback says so";
    case Rule::kCrashLoop:
      return Whole(clamp.amount) + " replicas do not stay up; more of them would not either";
    case Rule::kRollout:
      return "a roll-out is under way: " + Whole(clamp.amount) + " replicas are not ready yet";
    case Rule::kLatency:
      return "requests are slower than signals.latency allows";
    case Rule::kFlapping:
      return clamp.detail.empty()
                 ? "it has changed direction " + Whole(clamp.amount) + " times lately"
                 : "it went up only " + Seconds(clamp.amount) + " ago, and this is " + clamp.detail;
    case Rule::kStabilizationUp:
      return "the smallest recommendation of the last " + Seconds(clamp.amount);
    case Rule::kStabilizationDown:
      return "the largest recommendation of the last " + Seconds(clamp.amount);
    case Rule::kIdle:
      return clamp.to == 0 ? "nobody has come for " + Seconds(clamp.amount)
                           : "idle for only " + Seconds(clamp.amount);
    case Rule::kKeepWarm:
      return "the tenant's visits say that the next one is due in " + Seconds(clamp.amount);
    case Rule::kWake:
      return "requests have come";
    case Rule::kRateLimitUp:
      return "scaleUp allows no more yet";
    case Rule::kRateLimitDown:
      return "scaleDown allows no fewer yet";
    case Rule::kBlueGreenMatch:
      return clamp.detail + " serves with so many, and this one is to take over";
    case Rule::kBlueGreenHold:
      return clamp.detail + " has served for only " + Seconds(clamp.amount);
    case Rule::kRedundancy:
      return "placement wants so many while it runs";
    case Rule::kScheduleMin:
    case Rule::kScheduleMax:
      return "the schedule " + clamp.detail;
    case Rule::kMin:
      return "replicas.min";
    case Rule::kMax:
      return "replicas.max";
    case Rule::kGroupCap:
      return "the share of the group " + clamp.detail;
  }
  return "unknown";
}

}  // namespace scaler::engine
