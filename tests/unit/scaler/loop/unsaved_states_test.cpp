#include "scaler/loop/unsaved_states.h"

#include <gtest/gtest.h>

#include <string>

namespace scaler::loop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const engine::Time kBegin{seconds(1000)};

class UnsavedStatesTest : public ::testing::Test {
 protected:
  void Change(int workloads, engine::Time at) {
    for (int number = 0; number < workloads; ++number) {
      unsaved_.Add(*memories_.try_emplace(std::to_string(number)).first, at);
    }
  }

  /// What one look writes.
  std::size_t Look(engine::Time at) {
    const auto due = unsaved_.Due(at);
    unsaved_.Saved(due);
    return due.size();
  }

  WorkloadMemories memories_;
  UnsavedStates unsaved_{seconds(1)};
};

TEST_F(UnsavedStatesTest, AFewAreWrittenTogetherWithinTheInterval) {
  Change(40, kBegin);
  for (int look = 1; look < 9; ++look) {
    EXPECT_EQ(Look(kBegin + milliseconds(100 * look)), 0U) << look;
    Change(40, kBegin + milliseconds(100 * look));
  }
  EXPECT_EQ(Look(kBegin + milliseconds(900)), 40U);
  EXPECT_EQ(Look(kBegin + milliseconds(1000)), 0U) << "nothing has changed since";
}

TEST_F(UnsavedStatesTest, OfManyATenthIsWrittenAtEveryLook) {
  std::size_t written = 0;
  for (int look = 0; look < 40; ++look) {
    Change(5000, kBegin + milliseconds(100 * look));
    const auto at_once = Look(kBegin + milliseconds(100 * look));
    EXPECT_LE(at_once, 1000U) << look;
    written += at_once;
  }
  EXPECT_GE(written, 4 * 5000U) << "each once a second";
}

TEST_F(UnsavedStatesTest, NoneWaitsForLongerThanTheInterval) {
  Change(5000, kBegin);
  std::size_t written = 0;
  for (int look = 1; look < 10; ++look) {
    written += Look(kBegin + milliseconds(100 * look));
  }
  EXPECT_EQ(written, 5000U);
}

TEST_F(UnsavedStatesTest, WhatWasSavedOutOfTurnIsNotDue) {
  Change(2, kBegin);
  unsaved_.Saved({&*memories_.find("1")});
  EXPECT_EQ(Look(kBegin + seconds(2)), 1U);
  EXPECT_EQ(Look(kBegin + seconds(3)), 0U);
}

TEST_F(UnsavedStatesTest, WhatCouldNotBeSavedStaysDue) {
  Change(3, kBegin);
  EXPECT_EQ(unsaved_.Due(kBegin + seconds(1)).size(), 3U);
  EXPECT_EQ(unsaved_.Due(kBegin + seconds(2)).size(), 3U);
}

TEST_F(UnsavedStatesTest, WhatGoesIsForgotten) {
  Change(3, kBegin);
  unsaved_.Forget([](const auto& entry) { return entry.first == "1"; });
  memories_.erase("1");
  EXPECT_EQ(Look(kBegin + seconds(1)), 2U);
}

}  // namespace
}  // namespace scaler::loop
