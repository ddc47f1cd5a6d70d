#include "common/kubernetes/watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace common::kubernetes {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kWatched = "/api/v1/pods";

class WatcherTest : public testing::Test {
 protected:
  WatcherTest() {
    api_.Serve(kWatched);
    for (int i = 0; i < 7; ++i) {
      Put("pod-" + std::to_string(i));
    }
  }

  void Put(const std::string& name, const std::string& spec = "1") {
    api_.Put(kWatched, "shops", name, spec);
    there_[name] = spec;
  }
  void Remove(const std::string& name) {
    api_.Remove(kWatched, "shops", name);
    there_.erase(name);
  }

  void Start() {
    WatchHandlers handlers;
    handlers.on_put = [this](const ObjectView& object) {
      const std::string json(object.json);
      const auto at = json.find("\"spec\":") + 7;
      seen_[std::string(object.name)] = json.substr(at, json.size() - at - 1);
      uids_.insert(std::string(object.uid));
    };
    handlers.on_gone = [this](const ObjectKey& key) {
      EXPECT_EQ(seen_.erase(key.name), 1U) << key.name;
      ++gone_;
    };
    handlers.on_synced = [this] { ++synced_; };
    handlers.on_trouble = [this](const std::string& problem) {
      trouble_ = problem;
      troubles_ += problem.empty() ? 0 : 1;
    };
    watcher_ = std::make_unique<Watcher>(executor_, client_, Resource{kWatched},
                                         std::move(handlers), WatchOptions{.page_objects = 3});
    watcher_->Start();
  }

  tests::SimulatedExecutor executor_{WallTime(std::chrono::hours(24))};
  tests::FakeApi api_{executor_};
  Access access_;
  std::unique_ptr<TokenSource> tokens_ = MakeTokenSource(executor_, access_);
  Client client_{executor_, api_, *tokens_};
  std::map<std::string, std::string> there_;
  std::map<std::string, std::string> seen_;
  std::set<std::string> uids_;
  int gone_ = 0;
  int synced_ = 0;
  std::string trouble_;
  int troubles_ = 0;
  std::unique_ptr<Watcher> watcher_;
};

TEST_F(WatcherTest, ListsAllAtOnceAndThenFollows) {
  Start();
  executor_.RunFor(seconds(1));
  EXPECT_EQ(seen_, there_);
  EXPECT_TRUE(watcher_->Synced());
  EXPECT_EQ(api_.Count("GET", "resourceVersion=0"), 1);
  EXPECT_EQ(api_.Count("GET", "limit="), 0);
  Put("pod-9");
  Put("pod-1", "2");
  Remove("pod-0");
  executor_.RunFor(milliseconds(1));
  EXPECT_EQ(seen_, there_);
  EXPECT_EQ(synced_, 1);
  EXPECT_EQ(watcher_->Objects(), 7U);
}

TEST_F(WatcherTest, ListsByPagesWhereAllAtOnceFails) {
  api_.FailNext("GET", kWatched, {.status = 500});
  Start();
  executor_.RunFor(seconds(10));
  EXPECT_EQ(seen_, there_);
  EXPECT_EQ(api_.Count("GET", "limit=3"), 3);
  EXPECT_EQ(trouble_, "");
}

TEST_F(WatcherTest, AListThatIsBusyIsAskedForAgainWhenTheServerSays) {
  api_.FailNext("GET", kWatched, {.status = 429, .headers = {{"retry-after", "5"}}});
  Start();
  executor_.RunFor(milliseconds(4900));
  EXPECT_EQ(api_.Requests().size(), 1U);
  executor_.RunFor(seconds(1));
  EXPECT_EQ(seen_, there_);
}

TEST_F(WatcherTest, AServerWhoseHistoryBeganAnewIsListedByPages) {
  Start();
  executor_.RunFor(seconds(1));
  api_.FailNext("GET", std::string(kWatched) + "?resourceVersionMatch",
                {.status = 504, .body = R"({"reason":"Timeout"})"});
  api_.ExpireWatches();
  Remove("pod-3");
  executor_.RunFor(seconds(10));
  EXPECT_EQ(seen_, there_);
  EXPECT_EQ(api_.Count("GET", "resourceVersionMatch"), 2);
  EXPECT_EQ(api_.Count("GET", "limit=3"), 2);
}

TEST_F(WatcherTest, AWatchThatEndsGoesOnWhereItEnded) {
  Start();
  executor_.RunFor(seconds(10));
  Put("pod-1", "2");
  api_.CutWatches(false);
  Put("pod-2", "3");
  Remove("pod-3");
  executor_.RunFor(milliseconds(10));
  EXPECT_EQ(seen_, there_);
  EXPECT_EQ(synced_, 1);
  EXPECT_EQ(api_.OpenWatches(), 1);
}

TEST_F(WatcherTest, AWatchThatIsCutInMidLineLosesNothing) {
  Start();
  executor_.RunFor(seconds(10));
  api_.CutWatches(true);
  EXPECT_NE(trouble_, "");
  Put("pod-2", "3");
  Remove("pod-3");
  executor_.RunFor(seconds(10));
  EXPECT_EQ(seen_, there_);
  EXPECT_EQ(synced_, 1);
  EXPECT_EQ(trouble_, "");
}

TEST_F(WatcherTest, WhatIsTooOldIsListedAgainAndNoDeletionIsForgotten) {
  Start();
  executor_.RunFor(seconds(10));
  api_.CutWatches(true);
  Remove("pod-3");
  Remove("pod-4");
  Put("pod-4", "4");  // Another of the same name.
  Put("pod-8");
  api_.Compact();
  executor_.RunFor(seconds(30));
  EXPECT_EQ(seen_, there_);
  EXPECT_EQ(gone_, 2);
  EXPECT_EQ(synced_, 2);
  EXPECT_EQ(uids_.size(), 9U);
}

TEST_F(WatcherTest, AnErrorInTheWatchLeadsToAList) {
  Start();
  executor_.RunFor(seconds(10));
  Remove("pod-3");
  api_.ExpireWatches();
  executor_.RunFor(seconds(1));
  EXPECT_EQ(synced_, 2);
  EXPECT_EQ(seen_, there_);
}

TEST_F(WatcherTest, APageThatIsTooOldBeginsTheListAnew) {
  api_.FailNext("GET", kWatched, {.status = 500});
  api_.FailNext("GET", std::string(kWatched) + "?limit=3&continue=", {.status = 410});
  Start();
  executor_.RunFor(seconds(30));
  EXPECT_EQ(seen_, there_);
  EXPECT_EQ(synced_, 1);
}

TEST_F(WatcherTest, ASilentWatchIsLeftAndOneWithBookmarksIsNot) {
  Start();
  executor_.RunFor(seconds(1));
  for (int minute = 0; minute < 4; ++minute) {
    executor_.RunFor(seconds(60));
    api_.SendBookmarks();
  }
  EXPECT_EQ(api_.Count("GET", "watch=1"), 1);
  executor_.RunFor(seconds(101));
  EXPECT_GE(api_.Count("GET", "watch=1"), 2);
  EXPECT_EQ(synced_, 1);
}

TEST_F(WatcherTest, SilenceAloneIsNoTroubleUntilNobodyAnswers) {
  Start();
  executor_.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(troubles_, 0) << "a kind without any change has no bookmarks either";
  EXPECT_GE(api_.Count("GET", "watch=1"), 5);
  api_.FailAll("GET", kWatched, {.breaks = true});
  executor_.RunFor(std::chrono::minutes(2));
  EXPECT_NE(trouble_, "");
  api_.Relent();
  executor_.RunFor(std::chrono::minutes(1));
  EXPECT_EQ(trouble_, "");
}

TEST_F(WatcherTest, BacksOffFromAServerThatRefuses) {
  for (int i = 0; i < 20; ++i) {
    api_.FailNext("GET", kWatched, {.status = 500});
  }
  Start();
  executor_.RunFor(seconds(60));
  EXPECT_FALSE(watcher_->Synced());
  EXPECT_LT(api_.Requests().size(), 12U);
  EXPECT_GT(api_.Requests().size(), 4U);
  EXPECT_NE(trouble_, "");
  executor_.RunFor(std::chrono::minutes(20));
  EXPECT_EQ(seen_, there_);
  EXPECT_EQ(trouble_, "");
}

TEST_F(WatcherTest, AServerThatEndsEveryWatchAtOnceIsNotAskedInALoop) {
  Start();
  executor_.RunFor(seconds(1));
  for (int i = 0; i < 100; ++i) {
    api_.CutWatches(false);
    executor_.RunFor(milliseconds(50));
  }
  EXPECT_LE(api_.Count("GET", "watch=1"), 13);
}

/// Whatever happens in which order: in the end it knows what is there.
TEST_F(WatcherTest, InTheEndItKnowsWhatIsThere) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](int most) {
      return static_cast<int>(random() % static_cast<std::uint32_t>(most + 1));
    };
    if (seed == 1) {
      Start();
    }
    for (int step = 0; step < 60; ++step) {
      switch (draw(9)) {
        case 0:
          api_.CutWatches(draw(1) == 0);
          break;
        case 1:
          api_.Compact();
          break;
        case 2:
          api_.ExpireWatches();
          break;
        case 3:
          api_.FailNext("GET", kWatched, {.status = draw(1) == 0 ? 500 : 410});
          break;
        case 4:
          api_.FailNext("GET", kWatched, {.breaks = true});
          break;
        case 5:
          Remove("pod-" + std::to_string(draw(12)));
          break;
        case 6:
          executor_.RunFor(seconds(draw(5)));
          break;
        default:
          Put("pod-" + std::to_string(draw(12)), std::to_string(step));
      }
      executor_.RunFor(milliseconds(draw(100)));
    }
    executor_.RunFor(std::chrono::minutes(10));
    ASSERT_EQ(seen_, there_) << "seed " << seed;
    ASSERT_EQ(trouble_, "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace common::kubernetes
