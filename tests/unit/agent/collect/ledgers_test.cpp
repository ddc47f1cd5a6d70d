#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/oom_ledger.h"
#include "agent/collect/proxy_ledger.h"

namespace agent::collect {
namespace {

using common::haproxy::StatLine;
using common::lifecycle::EndReason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const runtime::WorkloadKey kShop = {"local", "shop-01", "shop"};

runtime::RunningContainer Running(std::string replica, std::uint32_t attempt = 0) {
  runtime::RunningContainer container;
  container.id = {std::move(replica), attempt};
  container.workload = kShop;
  return container;
}

runtime::EndedContainer Ended(std::string replica, EndReason reason, std::uint32_t attempt = 0) {
  return {.id = {std::move(replica), attempt}, .workload = kShop, .reason = reason};
}

TEST(OomLedger, NobodyWasKilledAtFirst) { EXPECT_THAT(OomLedger().Totals(), IsEmpty()); }

TEST(OomLedger, KillsOfOneWorkloadAddUp) {
  OomLedger ledger;
  ledger.Observe(Running("a"), 1);
  ledger.Observe(Running("b"), 2);
  ledger.Observe(Running("a"), 3);

  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 5)));
}

TEST(OomLedger, KillsOutliveTheirCgroup) {
  OomLedger ledger;
  ledger.Observe(Running("a"), 2);
  ledger.End(Ended("a", EndReason::kScaledDown));

  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 2)));
}

TEST(OomLedger, AnEndByOomIsAKillThatNobodySaw) {
  OomLedger ledger;
  ledger.Observe(Running("a"), 0);
  ledger.End(Ended("a", EndReason::kOomKilled));
  ledger.End(Ended("never-seen", EndReason::kOomKilled));

  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 2)));
}

TEST(OomLedger, AKillThatWasSeenAndThenToldCountsOnce) {
  OomLedger ledger;
  ledger.Observe(Running("a"), 1);
  ledger.End(Ended("a", EndReason::kOomKilled));

  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 1)));
}

TEST(OomLedger, TotalsGoOnFromTheLastRun) {
  OomLedger ledger({{kShop, 5}});
  ledger.End(Ended("a", EndReason::kOomKilled));  // One of the five.
  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 5)));

  ledger.End(Ended("b", EndReason::kOomKilled));
  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 6)));
}

TEST(OomLedger, KillsWhileTheProgramWasDownCount) {
  OomLedger ledger({{kShop, 1}});
  ledger.End(Ended("a", EndReason::kOomKilled));
  ledger.End(Ended("b", EndReason::kOomKilled));

  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 2)));
}

TEST(OomLedger, ANewLifecycleFileTakesNothingBack) {
  OomLedger ledger;
  ledger.End(Ended("a", EndReason::kOomKilled));
  ledger.End(Ended("b", EndReason::kOomKilled));

  ledger.BeginAnew();
  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 2)));

  ledger.End(Ended("c", EndReason::kOomKilled));
  EXPECT_THAT(ledger.Totals(), ElementsAre(Pair(kShop, 3)));
}

// --- the proxy ---------------------------------------------------------------------------------

StatLine Backend(std::string name, std::uint64_t stot, std::uint64_t scur = 0,
                 std::uint64_t qcur = 0) {
  StatLine line;
  line.proxy = std::move(name);
  line.server = "BACKEND";
  line.stot = stot;
  line.scur = scur;
  line.qcur = qcur;
  return line;
}

ProxySnapshot Reading(std::uint64_t arrivals, std::uint64_t in_flight, std::uint64_t queued) {
  return {.arrivals_total = arrivals, .in_flight = in_flight, .queued = queued};
}

TEST(ProxyLedger, ArrivalsBeginAtZeroWithTheFirstAnswer) {
  ProxyLedger ledger;
  EXPECT_EQ(ledger.Find("shop"), ProxySnapshot{});

  ledger.Observe({Backend("shop", 1000)});
  EXPECT_EQ(ledger.Find("shop"), Reading(0, 0, 0));

  ledger.Observe({Backend("shop", 1003)});
  EXPECT_EQ(ledger.Find("shop"), Reading(3, 0, 0));
}

TEST(ProxyLedger, ArrivalsGoOnOverARestart) {
  ProxyLedger ledger;
  ledger.Observe({Backend("shop", 100)});
  ledger.Observe({Backend("shop", 110)});
  ledger.Observe({Backend("shop", 2)});
  ledger.Observe({Backend("shop", 5)});

  EXPECT_EQ(ledger.Find("shop"), Reading(15, 0, 0));
}

TEST(ProxyLedger, ABackendThatIsNewCountsFromItsBeginning) {
  ProxyLedger ledger;
  ledger.Observe({Backend("shop", 100)});
  ledger.Observe({Backend("shop", 100), Backend("new", 4)});

  EXPECT_EQ(ledger.Find("new"), Reading(4, 0, 0));
}

TEST(ProxyLedger, InFlightAndQueuedAreDifferentRequests) {
  ProxyLedger ledger;
  ledger.Observe({Backend("shop", 9, 7, 3)});

  EXPECT_EQ(ledger.Find("shop"), Reading(0, 4, 3));
}

TEST(ProxyLedger, WithoutAnAnswerArrivalsStayAndTheRestIsUnknown) {
  ProxyLedger ledger;
  ledger.Observe({Backend("shop", 9)});
  ledger.Observe({Backend("shop", 12, 2)});
  ledger.Miss();

  EXPECT_EQ(ledger.Find("shop"), ProxySnapshot{.arrivals_total = 3});
}

TEST(ProxyLedger, ABackendThatTheProxyHasNotGotIsUnknown) {
  ProxyLedger ledger;
  ledger.Observe({Backend("shop", 9)});

  EXPECT_EQ(ledger.Find("shoop"), std::nullopt);
}

TEST(ProxyLedger, ServersAndFrontendsAreNotDemand) {
  ProxyLedger ledger;
  auto server = Backend("shop", 9);
  server.server = "shop-01-1";
  ledger.Observe({server});

  EXPECT_EQ(ledger.Find("shop"), std::nullopt);
}

}  // namespace
}  // namespace agent::collect
