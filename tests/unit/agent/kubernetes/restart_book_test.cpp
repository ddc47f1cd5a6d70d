#include "agent/kubernetes/restart_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/agent/kubernetes/pods.h"

namespace agent::kubernetes {
namespace {

using common::lifecycle::EndReason;
using std::chrono::seconds;
using tests::At;
using tests::BackOff;
using tests::Begin;
using tests::End;
using tests::Ended;
using tests::ShopPod;

const runtime::WorkloadKey kShop{"shops", "shop", "web"};

RestartBook::Now NowAt(int second) {
  return {common::MonotonicTime(seconds(1000 + second)), At(second)};
}

/// By name; only what is not 0.
std::map<std::string, std::uint64_t> RestartsOf(const RestartBook& book,
                                                const runtime::WorkloadKey& key = kShop) {
  std::map<std::string, std::uint64_t> counts;
  const auto found = book.Workloads().find(key);
  if (found == book.Workloads().end()) {
    return {{"not known", 1}};
  }
  for (std::size_t i = 0; i < runtime::kRestartReasons.size(); ++i) {
    if (found->second.restarts.at(i) > 0) {
      counts.emplace(common::lifecycle::ReasonName(runtime::kRestartReasons.at(i)),
                     found->second.restarts.at(i));
    }
  }
  return counts;
}

using Counts = std::map<std::string, std::uint64_t>;

/// A node whose pods are known, and then a pod that came and has run for ten seconds.
class RestartBookTest : public testing::Test {
 protected:
  RestartBookTest() {
    book_.Synced(NowAt(0));
    Begin(web_, 0, 0);
    Put(10);
  }

  void Put(int second) { book_.Put(pod_, NowAt(second)); }

  /// Asks what is due and answers with `events`; how many were asked.
  std::size_t Ask(int second, const std::optional<std::vector<PodEvent>>& events) {
    const auto questions = book_.TakeQuestions(NowAt(second));
    for (const auto& question : questions) {
      EXPECT_EQ(question.name_space, "shops");
      book_.Answer(question.uid, events, NowAt(second));
    }
    return questions.size();
  }

  /// As often as it wants to be asked until then.
  void AskUntil(int second, const std::vector<PodEvent>& events) {
    for (int at = 0; at <= second; ++at) {
      Ask(at, events);
    }
  }

  RestartBook book_;
  Pod pod_ = ShopPod();
  Container& web_ = pod_.containers[0];
};

const PodEvent kProbeKill{PodEvent::Kind::kProbeKilled, "web", At(10), At(10)};

TEST_F(RestartBookTest, AContainerIsCountedFromZeroAsSoonAsItIsKnown) {
  EXPECT_EQ(RestartsOf(book_), Counts{});
}

TEST_F(RestartBookTest, WhatWasKilledForItsMemoryCountsAtOnce) {
  End(web_, Ended(0, 0, 11, 137, "OOMKilled"));
  Put(11);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"oom_killed", 1}}));
  EXPECT_EQ(book_.Workloads().at(kShop).oom_kills, 1U) << "though no cgroup told";
  Begin(web_, 1, 12);
  Put(12);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"oom_killed", 1}})) << "each end once";
  EXPECT_FALSE(book_.NextQuestion());
}

TEST_F(RestartBookTest, AnErrorOfItsOwnIsOneWhenNoEventSaysOtherwise) {
  End(web_, Ended(0, 0, 11, 1));
  Put(11);
  EXPECT_EQ(RestartsOf(book_), Counts{}) << "pending";
  EXPECT_EQ(Ask(11, {}), 0U) << "not before the events can be there";
  AskUntil(30, {});
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}}));
}

TEST_F(RestartBookTest, WithoutProbesNobodyIsAskedAboutAnError) {
  web_.has_probe = false;
  End(web_, Ended(0, 0, 11, 1));
  Put(11);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}}));
  EXPECT_FALSE(book_.NextQuestion());
}

TEST_F(RestartBookTest, AFailedProbeIsOneWhateverTheContainerMadeOfIt) {
  int life = 0;
  for (const auto exit_code : {137, 143, 0, 1}) {
    const int begin = life * 100;
    End(web_, Ended(life, begin, begin + 11, exit_code));
    Put(begin + 11);
    EXPECT_EQ(
        Ask(begin + 12, {{{PodEvent::Kind::kProbeKilled, "web", At(begin + 10), At(begin + 10)}}}),
        1U);
    Begin(web_, ++life, begin + 100);
    Put(begin + 100);
    EXPECT_EQ(RestartsOf(book_), (Counts{{"health_check", life}})) << exit_code;
  }
}

TEST_F(RestartBookTest, AnEventMayComeLaterThanTheStatus) {
  End(web_, Ended(0, 0, 11, 137));
  Put(11);
  EXPECT_EQ(Ask(12, std::vector<PodEvent>{}), 1U);
  EXPECT_EQ(RestartsOf(book_), Counts{});
  Begin(web_, 1, 13);
  Put(13);
  EXPECT_EQ(Ask(16, {{kProbeKill}}), 1U);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"health_check", 1}}));
}

TEST_F(RestartBookTest, AProbeThatKilledAnEarlierLifeIsNoReason) {
  End(web_, Ended(0, 20, 40, 1));
  Put(41);
  AskUntil(60, {kProbeKill});
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}}));
}

TEST_F(RestartBookTest, AnotherContainersProbeIsNoReason) {
  End(web_, Ended(0, 0, 11, 1));
  Put(11);
  AskUntil(60, {{PodEvent::Kind::kProbeKilled, "sidecar", At(10), At(10)}});
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}}));
}

TEST_F(RestartBookTest, WhereTheKillWasNotToldTheFailedProbeIs) {
  const PodEvent failed{PodEvent::Kind::kProbeFailed, "web", At(3), At(9)};
  End(web_, Ended(0, 0, 11, 143));
  Put(11);
  AskUntil(20, {failed});
  Begin(web_, 1, 20);
  End(web_, Ended(1, 20, 30, 1));
  Put(30);
  AskUntil(50, {{PodEvent::Kind::kProbeFailed, "web", At(25), At(29)}});
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}, {"health_check", 1}}))
      << "an exit code of its own is its own";
}

TEST_F(RestartBookTest, AChangedDefinitionWasAskedFor) {
  End(web_, Ended(0, 0, 11, 143));
  Put(11);
  AskUntil(20, {{PodEvent::Kind::kChanged, "web", At(10), At(10)}});
  EXPECT_EQ(RestartsOf(book_), Counts{});
}

TEST_F(RestartBookTest, AKillInTheCgroupExplainsARuntimeThatDidNotSeeIt) {
  for (const bool cgroup_first : {true, false}) {
    RestartBook book;
    book.Synced(NowAt(0));
    auto pod = ShopPod();
    Begin(pod.containers[0], 0, 0);
    book.Put(pod, NowAt(1));
    book.Observe({.containers = {{"c0", 0}}}, NowAt(1));
    const auto tell = [&] { book.Observe({.containers = {{"c0", 1}}}, NowAt(11)); };
    if (cgroup_first) {
      tell();
    }
    End(pod.containers[0], Ended(0, 0, 11, 137));
    book.Put(pod, NowAt(11));
    if (!cgroup_first) {
      tell();
    }
    for (const auto& question : book.TakeQuestions(NowAt(13))) {
      book.Answer(question.uid, std::vector<PodEvent>{}, NowAt(13));
    }
    EXPECT_EQ(RestartsOf(book), (Counts{{"oom_killed", 1}})) << cgroup_first;
    EXPECT_EQ(book.Workloads().at(kShop).oom_kills, 1U);
  }
}

TEST_F(RestartBookTest, ThePodsCgroupOutlivesTheContainers) {
  book_.Observe({.pods = {{pod_.uid, 3}}}, NowAt(10));
  End(web_, Ended(0, 0, 11, 137));
  Put(11);
  book_.Observe({.pods = {{pod_.uid, 4}}}, NowAt(11));
  AskUntil(13, {});
  EXPECT_EQ(RestartsOf(book_), (Counts{{"oom_killed", 1}}));
}

TEST_F(RestartBookTest, AnOldKillIsNoReasonForALaterEnd) {
  book_.Observe({.containers = {{"c0", 1}}}, NowAt(10));
  End(web_, Ended(0, 0, 100, 137));
  Put(100);
  AskUntil(130, {});
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}}));
  EXPECT_EQ(book_.Workloads().at(kShop).oom_kills, 1U) << "a child was killed, and counts so";
}

TEST_F(RestartBookTest, ExitingWithNothingToDoIsCompleted) {
  web_.has_probe = false;
  End(web_, Ended(0, 0, 11, 0));
  Put(11);
  BackOff(web_);
  Put(12);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"completed", 1}}));
}

TEST_F(RestartBookTest, AnInitContainerThatDidItsPartHasNotRestarted) {
  pod_.containers.push_back({.name = "migrate", .kind = Container::Kind::kInit});
  auto& migrate = pod_.containers.back();
  auto end = Ended(7, 0, 5, 1);
  End(migrate, end);
  Put(6);
  end = Ended(8, 6, 8, 0);
  migrate.restart_count = 1;
  migrate.last_terminated = migrate.terminated;
  End(migrate, end);
  Put(8);
  EXPECT_EQ(RestartsOf(book_, {"shops", "shop", "migrate"}), (Counts{{"app_error", 1}}));
}

TEST_F(RestartBookTest, TheEvictedCountOnceHoweverTheirEndIsTold) {
  for (int way = 0; way < 4; ++way) {
    RestartBook book;
    book.Synced(NowAt(0));
    auto pod = ShopPod();
    auto& web = pod.containers[0];
    Begin(web, 0, 0);
    book.Put(pod, NowAt(1));
    if (way == 0) {  // The end is known before its reason.
      End(web, Ended(0, 0, 11, 137));
      book.Put(pod, NowAt(11));
    }
    pod.reason = "Evicted";
    if (way == 1) {  // The reason is known before the end.
      book.Put(pod, NowAt(11));
    }
    if (way == 2) {  // Its containers are not told of any more.
      web = {.name = "web", .has_probe = true};
    } else if (way != 3) {
      End(web, Ended(0, 0, 11, 137));
    }
    book.Put(pod, NowAt(12));
    book.Remove(pod.uid, NowAt(13));  // 3: it is gone before its end was told.
    EXPECT_EQ(RestartsOf(book), (Counts{{"evicted", 1}})) << way;
    EXPECT_FALSE(book.NextQuestion()) << way;
  }
}

TEST_F(RestartBookTest, WhatEndsBecauseItsPodIsDeletedWasAskedFor) {
  pod_.deleted_at = At(20);
  Put(20);
  End(web_, Ended(0, 0, 25, 137));
  Put(25);
  book_.Remove(pod_.uid, NowAt(26));
  AskUntil(60, {});
  EXPECT_EQ(RestartsOf(book_), Counts{});
}

TEST_F(RestartBookTest, WhatEndedBeforeItsPodWasDeletedCounts) {
  End(web_, Ended(0, 0, 15, 1));
  pod_.deleted_at = At(20);
  Put(20);
  book_.Remove(pod_.uid, NowAt(21));
  AskUntil(60, {});
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}})) << "though the pod is gone";
}

TEST_F(RestartBookTest, WhatNobodyKnowsIsUnknown) {
  web_.running_since.reset();
  web_.restart_count = 1;
  web_.waiting = "ContainerCreating";
  web_.last_terminated =
      Termination{.container_id = "", .reason = "ContainerStatusUnknown", .exit_code = 137};
  Put(11);
  Begin(web_, 1, 12);
  Put(12);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"unknown", 1}}));
}

TEST_F(RestartBookTest, EndsThatNobodySawAreUnknownAndTheLastIsNot) {
  web_.restart_count = 4;
  web_.last_terminated = Ended(3, 50, 60, 137, "OOMKilled");
  web_.id = "containerd://c4";
  Put(70);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"oom_killed", 1}, {"unknown", 3}}));
}

TEST_F(RestartBookTest, OfEveryStateOfACrashLoopEachEndCountsOnce) {
  for (int life = 0; life < 5; ++life) {
    const int begin = 10 + life * 10;
    End(web_, Ended(life, begin, begin + 1, 137, "OOMKilled"));
    Put(begin + 1);
    Put(begin + 1);
    BackOff(web_);
    Put(begin + 2);
    Begin(web_, life + 1, begin + 9);
    web_.last_terminated = Ended(life, begin, begin + 1, 137, "OOMKilled");
    Put(begin + 9);
    Put(begin + 9);
  }
  EXPECT_EQ(RestartsOf(book_), (Counts{{"oom_killed", 5}}));
}

TEST_F(RestartBookTest, AFirstStartTakesWhatItFindsAsItsBeginning) {
  RestartBook book;
  web_.restart_count = 57;
  web_.last_terminated = Ended(56, 0, 5, 1);
  book.Put(pod_, NowAt(10));
  book.Synced(NowAt(10));
  EXPECT_EQ(RestartsOf(book), Counts{});
  web_.has_probe = false;
  web_.id = "containerd://c57";
  End(web_, Ended(57, 6, 20, 1));
  book.Put(pod_, NowAt(20));
  EXPECT_EQ(RestartsOf(book), (Counts{{"app_error", 1}}));
}

TEST_F(RestartBookTest, ARestartOfTheAgentLosesNothingAndCountsNothingTwice) {
  web_.has_probe = false;
  End(web_, Ended(0, 0, 11, 1));
  Put(11);
  Begin(web_, 1, 12);
  Put(12);
  RestartBook again(book_.Save());
  again.Put(pod_, NowAt(30));
  again.Synced(NowAt(30));
  EXPECT_EQ(RestartsOf(again), (Counts{{"app_error", 1}}));
  // While it was away: two ends, and a pod that came and crashed once.
  web_.restart_count = 3;
  web_.id = "containerd://c3";
  web_.last_terminated = Ended(2, 40, 45, 137, "OOMKilled");
  auto other = ShopPod("shop-5d9f-other");
  Begin(other.containers[0], 1, 40);
  other.containers[0].last_terminated = Ended(100, 30, 39, 137, "OOMKilled");
  RestartBook third(again.Save());
  third.Put(pod_, NowAt(50));
  third.Put(other, NowAt(50));
  third.Synced(NowAt(50));
  EXPECT_EQ(RestartsOf(third), (Counts{{"app_error", 1}, {"oom_killed", 2}, {"unknown", 1}}));
}

TEST_F(RestartBookTest, APendingEndIsSavedAsWhatItSeemsToBe) {
  End(web_, Ended(0, 0, 11, 143));
  Put(11);
  EXPECT_EQ(RestartsOf(book_), Counts{});
  RestartBook again(book_.Save());
  again.Put(pod_, NowAt(12));
  again.Synced(NowAt(12));
  EXPECT_EQ(RestartsOf(again), (Counts{{"app_error", 1}}));
  EXPECT_FALSE(again.NextQuestion());
}

TEST_F(RestartBookTest, KillsAreCountedOnceOverARestartOfTheAgent) {
  book_.Observe({.containers = {{"c0", 2}}}, NowAt(10));
  RestartBook again(book_.Save());
  again.Put(pod_, NowAt(12));
  again.Observe({.containers = {{"c0", 3}}}, NowAt(13));
  EXPECT_EQ(again.Workloads().at(kShop).oom_kills, 3U);
}

TEST_F(RestartBookTest, PodsComeAndGoAndTheCountStays) {
  web_.has_probe = false;
  End(web_, Ended(0, 0, 11, 1));
  Put(11);
  book_.Remove(pod_.uid, NowAt(12));
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}}));
  book_.Synced(NowAt(12));
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}}));
  auto other = ShopPod("shop-5d9f-next");
  Begin(other.containers[0], 0, 13);
  book_.Put(other, NowAt(13));
  other.containers[0].has_probe = false;
  End(other.containers[0], Ended(0, 0, 14, 1));
  other.containers[0].terminated->container_id = "containerd://x";
  book_.Put(other, NowAt(14));
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 2}}));
}

TEST_F(RestartBookTest, AWorkloadThatIsLongGoneIsForgotten) {
  book_.Remove(pod_.uid, NowAt(12));
  book_.Synced(NowAt(23 * 3600));
  EXPECT_TRUE(book_.Workloads().contains(kShop));
  book_.Synced(NowAt(25 * 3600));
  EXPECT_FALSE(book_.Workloads().contains(kShop));
}

TEST_F(RestartBookTest, TooManyWorkloadsAreNotCountedAndTheOldestThatAreAwayMakeRoom) {
  RestartBook book({}, {.most_workloads = 2});
  book.Synced(NowAt(0));
  const auto put = [&](const std::string& owner, int second) {
    auto pod = ShopPod(owner + "-0");
    pod.owner.kind = "StatefulSet";
    pod.owner.name = owner;
    book.Put(pod, NowAt(second));
  };
  put("a", 1);
  put("b", 2);
  put("c", 3);
  EXPECT_FALSE(book.Workloads().contains({"shops", "c", "web"}));
  book.Remove("uid-a-0", NowAt(4));
  put("c", 5);
  EXPECT_TRUE(book.Workloads().contains({"shops", "c", "web"}));
  EXPECT_TRUE(book.Workloads().contains({"shops", "b", "web"}));
  EXPECT_EQ(book.Workloads().size(), 2U);
}

TEST_F(RestartBookTest, WithoutAnAnswerTheExitCodeDecides) {
  End(web_, Ended(0, 0, 11, 137));
  Put(11);
  EXPECT_EQ(Ask(12, std::nullopt), 1U);
  EXPECT_EQ(Ask(13, std::nullopt), 0U);
  EXPECT_EQ(Ask(16, std::nullopt), 1U);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"app_error", 1}}));
}

TEST_F(RestartBookTest, ARestartCountThatBeganAnewIsNoReasonToCountTwice) {
  web_.restart_count = 5;
  web_.id = "containerd://c5";
  web_.last_terminated = Ended(4, 0, 9, 137, "OOMKilled");
  Put(20);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"oom_killed", 1}, {"unknown", 4}}));
  web_.restart_count = 1;
  web_.id = "containerd://n1";
  web_.last_terminated = Ended(0, 20, 30, 137, "OOMKilled");
  web_.last_terminated->container_id = "containerd://n0";
  Put(31);
  Put(31);
  EXPECT_EQ(RestartsOf(book_), (Counts{{"oom_killed", 2}, {"unknown", 4}}));
}

}  // namespace
}  // namespace agent::kubernetes
