#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/backtest/rule.h"
#include "scaler/engine/decide.h"
#include "scaler/policy/scaling_policy.h"

namespace scaler::backtest {

/// The policy as far as a history of requests can play it: active, and without signals of which
/// the history says nothing. `notes` is told what was left out, a sentence each. invalid_argument
/// where no signal remains.
[[nodiscard]] common::Result<engine::Policy> Playable(engine::Policy policy,
                                                      std::vector<std::string>& notes);

/// The same for the terms and the overrides of a document.
[[nodiscard]] common::Result<policy::ScalingPolicy> PlayableDocument(
    policy::ScalingPolicy document, std::vector<std::string>& notes);

/// The terms of a document for one series: of its first override whose selector matches the
/// series' labels, else its own. Its target is not asked: whoever backtests it, means it.
[[nodiscard]] const policy::Terms& TermsFor(const policy::ScalingPolicy& document,
                                            const policy::Labels& labels);

/// The engine, deciding by a policy at every step, as the scaler's loop asks it; but for long
/// stretches without demand and replicas, in which each decision would be the one before it.
class PolicyRule final : public Rule {
 public:
  /// `schedules`: of the terms that `playable` was made from.
  PolicyRule(const World& world, engine::Policy playable,
             std::vector<policy::BoundsSchedule> schedules);

  [[nodiscard]] Duration Delay() const override { return world_.metric_delay; }
  [[nodiscard]] int Begin(double rate) override;
  [[nodiscard]] Answer Decide(const Look& look) override;

  /// From now on what was decided can be decided again with a group's share.
  void JoinGroup() { keeps_before_ = true; }

  /// The last decision again, from the same memory, with a share. Only after JoinGroup.
  [[nodiscard]] Answer DecideWithin(const Look& look, const engine::GroupShare& share);

  [[nodiscard]] const engine::Decision* Why() const override { return &last_; }
  [[nodiscard]] const engine::Policy& Policy() const { return policy_; }
  /// What it was made from.
  [[nodiscard]] const engine::Observation& LastObservation() const { return observation_; }
  [[nodiscard]] const engine::State& State() const { return state_; }

 private:
  void Observe(const Look& look);
  void TakeSchedule(Time now);
  [[nodiscard]] Answer Ask(engine::State state);
  [[nodiscard]] bool MayRest(const Look& look) const;
  [[nodiscard]] Time SteadyUntil(const Look& look);

  World world_;
  engine::Policy policy_;
  std::vector<policy::BoundsSchedule> schedules_;
  Time scheduled_until_{};
  bool describes_pods_;
  engine::State before_;  ///< The last decision, where it may have to be taken again.
  engine::State state_;
  engine::Observation observation_;
  engine::Decision last_;
  bool keeps_before_ = false;
  Duration longest_window_{};     ///< Of the policy's behavior.
  engine::State rested_;          ///< As it was when it last changed without demand,
  std::optional<Time> rests_at_;  ///< and when that was; empty: there is demand, or something runs.
};

}  // namespace scaler::backtest
