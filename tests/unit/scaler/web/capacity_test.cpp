#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporters/metrics_page.h"
#include "scaler/ctl/capacity_commands.h"
#include "scaler/ctl/show_capacity.h"
#include "scaler/web/api.h"
#include "scaler/web/capacity_json.h"
#include "scaler/web/capacity_metrics.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace scaler::web {
namespace {

using engine::capacity::Action;
using engine::capacity::CapacityType;
using engine::capacity::Limit;
using engine::capacity::Reason;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kGiB = 1024.0 * 1024 * 1024;

engine::Time At(int second) { return engine::Time(seconds(1'790'000'000 + second)); }

engine::capacity::Node NodeOf(const std::string& name, const std::string& pool,
                              const std::string& zone) {
  engine::capacity::Node node;
  node.name = name;
  node.pool = pool;
  node.zone = zone;
  node.type = pool == "spot" ? CapacityType::kSpot : CapacityType::kOnDemand;
  node.kind.cpu_cores = 2;
  node.kind.memory_bytes = kGiB;
  node.kind.price_per_hour = 0.25;
  node.ready = true;
  return node;
}

/// Four nodes, one of them about to go; a spare that is missing, and one replica that waits.
fleet::FleetStatus SomeNodes() {
  fleet::FleetStatus status;
  status.now = At(100);
  engine::capacity::CapacityPolicy policy;
  policy.name = "production";
  policy.pools = {{"dedicated", CapacityType::kOnDemand, 1, 5, {}},
                  {"spot", CapacityType::kSpot, 0, 9, {}}};
  policy.spare.survive = engine::capacity::Survive{};
  policy.spot = engine::capacity::SpotRules{.share = 0.8,
                                            .min_dedicated_nodes = 1,
                                            .fallback_after = seconds(1),
                                            .return_after = seconds(10)};
  status.policy = std::make_shared<const engine::capacity::CapacityPolicy>(policy);
  engine::capacity::CapacityObservation seen;
  seen.now = status.now;
  seen.nodes = {NodeOf("dedicated-a-1", "dedicated", "a"), NodeOf("spot-a-2", "spot", "a"),
                NodeOf("spot-b-3", "spot", "b"), NodeOf("spot-b-4", "spot", "b")};
  seen.nodes[2].draining = seen.nodes[2].cordoned = true;
  seen.nodes[2].notice_until = At(112);
  seen.nodes[3].ready = false;
  seen.nodes[3].booting_since = At(95);
  seen.offers = {{"dedicated", "a", {}, 0, {}}, {"spot", "a", {}, 0, {}}, {"spot", "b", {}, 2, {}}};
  engine::capacity::Workload shop;
  shop.name = "local/shop";
  shop.cpu_cores = 0.5;
  shop.memory_bytes = kGiB / 8;
  seen.workloads = {shop};
  seen.pods = {{"shop-1", "local/shop", "spot-a-2"}, {"shop-2", "local/shop", "spot-a-2"}};
  status.observation = std::make_shared<const engine::capacity::CapacityObservation>(seen);
  engine::capacity::CapacityDecision decision;
  decision.at = At(98);
  decision.actions = {{Action::Kind::kAdd, Reason::kSpare, "spot", "b", "", 2, {}}};
  decision.clamps = {{Limit::kStockOut, "spot", "a", "", 1},
                     {Limit::kNodesAtOnce, "spot", "a", "spot-a-2", 1}};
  decision.spare = {{"the loss of spot-a-2", false, true, {{"local/shop", 2}}, {}},
                    {"what the shapes ask for", true, true, {}, {}}};
  engine::capacity::SpotPlan plan;
  plan.needed = 3;
  plan.must_be_dedicated = 1;
  plan.dedicated_target = 1;
  decision.spot = plan;
  status.decision = std::make_shared<const engine::capacity::CapacityDecision>(decision);
  status.change = status.decision;
  status.pending = {{"shop-3", {"local", "shop"}, "", false, "no node has 500m of processor left"}};
  status.born = {{"spot-a-2", At(40)}};
  status.orders = {{"t-1", "spot", "b", 2, At(98), false, {}}};
  status.unwanted = {"spot-a-2"};
  auto& counters = status.counters;
  counters.refusals[{"spot", "stock_out"}] = 3;
  counters.interruptions[{{"spot", "b"}, true}] = 1;
  counters.actions[{"add", true}] = 4;
  counters.drains["notice"].Observe(3);
  counters.node_lost[{"local", "shop"}] = 2;
  counters.deadlines_missed = 1;
  counters.decisions = 7;
  return status;
}

std::string Page(const fleet::FleetStatus& status) {
  return exporters::MetricsPage([&] { return CapacityFamilies(status); })({.method = "GET"}).body;
}

TEST(CapacityMetrics, EachNodeIsInOneStateAndEveryPlaceInAll) {
  const auto page = Page(SomeNodes());
  const auto nodes = [](const char* place, const char* state, int count) {
    return HasSubstr(std::string("trimtab_capacity_nodes{") + place + ",state=\"" + state + "\"} " +
                     std::to_string(count) + "\n");
  };
  const auto* const spot_a = R"(pool="spot",zone="a",capacity_type="spot")";
  const auto* const spot_b = R"(pool="spot",zone="b",capacity_type="spot")";
  EXPECT_THAT(page, AllOf(nodes(spot_a, "ready", 1), nodes(spot_a, "draining", 0),
                          nodes(spot_b, "ready", 0), nodes(spot_b, "draining", 1),
                          nodes(spot_b, "booting", 1), nodes(spot_b, "cordoned", 0)));
}

TEST(CapacityMetrics, SayWhatIsMissingAndWhatHappened) {
  const auto page = Page(SomeNodes());
  for (const auto* const line :
       {"trimtab_capacity_spare_ok 0", "trimtab_capacity_spare_nodes 1",
        "trimtab_capacity_spare_target_nodes 2", "trimtab_capacity_spare_missing_pods 2",
        "trimtab_capacity_pending_pods 1", "trimtab_capacity_spot_share{kind=\"actual\"} 1",
        "trimtab_capacity_spot_share{kind=\"policy\"} 0.8",
        "trimtab_capacity_ordered_nodes{pool=\"spot\",zone=\"b\"} 2",
        "trimtab_capacity_refusals_total{pool=\"spot\",why=\"stock_out\"} 3",
        "trimtab_capacity_refusals_total{pool=\"dedicated\",why=\"quota\"} 0",
        "trimtab_capacity_interruptions_total{pool=\"spot\",zone=\"b\",notice=\"true\"} 1",
        "trimtab_capacity_interruptions_total{pool=\"spot\",zone=\"b\",notice=\"false\"} 0",
        "trimtab_capacity_actions_total{action=\"add\",result=\"ok\"} 4",
        "trimtab_drain_seconds_bucket{reason=\"notice\",le=\"2\"} 0",
        "trimtab_drain_seconds_bucket{reason=\"notice\",le=\"5\"} 1",
        "trimtab_drain_seconds_count{reason=\"asked\"} 0", "trimtab_drain_deadline_missed_total 1",
        "trimtab_container_restarts_total{namespace=\"local\",workload=\"shop\",container=\"shop\","
        "reason=\"node_lost\"} 2"}) {
    EXPECT_THAT(page, HasSubstr(std::string(line) + "\n"));
  }
}

TEST(CapacityMetrics, WithoutAPolicyNothingIsSaidOfTheSpare) {
  auto status = SomeNodes();
  status.policy = nullptr;
  EXPECT_THAT(Page(status), AllOf(Not(HasSubstr("spare_ok")), Not(HasSubstr("spot_share")),
                                  HasSubstr("trimtab_capacity_pending_pods 1")));
  EXPECT_THAT(Page(fleet::FleetStatus{}), HasSubstr("trimtab_capacity_pending_pods 0"));
}

TEST(CapacityJsonTest, IsShownAsTables) {
  const auto text = ctl::ShowCapacity(CapacityJson(SomeNodes()));
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_EQ(
      *text,
      R"(NODE           POOL       ZONE  TYPE       PRICE/H  AGE  PODS  CPU       MEMORY         STATE
dedicated-a-1  dedicated  a     on-demand  0.25     -    0     0% of 2   0% of 1024Mi   ready
spot-a-2       spot       a     spot       0.25     1m   2     50% of 2  25% of 1024Mi  ready; somebody wants it emptied
spot-b-3       spot       b     spot       0.25     -    0     0% of 2   0% of 1024Mi   draining; goes in 12s
spot-b-4       spot       b     spot       0.25     -    0     0% of 2   0% of 1024Mi   booting

POOL       TYPE       ZONE  READY  BOOTING  DRAINING  OTHER  ORDERED  MIN  MAX
dedicated  on-demand  a     1      0        0         0      0        1    5
spot       spot       a     1      0        0         0      0        0    9
spot       spot       b     0      1        1         0      2        0    9

policy production
spare: MISSING the loss of spot-a-2 does not fit until the nodes that come are ready: no room for 2 of local/shop
spare: ok      what the shapes ask for fits
spot: 100% of the nodes that may be spot are; the policy says 80%
waits: shop-3: no node has 500m of processor left
ordered: 2 of spot in b, 2s ago; the provider has not said yes yet
kept back: 1 node of spot in a not changed: the provider has none now
kept back: 1 node of spot in a (spot-a-2) not changed: disruption.nodesAtOnce
last change, 2s ago: add 2 nodes to spot in b: what must still fit does not
)");
  EXPECT_EQ(*ctl::ShowCapacity(CapacityJson({})),
            "no nodes\n\nno CapacityPolicy: nodes are left alone\n");
}

TEST(ShowCapacity, SaysWhatPlaceholdersKeepAndWhatMayNotLeave) {
  auto status = SomeNodes();
  status.kept = {{"shape-shop", 3, 2, "1 waits for a node"}, {"loss-a", 1, 1, ""}};
  status.held = {{"shops/web-1", "spot-a-2", "The disruption budget web needs 2 (429)"}};
  const auto json = CapacityJson(status);
  EXPECT_THAT(*ctl::ShowCapacity(json),
              AllOf(HasSubstr("spare: 2 of 3 placeholder pods of shape-shop run: 1 waits"),
                    HasSubstr("spare: 1 of 1 placeholder pods of loss-a run\n"),
                    HasSubstr("stays: shops/web-1 on spot-a-2: The disruption budget web needs 2 "
                              "(429)\n")));
  const auto drain = ctl::ShowDrain(json, "spot-a-2");
  EXPECT_THAT(drain->text, HasSubstr("; shops/web-1 stays: The disruption budget web needs 2"));
  EXPECT_FALSE(drain->removed_by_others);
}

TEST(Drain, OfANodeThatOthersMakeEndsWhenItIsEmpty) {
  auto status = SomeNodes();
  auto seen = *status.observation;
  auto node = NodeOf("n1", "", "a");
  node.draining = true;
  seen.nodes.push_back(node);
  status.observation =
      std::make_shared<const engine::capacity::CapacityObservation>(std::move(seen));
  const auto json = CapacityJson(status);
  const auto ask = [&](const std::string& target,
                       const std::string&) -> common::Result<std::string> {
    return target.starts_with("/api/v1/capacity/drain") ? "{}" : json;
  };
  const auto waited = ctl::DrainNode(
      ask, {.node = "n1", .wait = true}, [] {}, [](const auto&) {});
  EXPECT_EQ(waited.code, 0);
  EXPECT_THAT(waited.out, HasSubstr("n1 is empty"));
  const auto told = ctl::DrainNode(
      ask, {.node = "n1"}, [] {}, [](const auto&) {});
  EXPECT_THAT(told.out, HasSubstr("whoever made it may take it then"));
}

TEST(CapacityJsonTest, OfADrainItIsSaidWhatItWaitsFor) {
  const auto json = CapacityJson(SomeNodes());
  EXPECT_EQ(ctl::ShowDrain(json, "spot-a-2")->text,
            "spot-a-2: ready, 2 replicas on it; 1 node of spot in a (spot-a-2) not changed: "
            "disruption.nodesAtOnce");
  EXPECT_EQ(ctl::ShowDrain(json, "spot-z-9").error().code, std::errc::no_such_device);
}

TEST(CapacityJsonTest, DecisionsAreExplainedAndReplayed) {
  const auto status = SomeNodes();
  ledger::CapacityEntry entry;
  entry.id = 12;
  entry.committed_at = common::WallTime(seconds(1'790'000'100));
  entry.line.policy = *status.policy;
  entry.line.observation = *status.observation;
  entry.line.decision = *status.decision;
  const auto parsed = ctl::ParseCapacityDecisions(CapacityDecisionsJson({entry}));
  ASSERT_TRUE(parsed) << parsed.error().what;
  ASSERT_EQ(parsed->size(), 1U);
  EXPECT_EQ(parsed->front().line, entry.line);
  const auto text = ctl::ExplainCapacity(parsed->front(), entry.committed_at + seconds(4));
  EXPECT_THAT(text, AllOf(HasSubstr("(4s ago)  changed  #12\n"),
                          HasSubstr("  observed   4 nodes, 3 ready; 2 replicas\n"),
                          HasSubstr("  decided    add 2 nodes to spot in b: what must still fit"),
                          HasSubstr("  kept back  1 node of spot in a not changed: the provider"),
                          HasSubstr("  policy     production\n")));
  // Made up, so that the engine decides otherwise.
  const auto replayed = ctl::ReplayNodes([&](const std::string&, const std::string&) {
    return common::Result<std::string>(CapacityDecisionsJson({entry}));
  });
  EXPECT_EQ(replayed.code, 1);
  EXPECT_THAT(replayed.out, HasSubstr("1 decisions about nodes replayed, 1 differ"));
}

TEST(DrainCommand, WaitsUntilTheNodeIsGone) {
  auto status = SomeNodes();
  std::vector<std::string> asked;
  std::vector<std::string> said;
  int looks = 0;
  const auto result = ctl::DrainNode(
      [&](const std::string& target, const std::string& method) -> common::Result<std::string> {
        asked.push_back(method + " " + target);
        return CapacityJson(status);
      },
      {.node = "spot-a-2", .wait = true},
      [&] {
        if (++looks == 2) {
          auto seen = *status.observation;
          seen.nodes.erase(seen.nodes.begin() + 1);
          status.observation = std::make_shared<const engine::capacity::CapacityObservation>(seen);
        }
      },
      [&](const std::string& line) { said.push_back(line); });
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "spot-a-2 is gone\n");
  EXPECT_EQ(asked.front(), "POST /api/v1/capacity/drain?node=spot-a-2");
  EXPECT_EQ(said.size(), 1U) << "what has not changed is not said again";
}

class CapacityRoutesTest : public ::testing::Test {
 protected:
  exporters::HttpResponse Ask(const std::string& method, const std::string& path,
                              std::map<std::string, std::string> query = {}) {
    for (const auto& route : ScalerRoutes(backend_).handlers) {
      if (route.path == path) {
        return route.handler({.method = method, .path = path, .query = std::move(query)});
      }
    }
    ADD_FAILURE() << "no route " << path;
    return {};
  }

  tests::SimulatedExecutor executor_{common::WallTime(seconds(1'790'000'000))};
  tests::ScratchDirectory directory_;
  loop::StatusBoard board_;
  loop::FreezeSwitch freeze_{directory_.Path() / "freeze.json"};
  Backend backend_{board_, executor_, directory_.Path() / "ledger.sqlite", freeze_, [] {}};
};

TEST_F(CapacityRoutesTest, AScalerWithoutNodesSaysSo) {
  EXPECT_EQ(Ask("GET", "/api/v1/capacity").status, 404);
  EXPECT_EQ(Ask("POST", "/api/v1/capacity/drain", {{"node", "n"}}).status, 404);
  EXPECT_EQ(Ask("POST", "/api/v1/capacity/drain").status, 400);
}

TEST_F(CapacityRoutesTest, AFollowerKnowsNothingOfNodesAndNamesTheLeader) {
  int wishes = 0;
  backend_.want_empty = [&](const std::string&, bool) -> common::Result<void> {
    ++wishes;
    return {};
  };
  const auto put = [&](bool leads, const std::string& leader) {
    auto status = std::make_shared<loop::Status>();
    auto& leadership = status->leadership.emplace();
    leadership.leads = leads;
    leadership.leader = leader;
    board_.Put(std::move(status));
  };
  put(false, "trimtab-scaler-1_4f");
  const auto refused = Ask("POST", "/api/v1/capacity/drain", {{"node", "n"}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("this scaler follows trimtab-scaler-1, which alone acts"));
  EXPECT_EQ(Ask("GET", "/api/v1/capacity").body, refused.body) << "it looks at no nodes";
  put(false, "");
  EXPECT_THAT(Ask("DELETE", "/api/v1/capacity/drain", {{"node", "n"}}).body,
              HasSubstr("nobody leads"));
  EXPECT_EQ(wishes, 0);
  put(true, "trimtab-scaler-1_4f");
  EXPECT_EQ(Ask("POST", "/api/v1/capacity/drain", {{"node", "n"}}).status, 200);
  EXPECT_EQ(wishes, 1);
}

TEST_F(CapacityRoutesTest, ADrainIsAskedForAndTakenBack) {
  std::vector<std::pair<std::string, bool>> wishes;
  backend_.want_empty = [&](const std::string& node, bool empty) -> common::Result<void> {
    wishes.emplace_back(node, empty);
    if (node == "nobody") {
      return common::Fail(std::errc::invalid_argument, "there is no node nobody");
    }
    return {};
  };
  EXPECT_EQ(Ask("POST", "/api/v1/capacity/drain", {{"node", "n"}}).status, 200);
  EXPECT_EQ(Ask("DELETE", "/api/v1/capacity/drain", {{"node", "n"}}).status, 200);
  EXPECT_EQ(Ask("POST", "/api/v1/capacity/drain", {{"node", "nobody"}}).status, 404);
  EXPECT_EQ(wishes, (std::vector<std::pair<std::string, bool>>{
                        {"n", true}, {"n", false}, {"nobody", true}}));
}

}  // namespace
}  // namespace scaler::web
