#pragma once

#include "scaler/engine/policy.h"

namespace scaler::engine {

/// Whether something that costs capacity has paid for itself lately: at each trial it is reckoned
/// what it would have saved, whether it is in use or not. In cycles, so that one good moment proves
/// nothing.
struct Proof {
  Time began{};        ///< Of the cycle of now.
  double gain = 0;     ///< In the cycle of now, requests per second and trial.
  double balance = 0;  ///< Of the cycles before, of which old ones fade.
  double wins = 0;     ///< Cycles that gained, fading alike.
  int cycles = 0;      ///< That have ended, as far as anybody asks.

  friend bool operator==(const Proof&, const Proof&) = default;
};

/// What it takes.
struct ProofRule {
  Duration cycle{};
  double keeps = 0;  ///< The share of the past that is left after another cycle.
  int cycles = 0;    ///< At least so many have ended,
  double wins = 0;   ///< and so many of them gained.
};

/// What `provided` (requests per second) cost at `price` a unit, when there was `demand`: the
/// newsvendor's cost, in requests per second.
[[nodiscard]] double CostOf(double provided, double demand, double price);

/// Adds what a trial has gained.
void Account(Time at, double gain, const ProofRule& rule, Proof& proof);

[[nodiscard]] bool IsProven(const Proof& proof, const ProofRule& rule);

}  // namespace scaler::engine
