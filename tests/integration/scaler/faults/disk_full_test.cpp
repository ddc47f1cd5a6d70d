// trimtab-scaler with its state directory on a disk that has no room left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "integration/agent/faults/small_disk.h"
#include "integration/scaler/faults/programs.h"

namespace {

namespace json = boost::json;
using ::testing::SizeIs;

std::string ProblemsOf(const json::value& status) {
  return status.is_object() ? json::serialize(status.at("problems")) : "no status";
}

class ScalerOnAFullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.Mounted()) {
      GTEST_SKIP() << "this user may not mount a file system";
    }
    programs_.emplace(disk_.Path() / "state", std::vector<std::string>());
  }

  tests::SmallDisk disk_{"8m"};
  std::optional<tests::Programs> programs_;
};

TEST_F(ScalerOnAFullDisk, DecidesAndSaysSoHoldsWhatRunsAndActsWhenThereIsRoom) {
  auto& programs = *programs_;
  programs.Visit(5);
  programs.StartScaler();
  ASSERT_TRUE(programs.Eventually([&] { return programs.IsReady(1); })) << programs.Story();
  const auto before = programs.Replicas();

  disk_.Fill();
  programs.Visit(25);
  // What is decided cannot be written down, and a replica that no later scaler could find is not
  // started; both are said.
  EXPECT_TRUE(programs.Eventually([&] {
    return ProblemsOf(programs.Status()).find("ledger: ") != std::string::npos;
  })) << programs.Story();
  EXPECT_TRUE(programs.Eventually([&] {
    const auto shop = programs.Shop();
    return shop.is_object() &&
           std::string(shop.at("problem").as_string()).find("No space left") != std::string::npos;
  })) << json::serialize(programs.Shop())
      << programs.Story();
  EXPECT_GE(programs.ScalerValue("trimtab_ledger_failures_total").value_or(0), 1);
  EXPECT_EQ(programs.Shop().at("last_decision").at("to").as_int64(), 3);
  EXPECT_EQ(programs.Replicas(), before) << "what runs goes on";

  disk_.Free();
  EXPECT_TRUE(programs.Eventually([&] { return programs.IsReady(3); })) << programs.Story();
  EXPECT_TRUE(programs.Eventually([&] { return ProblemsOf(programs.Status()) == "[]"; }))
      << ProblemsOf(programs.Status());
  EXPECT_EQ(programs.Shop().at("problem").as_string(), "");
  const auto after = programs.Replicas();
  EXPECT_THAT(after, SizeIs(3));
  EXPECT_EQ(after.at(before.begin()->first), before.begin()->second) << "the same process";
  EXPECT_EQ(programs.StopScaler(), 0);
}

}  // namespace
