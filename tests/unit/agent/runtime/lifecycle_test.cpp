#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "agent/runtime/container_book.h"
#include "agent/runtime/lifecycle_file.h"
#include "common/lifecycle/compact.h"
#include "unit/agent/scratch_tree.h"

namespace agent::runtime {
namespace {

using common::lifecycle::EndReason;
using common::lifecycle::Event;
using common::lifecycle::Record;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const WorkloadKey kShop = {"local", "shop-01", "shop"};

Record Of(Event event, std::string replica = {}, std::uint32_t attempt = 0) {
  Record record;
  record.event = event;
  record.name_space = kShop.name_space;
  record.workload = kShop.workload;
  record.container = kShop.container;
  record.replica = std::move(replica);
  record.attempt = attempt;
  return record;
}

Record Declared() { return Of(Event::kDeclared); }

Record Start(std::string replica, std::uint32_t attempt = 0) {
  auto record = Of(Event::kStart, std::move(replica), attempt);
  record.pid = 77;
  record.cgroup = "trimtab/" + record.replica;
  return record;
}

Record End(std::string replica, EndReason reason, std::uint32_t attempt = 0) {
  auto record = Of(Event::kEnd, std::move(replica), attempt);
  record.reason = reason;
  return record;
}

ContainerBook BookOf(const std::vector<Record>& records) {
  ContainerBook book;
  for (const auto& record : records) {
    book.Apply(record);
  }
  return book;
}

std::uint64_t Restarts(const ContainerBook& book, EndReason reason) {
  const auto& counts = book.Restarts().at(kShop);
  for (std::size_t index = 0; index < kRestartReasons.size(); ++index) {
    if (kRestartReasons.at(index) == reason) {
      return counts.at(index);
    }
  }
  ADD_FAILURE() << "no restart reason";
  return 0;
}

TEST(ContainerBook, ADeclaredWorkloadCountsFromZero) {
  const auto book = BookOf({Declared()});

  EXPECT_THAT(book.Restarts().at(kShop), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(book.Running(), IsEmpty());
}

TEST(ContainerBook, WhatHasStartedAndNotEndedRuns) {
  const auto book =
      BookOf({Start("shop-01-1"), Start("shop-01-2"), End("shop-01-1", EndReason::kScaledDown)});

  ASSERT_THAT(book.Running(), SizeIs(1));
  EXPECT_EQ(book.Running()[0].id, (ContainerId{"shop-01-2", 0}));
  EXPECT_EQ(book.Running()[0].cgroup, "trimtab/shop-01-2");
}

TEST(ContainerBook, EachReasonCountsUnderItsOwnName) {
  const auto book = BookOf({Start("a"), End("a", EndReason::kOomKilled), Start("a", 1),
                            End("a", EndReason::kAppError, 1), Start("a", 2),
                            End("a", EndReason::kHealthCheck, 2)});

  EXPECT_EQ(Restarts(book, EndReason::kOomKilled), 1U);
  EXPECT_EQ(Restarts(book, EndReason::kAppError), 1U);
  EXPECT_EQ(Restarts(book, EndReason::kHealthCheck), 1U);
}

TEST(ContainerBook, ScalingDownIsNoRestart) {
  const auto book = BookOf({Start("a"), End("a", EndReason::kScaledDown)});

  EXPECT_THAT(book.Restarts().at(kShop), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(ContainerBook, AnEndThatIsToldTwiceCountsOnce) {
  ContainerBook book;
  book.Apply(Start("a"));

  EXPECT_THAT(book.Apply(End("a", EndReason::kAppError)), SizeIs(1));
  EXPECT_THAT(book.Apply(End("a", EndReason::kUnknown)), IsEmpty());
  EXPECT_EQ(Restarts(book, EndReason::kAppError), 1U);
  EXPECT_EQ(Restarts(book, EndReason::kUnknown), 0U);
}

TEST(ContainerBook, ANameThatIsUsedAgainCountsAgain) {
  const auto book = BookOf(
      {Start("a"), End("a", EndReason::kAppError), Start("a"), End("a", EndReason::kAppError)});

  EXPECT_EQ(Restarts(book, EndReason::kAppError), 2U);
}

TEST(ContainerBook, AnEndWithoutItsStartStillCounts) {
  const auto book = BookOf({End("a", EndReason::kOomKilled)});

  EXPECT_EQ(Restarts(book, EndReason::kOomKilled), 1U);
}

TEST(ContainerBook, ALateEndOfAnOlderAttemptLeavesTheNewOneRunning) {
  const auto book = BookOf({Start("a"), Start("a", 1), End("a", EndReason::kUnknown)});

  ASSERT_THAT(book.Running(), SizeIs(1));
  EXPECT_EQ(book.Running()[0].id.attempt, 1U);
  EXPECT_EQ(Restarts(book, EndReason::kUnknown), 1U);
}

// --- the file --------------------------------------------------------------------------------

std::string Lines(const std::vector<Record>& records) {
  std::string lines;
  for (const auto& record : records) {
    lines += common::lifecycle::Encode(record);
  }
  return lines;
}

class FollowedFile : public ::testing::Test {
 protected:
  LifecycleFile::Changes Poll() {
    auto changes = file_.Poll();
    EXPECT_TRUE(changes) << changes.error().what;
    return changes ? *changes : LifecycleFile::Changes{};
  }

  tests::ScratchTree tree_{};
  LifecycleFile file_{tree_.Path() / "lifecycle.jsonl"};
};

TEST_F(FollowedFile, MayAppearLater) {
  EXPECT_FALSE(Poll().begun_anew);

  tree_.Write("lifecycle.jsonl", Lines({Declared(), Start("a")}));
  const auto changes = Poll();

  EXPECT_TRUE(changes.begun_anew);
  EXPECT_THAT(file_.Book().Running(), SizeIs(1));
}

TEST_F(FollowedFile, IsReadOnlyOnce) {
  tree_.Write("lifecycle.jsonl", Lines({Start("a"), End("a", EndReason::kAppError)}));

  EXPECT_THAT(Poll().ended, SizeIs(1));
  EXPECT_THAT(Poll().ended, IsEmpty());
  EXPECT_EQ(Restarts(file_.Book(), EndReason::kAppError), 1U);
}

TEST_F(FollowedFile, APartialLastLineWaits) {
  const auto line = Lines({Start("a")});
  tree_.Write("lifecycle.jsonl", line.substr(0, 20));
  Poll();
  EXPECT_THAT(file_.Book().Running(), IsEmpty());

  tree_.Append("lifecycle.jsonl", line.substr(20));
  Poll();

  EXPECT_THAT(file_.Book().Running(), SizeIs(1));
  EXPECT_EQ(file_.BadLines(), 0U);
}

TEST_F(FollowedFile, AReplacedFileIsCountedFromItsBeginning) {
  tree_.Write("lifecycle.jsonl", Lines({Start("a"), End("a", EndReason::kAppError)}));
  Poll();

  tree_.Write("new", Lines({Start("a"), End("a", EndReason::kAppError), Start("a", 1),
                            End("a", EndReason::kOomKilled, 1), Start("a", 2)}));
  std::filesystem::rename(tree_.Path() / "new", tree_.Path() / "lifecycle.jsonl");
  const auto changes = Poll();

  EXPECT_TRUE(changes.begun_anew);
  EXPECT_THAT(changes.ended, SizeIs(2));
  EXPECT_EQ(Restarts(file_.Book(), EndReason::kAppError), 1U);
  EXPECT_EQ(Restarts(file_.Book(), EndReason::kOomKilled), 1U);
}

TEST_F(FollowedFile, GoesOnInTheFileThatContinuesIt) {
  const auto file = tree_.Path() / "lifecycle.jsonl";
  tree_.Write("lifecycle.jsonl", Lines({Start("a"), End("a", EndReason::kAppError), Start("b")}));
  EXPECT_THAT(Poll().ended, SizeIs(1));
  // Not yet seen when another file takes the place of this one.
  tree_.Append("lifecycle.jsonl", Lines({End("b", EndReason::kOomKilled)}));
  ASSERT_TRUE(common::lifecycle::CompactIfLarge(file, {.most_bytes = 0, .kept_bytes = 10}));
  tree_.Append("lifecycle.jsonl", Lines({Start("c"), End("c", EndReason::kEvicted)}));

  const auto changes = Poll();

  EXPECT_FALSE(changes.begun_anew);
  EXPECT_THAT(changes.ended, SizeIs(2)) << "what is known is not told again";
  for (const auto reason : {EndReason::kAppError, EndReason::kOomKilled, EndReason::kEvicted}) {
    EXPECT_EQ(Restarts(file_.Book(), reason), 1U);
  }
  EXPECT_EQ(file_.BadLines(), 0U);
}

TEST_F(FollowedFile, ThatContinuesAnotherIsUnderstoodAlone) {
  const auto file = tree_.Path() / "lifecycle.jsonl";
  tree_.Write("lifecycle.jsonl", Lines({Declared(), Start("a"), End("a", EndReason::kOomKilled),
                                        Start("a"), End("a", EndReason::kOomKilled), Start("b")}));
  ASSERT_TRUE(common::lifecycle::CompactIfLarge(file, {.most_bytes = 0, .kept_bytes = 0}));

  const auto changes = Poll();

  EXPECT_TRUE(changes.begun_anew);
  ASSERT_THAT(changes.ended, SizeIs(1));
  EXPECT_EQ(changes.ended[0].count, 2U);
  EXPECT_EQ(Restarts(file_.Book(), EndReason::kOomKilled), 2U);
  EXPECT_THAT(file_.Book().Running(), SizeIs(1));
  EXPECT_EQ(file_.BadLines(), 0U);
}

TEST_F(FollowedFile, AShorterFileIsCountedFromItsBeginning) {
  tree_.Write("lifecycle.jsonl", Lines({Start("a"), End("a", EndReason::kAppError)}));
  Poll();

  tree_.Write("lifecycle.jsonl", Lines({Start("b")}));

  EXPECT_TRUE(Poll().begun_anew);
  EXPECT_THAT(file_.Book().Running(), SizeIs(1));
  EXPECT_EQ(Restarts(file_.Book(), EndReason::kAppError), 0U);
}

TEST_F(FollowedFile, WhatIsKnownOutlivesTheFile) {
  tree_.Write("lifecycle.jsonl", Lines({Start("a")}));
  Poll();

  tree_.Remove("lifecycle.jsonl");

  EXPECT_FALSE(Poll().begun_anew);
  EXPECT_THAT(file_.Book().Running(), SizeIs(1));
}

TEST_F(FollowedFile, BadLinesAreCountedAndSkipped) {
  tree_.Write("lifecycle.jsonl", "noise\n\n" + std::string(70'000, 'x') + "\n" +
                                     R"({"version":99})" + "\n" + Lines({Start("a")}));
  Poll();

  EXPECT_EQ(file_.BadLines(), 4U);
  EXPECT_THAT(file_.Book().Running(), SizeIs(1));
}

TEST_F(FollowedFile, MustBeARegularFile) {
  std::filesystem::create_directory(tree_.Path() / "lifecycle.jsonl");

  EXPECT_FALSE(file_.Poll());
}

}  // namespace
}  // namespace agent::runtime
