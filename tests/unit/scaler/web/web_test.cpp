#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "exporters/metrics_page.h"
#include "scaler/codec/codec.h"
#include "scaler/ctl/show.h"
#include "scaler/ledger/ledger.h"
#include "scaler/web/api.h"
#include "scaler/web/metrics.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace scaler::web {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;
using std::chrono::seconds;
using ::testing::HasSubstr;

class WebTest : public ::testing::Test {
 protected:
  WebTest() : executor_(common::WallTime(seconds(1'790'000'000))) {
    executor_.RunFor(seconds(100));
    auto opened = ledger::Ledger::Open(File());
    EXPECT_TRUE(opened) << opened.error().what;
    ledger_ = std::move(*opened);
    routes_ = ScalerRoutes({board_, executor_, File(), freeze_, [this] { ++woken_; }});
  }

  [[nodiscard]] std::filesystem::path File() const { return directory_.Path() / "ledger.sqlite"; }

  HttpResponse Get(const std::string& path, std::map<std::string, std::string> query = {}) {
    HttpRequest request;
    request.method = "GET";
    request.query = std::move(query);
    return Ask(path, std::move(request));
  }

  HttpResponse Ask(const std::string& path, HttpRequest request) {
    request.path = path;
    for (const auto& route : routes_.handlers) {
      if (route.path == path) {
        return route.handler(request);
      }
    }
    ADD_FAILURE() << "no route " << path;
    return {};
  }

  loop::Status RunningStatus() {
    loop::Status status;
    status.wall = executor_.Wall();
    status.monotonic = executor_.Monotonic();
    loop::WorkloadStatus shop;
    platform::Workload workload;
    workload.id = {"local", "shop"};
    workload.desired = 2;
    workload.replicas = {{"shop-1", platform::Phase::kReady, executor_.Wall(), 1, "a:1", {}, {}},
                         {"shop-2", platform::Phase::kStarting, executor_.Wall(), 0, "", {}, {}}};
    shop.workload = std::make_shared<const platform::Workload>(workload);
    shop.policy = "local/shops";
    engine::Decision decision;
    decision.desired = 2;
    decision.recommendations = {{"requests", 25.04, 20, 2}};
    shop.decision = std::make_shared<const engine::Decision>(decision);
    status.workloads = {shop};
    status.groups = {{.group = {.name = "starter", .max_replicas = 10, .max_cpu_cores = 2.5},
                      .wanted = 14,
                      .granted = 10,
                      .cpu_cores = 1.5}};
    status.external = signals::ExternalStatus{.source = "p:9090",
                                              .queries = 12,
                                              .failing = 1,
                                              .ok_total = 40,
                                              .failed_total = 3,
                                              .answered_at = executor_.Monotonic() - seconds(3),
                                              .problem = "the query gives nothing"};
    return status;
  }

  [[nodiscard]] std::string Metrics(const loop::Status& status) const {
    exporters::MetricsText page;
    TellFamilies(status, executor_.Monotonic(),
                 [&](prometheus::MetricFamily part) { page.Add(std::move(part)); });
    return page.Take();
  }

  tests::ScratchDirectory directory_;
  tests::SimulatedExecutor executor_;
  loop::StatusBoard board_;
  std::unique_ptr<ledger::Ledger> ledger_;
  loop::FreezeSwitch freeze_{directory_.Path() / "freeze.json"};
  int woken_ = 0;
  exporters::Routes routes_;
};

TEST_F(WebTest, TheStopSwitchIsTurnedOnWithAReasonAndOffAgain) {
  HttpRequest request;
  request.method = "POST";
  EXPECT_EQ(Ask("/api/v1/freeze", request).status, 400) << "a reason is needed";
  request.body = R"({"reason":"storm"})";
  EXPECT_THAT(Ask("/api/v1/freeze", request).body, HasSubstr(R"("frozen":true,"reason":"storm")"));
  EXPECT_EQ(freeze_.Get()->reason, "storm");
  EXPECT_EQ(woken_, 1);
  request.method = "DELETE";
  EXPECT_EQ(Ask("/api/v1/freeze", request).body, "{\"frozen\":false}\n");
  EXPECT_EQ(freeze_.Get(), std::nullopt);
}

TEST_F(WebTest, TheStopSwitchOfSeveralScalersIsTurnedForAllOrSaysThatItIsNot) {
  std::optional<loop::Freeze> others;
  bool away = false;
  Backend backend{board_, executor_, File(), freeze_, [this] { ++woken_; }};
  backend.share_freeze = [&](const std::optional<loop::Freeze>& freeze) -> common::Result<void> {
    if (away) {
      return common::Fail(std::errc::timed_out, "the API server is away");
    }
    others = freeze;
    return {};
  };
  routes_ = ScalerRoutes(backend);
  HttpRequest freeze;
  freeze.method = "POST";
  freeze.body = R"({"reason":"storm"})";
  HttpRequest thaw;
  thaw.method = "DELETE";

  EXPECT_EQ(Ask("/api/v1/freeze", freeze).status, 200);
  EXPECT_EQ(others, freeze_.Get());
  away = true;
  EXPECT_THAT(Ask("/api/v1/freeze", thaw).body, HasSubstr("still frozen: the API server is away"));
  EXPECT_TRUE(freeze_.Get()) << "as the others";
  away = false;
  EXPECT_EQ(Ask("/api/v1/freeze", thaw).status, 200);
  EXPECT_EQ(others, std::nullopt);
  EXPECT_EQ(freeze_.Get(), std::nullopt);
  away = true;
  EXPECT_THAT(Ask("/api/v1/freeze", freeze).body,
              HasSubstr("frozen, but this scaler only: the API server is away"));
  EXPECT_EQ(freeze_.Get()->reason, "storm");
}

TEST_F(WebTest, IsReadyAfterTheFirstDecisionAndSickWhenTheLoopIsStuck) {
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/healthz").status, 200);
  board_.Put(std::make_shared<loop::Status>(RunningStatus()));
  EXPECT_EQ(Get("/readyz").status, 200);
  executor_.RunFor(seconds(11));
  EXPECT_EQ(Get("/healthz").status, 503);
}

TEST_F(WebTest, OnlyWhatArrivesIsShownBySecond) {
  auto status = RunningStatus();
  auto decision = *status.workloads.front().decision;
  decision.recommendations = {{"in_flight", 90, 10, 9}};
  status.workloads.front().decision = std::make_shared<const engine::Decision>(decision);
  board_.Put(std::make_shared<loop::Status>(status));
  EXPECT_THAT(Get("/api/v1/status").body, HasSubstr(R"("signal":"in_flight 90.0 at 10.0")"));
}

TEST_F(WebTest, StatusIsWhatTrimtabctlShows) {
  board_.Put(std::make_shared<loop::Status>(RunningStatus()));
  const auto table = ctl::ShowStatus(Get("/api/v1/status").body);
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_THAT(*table, HasSubstr("local/shop  1/2    1         requests 25.0/s at 20.0/s"));
  EXPECT_THAT(*table, HasSubstr("group starter: 10 replicas of at most 10, 1.5 cores of at most "
                                "2.5, 14 wanted\n"));
  EXPECT_THAT(*table, HasSubstr("prometheus p:9090: 12 queries, answered 3s ago, 1 FAILING: the "
                                "query gives nothing\n"));
}

TEST_F(WebTest, DecisionsComeFromTheLedgerByWorkload) {
  for (const auto* workload : {"local/shop", "local/other"}) {
    codec::Line line;
    line.workload = workload;
    ASSERT_TRUE(ledger_->Commit({{}, {line}}, executor_));
  }
  const auto decisions =
      ctl::ParseDecisions(Get("/api/v1/decisions", {{"workload", "other"}}).body);
  ASSERT_TRUE(decisions) << decisions.error().what;
  ASSERT_EQ(decisions->size(), 1U);
  EXPECT_EQ(decisions->front().line.workload, "local/other");
  EXPECT_THAT(Get("/api/v1/decisions").body, HasSubstr("\"committed_monotonic_ns\":100000000000"));
}

TEST_F(WebTest, AQueryThatMakesNoSenseIsRefused) {
  for (const auto* limit : {"-1", "x", "99999999999999999999"}) {
    EXPECT_EQ(Get("/api/v1/decisions", {{"limit", limit}}).status, 400) << limit;
  }
}

TEST_F(WebTest, MetricsCountReadyAndWantedReplicas) {
  const auto page = Metrics(RunningStatus());
  EXPECT_THAT(
      page,
      HasSubstr(R"(trimtab_workload_replicas{namespace="local",workload="shop",kind="ready"} 1)"));
  EXPECT_THAT(page, HasSubstr("trimtab_container_waiting{namespace=\"local\",workload=\"shop\","
                              "container=\"shop\",reason=\"back_off\"} 0"));
  EXPECT_THAT(page, HasSubstr(R"(trimtab_decisions_total{outcome="scaled",direction="up"} 0)"));
  EXPECT_THAT(page, HasSubstr("trimtab_frozen 0"));
  EXPECT_THAT(page, HasSubstr(R"(trimtab_group_replicas{group="starter",kind="wanted"} 14)"));
  EXPECT_THAT(page, HasSubstr(R"(trimtab_group_replicas{group="starter",kind="cap"} 10)"));
  EXPECT_THAT(page, HasSubstr(R"(trimtab_external_queries{kind="failing"} 1)"));
  EXPECT_THAT(page, HasSubstr(R"(trimtab_external_answers_total{result="ok"} 40)"));
  EXPECT_THAT(page, HasSubstr(R"(trimtab_input_age_seconds{source="p:9090"} 3)"));
  EXPECT_THAT(page, HasSubstr(R"(trimtab_group_cpu_cores{group="starter",kind="granted"} 1.5)"));
}

TEST_F(WebTest, MetricsOfManyWorkloadsAreOneFamily) {
  auto status = RunningStatus();
  status.workloads.assign(700, status.workloads.front());
  const auto page = Metrics(status);
  std::size_t heads = 0;
  for (auto at = page.find("# TYPE trimtab_workload_replicas "); at != std::string::npos;
       at = page.find("# TYPE trimtab_workload_replicas ", at + 1)) {
    ++heads;
  }
  EXPECT_EQ(heads, 1U);
  std::size_t lines = 0;
  for (auto at = page.find("kind=\"ready\"}"); at != std::string::npos;
       at = page.find("kind=\"ready\"}", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 700U);
}

TEST_F(WebTest, OfSeveralScalersItSaysWhoActs) {
  auto status = RunningStatus();
  EXPECT_THAT(StatusJson(status), HasSubstr(R"("leadership":null)"));
  status.leadership = loop::LeadershipStatus{
      .leads = false, .self = "b", .leader = "a", .transitions = 3, .problem = "no \"right\""};
  EXPECT_THAT(StatusJson(status),
              HasSubstr(R"("leadership":{"leads":false,"self":"b","leader":"a","transitions":3,)"
                        R"("problem":"no \"right\""})"));
  auto page = Metrics(status);
  EXPECT_THAT(page, HasSubstr("trimtab_leader 0"));
  EXPECT_THAT(page, HasSubstr("trimtab_leader_transitions 3"));
  status.leadership->leads = true;
  page = Metrics(status);
  EXPECT_THAT(page, HasSubstr("trimtab_leader 1"));
}

TEST_F(WebTest, MetricsTellWhichPolicyHasHowManyProblems) {
  auto status = RunningStatus();
  status.policy_problems = std::make_shared<loop::PolicyProblemCounts>(loop::PolicyProblemCounts{
      {{"shops.yaml", "refused"}, 2}, {{"local/shops", "ineffective"}, 0}});
  status.state_problems = 1;
  const auto page = Metrics(status);
  EXPECT_THAT(page, HasSubstr(R"(trimtab_policy_problems{policy="shops.yaml",kind="refused"} 2)"));
  EXPECT_THAT(page,
              HasSubstr(R"(trimtab_policy_problems{policy="local/shops",kind="ineffective"} 0)"));
  EXPECT_THAT(page, HasSubstr("trimtab_state_problems 1"));
}

}  // namespace
}  // namespace scaler::web
