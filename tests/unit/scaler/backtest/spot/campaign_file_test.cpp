#include "scaler/backtest/spot/campaign_file.h"

#include <gmock/gmock.h>

#include <fstream>

#include "support/scratch_directory.h"

namespace scaler::backtest::spot {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr auto kHeader =
    "campaign,kind,probe_nodes,zone,instance,gap_seconds,start_index,values(nodes per tick)\n";

class CampaignFile : public ::testing::Test {
 protected:
  [[nodiscard]] common::Result<std::vector<Campaign>> Read(const std::string& content,
                                                           const std::string& name = {}) const {
    const auto file = scratch_.Path() / "spot.csv";
    std::ofstream(file) << content;
    return ReadCampaigns(file, name);
  }

  [[nodiscard]] std::string Problem(const std::string& content) const {
    const auto campaigns = Read(content);
    return campaigns ? "none" : campaigns.error().what;
  }

  const tests::ScratchDirectory scratch_;
};

TEST_F(CampaignFile, HasTheZonesOfEachCampaignCutToTheShortest) {
  const auto campaigns =
      Read(std::string(kHeader) + "b,preemption,1-node,east,big,30,0,1 0 1 1\n" +
           "a,preemption,4-node,west,big,60,0,4\n" + "b,preemption,1-node,west,big,30,0,0 1  0\n");

  ASSERT_TRUE(campaigns) << campaigns.error().what;
  EXPECT_EQ(*campaigns,
            (std::vector<Campaign>{
                {"a", seconds(60), {{"west/big", {4}}}},
                {"b", seconds(30), {{"east/big", {1, 0, 1}}, {"west/big", {0, 1, 0}}}}}));
}

TEST_F(CampaignFile, GivesOneCampaignByItsName) {
  const auto content = std::string(kHeader) + "a,p,1,z,i,30,0,1\nb,p,1,z,i,30,0,1\n";

  EXPECT_EQ(Read(content, "b").value().size(), 1U);
  EXPECT_EQ(Read(content, "b").value().front().name, "b");
  EXPECT_THAT(Read(content, "c").error().what, HasSubstr("holds no campaign called c"));
}

TEST_F(CampaignFile, SaysWhereItIsWrong) {
  EXPECT_THAT(Problem("time,series,value\n"), HasSubstr("spot.csv:1:1: is no record of spot"));
  EXPECT_THAT(Problem(kHeader), HasSubstr("holds no campaign"));
  EXPECT_THAT(Problem(std::string(kHeader) + "a,p,1,z,i,0,0,1\n"),
              HasSubstr("spot.csv:2:11: gap_seconds must be"));
  EXPECT_THAT(Problem(std::string(kHeader) + "a,p,1,z,i,30,0,1 x 0\n"),
              HasSubstr("spot.csv:2:18: 'x' is no number of nodes"));
  EXPECT_THAT(Problem(std::string(kHeader) + "a,p,1,z,i,30,0,\n"), HasSubstr("no values"));
  EXPECT_THAT(Problem(std::string(kHeader) + "a,p,1,z,i,30,0,1\na,p,1,y,i,60,0,1\n"),
              HasSubstr("spot.csv:3:11: another zone of a has another gap_seconds"));
}

}  // namespace
}  // namespace scaler::backtest::spot
