#include "scaler/program/heap_keeper.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace scaler::program {
namespace {

constexpr std::size_t kMiB = 1 << 20;

TEST(HeapHoles, AreGivenBackWhenTheyAreMuchOfWhatIsUsed) {
  const HeapHoles holes;
  EXPECT_FALSE(holes.Due({.resident_bytes = 220 * kMiB, .used_bytes = 200 * kMiB}));
  EXPECT_TRUE(holes.Due({.resident_bytes = 251 * kMiB, .used_bytes = 200 * kMiB}));
}

TEST(HeapHoles, OfASmallHeapAreNotWorthTheTime) {
  const HeapHoles holes;
  EXPECT_FALSE(holes.Due({.resident_bytes = 20 * kMiB, .used_bytes = 5 * kMiB}));
  EXPECT_TRUE(holes.Due({.resident_bytes = 22 * kMiB, .used_bytes = 5 * kMiB}));
}

TEST(HeapHoles, ThatAreTooSmallToBeGivenBackAreNotTriedAgain) {
  HeapHoles holes;
  holes.GivenBack({.resident_bytes = 180 * kMiB, .used_bytes = 100 * kMiB});
  EXPECT_FALSE(holes.Due({.resident_bytes = 200 * kMiB, .used_bytes = 100 * kMiB}));
  EXPECT_TRUE(holes.Due({.resident_bytes = 206 * kMiB, .used_bytes = 100 * kMiB}));
  holes.GivenBack({.resident_bytes = 110 * kMiB, .used_bytes = 100 * kMiB});
  EXPECT_TRUE(holes.Due({.resident_bytes = 136 * kMiB, .used_bytes = 100 * kMiB}));
}

TEST(HeapHoles, AreNoneWhereLessIsResidentThanUsed) {
  EXPECT_FALSE(HeapHoles().Due({.resident_bytes = 0, .used_bytes = 500 * kMiB}));
}

TEST(HeapUse, GrowsWithWhatIsUsed) {
  const auto before = ReadHeapUse();
  const std::vector<char> taken(64 * kMiB, 'x');
  const auto after = ReadHeapUse();
  EXPECT_GE(after.resident_bytes, before.resident_bytes + 60 * kMiB);
  EXPECT_EQ(taken.back(), 'x');
}

}  // namespace
}  // namespace scaler::program
