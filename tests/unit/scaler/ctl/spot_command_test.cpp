#include "scaler/ctl/spot_command.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <fstream>

#include "support/scratch_directory.h"

namespace scaler::ctl {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr auto kNodesPolicy = R"(
apiVersion: trimtab.io/v1alpha1
kind: CapacityPolicy
metadata: {name: nodes}
spec:
  pools:
    dedicated: {capacityType: on-demand, nodes: {min: 0, max: 16}, provider: {local: {group: a}}}
    cheap: {capacityType: spot, nodes: {min: 0, max: 32}, provider: {local: {group: a}}}
  spot: {share: 100%, minDedicatedNodes: 0, fallbackAfter: 1m, returnAfter: 5m}
  disruption: {nodesAtOnce: 4, nodesPerHour: 1000}
)";

class SpotCommand : public ::testing::Test {
 protected:
  SpotCommand() {
    std::string values = "1";
    for (int tick = 1; tick < 500; ++tick) {
      values += tick >= 200 && tick < 210 ? " 0" : " 1";
    }
    options_.trace =
        Write("spot.csv",
              "campaign,kind,probe_nodes,zone,instance,gap_seconds,start_index,values\n"
              "calm,a,1-node,z1,i,60,0," +
                  values + "\nother,a,1-node,z1,i,60,0,1 1 1 1 1 1 1 1 1 1\n");
  }

  [[nodiscard]] std::string Write(const std::string& name, const std::string& content) const {
    const auto file = scratch_.Path() / name;
    std::ofstream(file) << content;
    return file.string();
  }

  const tests::ScratchDirectory scratch_;
  SpotOptions options_;
};

TEST_F(SpotCommand, PlaysAPolicyBesideTheOthers) {
  options_.policies = {Write("nodes.yaml", kNodesPolicy)};
  options_.campaign = "calm";
  options_.json = true;
  options_.world.node_start = seconds(40);  // The shorter, the less a loss weighs against spot.

  const auto result = BacktestSpot(options_);

  ASSERT_EQ(result.code, 0) << result.err;
  const auto parsed = boost::json::parse(result.out);
  ASSERT_EQ(parsed.at("campaigns").as_object().size(), 1U);
  const auto& runs = parsed.at("campaigns").at("calm").at("runs");
  const auto cost = [&](const char* run) { return runs.at(run).at("cost").to_number<double>(); };
  EXPECT_EQ(cost("on-demand"), 1);
  EXPECT_LT(cost("nodes"), 0.5);
  EXPECT_GT(cost("nodes"), cost("oracle") * 0.95);
  EXPECT_GT(runs.at("nodes").at("availability").to_number<double>(), 0.98);
  EXPECT_EQ(parsed.at("world").at("node_start_seconds").to_number<double>(), 40);
}

TEST_F(SpotCommand, NeedsNoPolicy) {
  const auto result = BacktestSpot(options_);

  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\ncalm\nRUN"));
  EXPECT_THAT(result.out, HasSubstr("\nother\nRUN"));
  EXPECT_THAT(result.out, HasSubstr("\ndefault "));
}

TEST_F(SpotCommand, RefusesWhatCannotBePlayed) {
  options_.policies = {
      Write("shops.yaml",
            "apiVersion: trimtab.io/v1alpha1\nkind: ScalingGroup\nmetadata: {name: g}\n"
            "spec: {selector: {matchLabels: {a: b}}, limits: {replicas: 5}}\n"),
      Write("bad.yaml", "kind: CapacityPolicy\n")};

  const auto result = BacktestSpot(options_);

  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("shops.yaml: holds no CapacityPolicy"));
  EXPECT_THAT(result.err, HasSubstr("bad.yaml:"));
}

TEST_F(SpotCommand, SaysThatACampaignIsNotThere) {
  options_.campaign = "calmest";

  const auto result = BacktestSpot(options_);

  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("holds no campaign called calmest"));
}

}  // namespace
}  // namespace scaler::ctl
