#include "scaler/engine/proof.h"

#include <gtest/gtest.h>

namespace scaler::engine {
namespace {

using std::chrono::minutes;

constexpr ProofRule kRule{.cycle = minutes(10), .keeps = 0.5, .cycles = 2, .wins = 1.4};

/// A trial each minute from `begin` on.
Time Trials(Time begin, int trials, double gain, Proof& proof) {
  for (int i = 0; i < trials; ++i) {
    Account(begin + i * minutes(1), gain, kRule, proof);
  }
  return begin + trials * minutes(1);
}

TEST(Proof, OneGoodMomentProvesNothing) {
  Proof proof;
  auto at = Trials(Time(minutes(5)), 10, 0, proof);
  at = Trials(at, 1, 1000, proof);
  Trials(at, 60, 0, proof);
  EXPECT_FALSE(IsProven(proof, kRule));
}

TEST(Proof, WhatGainsAgainAndAgainIsProven) {
  Proof proof;
  const auto at = Trials(Time(minutes(5)), 20, 1, proof);
  EXPECT_FALSE(IsProven(proof, kRule));
  Trials(at, 1, 1, proof);
  EXPECT_TRUE(IsProven(proof, kRule));
}

TEST(Proof, ItEndsWhenItCostsMoreThanItHasGained) {
  Proof proof;
  auto at = Trials(Time(minutes(5)), 40, 1, proof);
  EXPECT_TRUE(IsProven(proof, kRule));
  at = Trials(at, 9, -5, proof);
  EXPECT_FALSE(IsProven(proof, kRule));
}

TEST(Proof, RoomCostsItsPriceAndARequestWithoutRoomOne) {
  EXPECT_DOUBLE_EQ(CostOf(100, 80, 0.01), 1);
  EXPECT_DOUBLE_EQ(CostOf(100, 130, 0.01), 31);
}

}  // namespace
}  // namespace scaler::engine
