#include <gtest/gtest.h>

#include <cmath>

#include "scaler/signals/prometheus_transport.h"

namespace scaler::signals {
namespace {

common::prometheus::Sample Value(double value) { return {{}, value, {}}; }

TEST(OneNumber, IsTheOnlyOne) { EXPECT_EQ(OneNumber({Value(2.5)}).value(), 2.5); }

TEST(OneNumber, NothingIsNotZero) {
  EXPECT_EQ(OneNumber({}).error().what, "the query gives nothing");
}

TEST(OneNumber, SeveralAreNotAddedUpUnasked) {
  EXPECT_EQ(OneNumber({Value(1), Value(2)}).error().what,
            "the query gives 2 series and not one; sum() them?");
}

TEST(OneNumber, IsFinite) {
  EXPECT_FALSE(OneNumber({Value(NAN)}));
  EXPECT_FALSE(OneNumber({Value(INFINITY)}));
}

}  // namespace
}  // namespace scaler::signals
