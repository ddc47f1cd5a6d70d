#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/state_directory.h"
#include "unit/agent/scratch_tree.h"

namespace agent::collect {
namespace {

using ::testing::HasSubstr;

const runtime::WorkloadKey kQuotedShop = {"local", "shop \"one\"", "shop"};

common::WallTime At(std::int64_t milliseconds) {
  return common::WallTime(std::chrono::milliseconds(milliseconds));
}

TEST(StateFile, RoundTrips) {
  const tests::ScratchTree tree{};
  const AgentState state{.epoch = 17, .oom_kills = {{kQuotedShop, 3}}};

  ASSERT_TRUE(SaveState(tree.Path() / "agent.json", state));

  EXPECT_EQ(*LoadState(tree.Path() / "agent.json"), state);
}

TEST(StateFile, OfAFirstStartIsEmpty) {
  const tests::ScratchTree tree{};

  EXPECT_EQ(*LoadState(tree.Path() / "agent.json"), AgentState{});
}

TEST(StateFile, ThatMakesNoSenseIsAnError) {
  const tests::ScratchTree tree{};
  for (const auto* const text : {"", "[]", "{}", R"({"version":2,"epoch":1,"oomKills":[]})",
                                 R"({"version":1,"epoch":-1,"oomKills":[]})",
                                 R"({"version":1,"epoch":1,"oomKills":[{}]})"}) {
    tree.Write("agent.json", text);
    const auto state = LoadState(tree.Path() / "agent.json");
    ASSERT_FALSE(state) << text;
    EXPECT_EQ(state.error().code, std::errc::bad_message);
  }
}

TEST(Epoch, IsTheWallClock) { EXPECT_EQ(NextEpoch(0, At(1'700'000'000'000)), 1'700'000'000'000U); }

TEST(Epoch, GrowsEvenWhenTheClockWasSetBack) {
  EXPECT_EQ(NextEpoch(1'700'000'000'000, At(5)), 1'700'000'000'001U);
}

TEST(StateDirectory, IsMadeAndBeginsAnEpoch) {
  const tests::ScratchTree tree{};

  const auto directory = StateDirectory::Open(tree.Path() / "a/b", At(1000));

  ASSERT_TRUE(directory) << directory.error().what;
  EXPECT_EQ((*directory)->Epoch(), 1000U);
  EXPECT_EQ((*directory)->Checkpoint().parent_path(), tree.Path() / "a/b");
}

TEST(StateDirectory, RemembersKillsAndEpoch) {
  const tests::ScratchTree tree{};
  ASSERT_TRUE((*StateDirectory::Open(tree.Path(), At(1000)))->SaveOomKills({{kQuotedShop, 4}}));

  const auto again = StateDirectory::Open(tree.Path(), At(900));

  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ((*again)->Epoch(), 1001U);
  EXPECT_EQ((*again)->EarlierOomKills(), (OomKills{{kQuotedShop, 4}}));
}

TEST(StateDirectory, BelongsToOneAgent) {
  const tests::ScratchTree tree{};
  const auto first = StateDirectory::Open(tree.Path(), At(1000));

  const auto second = StateDirectory::Open(tree.Path(), At(1000));

  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().what, HasSubstr("another trimtab-agent"));
}

TEST(StateDirectory, BeginsAnewWhereItsFileIsDamaged) {
  const tests::ScratchTree tree{{"agent.json", "half a fi"}};

  const auto directory = StateDirectory::Open(tree.Path(), At(1000));

  ASSERT_TRUE(directory) << directory.error().what;
  EXPECT_EQ((*directory)->Epoch(), 1000U);
}

TEST(StateDirectory, MayBeNone) {
  const auto directory = StateDirectory::Open(std::nullopt, At(1000));

  ASSERT_TRUE(directory) << directory.error().what;
  EXPECT_TRUE((*directory)->SaveOomKills({{kQuotedShop, 1}}));
  EXPECT_EQ((*directory)->Checkpoint(), "");
}

TEST(StateDirectory, ThatCannotBeMadeIsNamed) {
  const tests::ScratchTree tree{{"file", "x"}};

  const auto directory = StateDirectory::Open(tree.Path() / "file/state", At(1000));

  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().what, HasSubstr("file/state"));
}

}  // namespace
}  // namespace agent::collect
