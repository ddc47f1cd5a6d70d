#include "scaler/engine/proof.h"

#include <algorithm>

namespace scaler::engine {

double CostOf(double provided, double demand, double price) {
  return price * provided + std::max(demand - provided, 0.0);
}

void Account(Time at, double gain, const ProofRule& rule, Proof& proof) {
  if (proof.began == Time{}) {
    proof.began = at;
  }
  if (at - proof.began >= rule.cycle) {
    proof.balance = proof.balance * rule.keeps + proof.gain;
    proof.wins = proof.wins * rule.keeps + (proof.gain > 0 ? 1 : 0);
    proof.cycles = std::min(proof.cycles + 1, rule.cycles);
    proof.gain = 0;
    proof.began = at;
  }
  proof.gain += gain;
}

bool IsProven(const Proof& proof, const ProofRule& rule) {
  return proof.cycles >= rule.cycles && proof.wins >= rule.wins && proof.balance + proof.gain > 0;
}

}  // namespace scaler::engine
