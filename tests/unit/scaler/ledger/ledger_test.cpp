#include "scaler/ledger/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/scratch_directory.h"

namespace scaler::ledger {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class FixedClock final : public common::Clock {
 public:
  [[nodiscard]] common::WallTime Wall() const override { return common::WallTime(seconds(50)); }
  [[nodiscard]] common::MonotonicTime Monotonic() const override {
    return common::MonotonicTime(seconds(7));
  }
};

codec::Line Line(const std::string& workload, double rate) {
  codec::Line line;
  line.workload = workload;
  line.policy.signals.requests = engine::RequestsSignal{10};
  line.observation.demand = engine::Sampled<engine::Demand>{{rate, 0, 0}, {}};
  line.decision = engine::Decide(line.policy, line.state, line.observation).decision;
  return line;
}

engine::State ActiveAt(int second) {
  engine::State state;
  state.last_active = engine::Time(seconds(second));
  return state;
}

class LedgerTest : public ::testing::Test {
 protected:
  tests::ScratchDirectory directory_;
  FixedClock clock_;

  [[nodiscard]] std::filesystem::path File() const { return directory_.Path() / "ledger.sqlite"; }

  [[nodiscard]] std::unique_ptr<Ledger> Open(Limits limits = {}) const {
    auto ledger = Ledger::Open(File(), limits);
    EXPECT_TRUE(ledger) << ledger.error().what;
    return std::move(*ledger);
  }
};

TEST_F(LedgerTest, KeepsStatesAndDecisionsOverARestart) {
  ASSERT_TRUE(Open()->Commit({{{"local/a", ActiveAt(1)}}, {Line("local/a", 25)}}, clock_));
  ASSERT_TRUE(Open()->Commit({{{"local/a", ActiveAt(2)}}, {Line("local/b", 35)}}, clock_));

  const auto ledger = Open();
  std::vector<std::string> problems;
  EXPECT_THAT(ledger->LoadStates(problems).value(), ElementsAre(Pair("local/a", ActiveAt(2))));
  EXPECT_THAT(problems, IsEmpty());
  const auto entries = ledger->Read({}).value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].line, Line("local/a", 25));
  EXPECT_EQ(entries[1].workload, "local/b");
  EXPECT_EQ(entries[1].committed_at, common::WallTime(seconds(50)));
  EXPECT_EQ(entries[1].committed_monotonic, common::MonotonicTime(seconds(7)));
}

TEST_F(LedgerTest, ReadsTheNewestOfOneWorkloadInOrder) {
  const auto ledger = Open();
  for (int number = 0; number < 10; ++number) {
    ASSERT_TRUE(ledger->Commit({{}, {Line("local/a", number), Line("local/b", number)}}, clock_));
  }

  const auto entries = ledger->Read({.workload = "local/b", .limit = 2}).value();

  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].id, 18);
  EXPECT_EQ(entries[1].id, 20);
  EXPECT_THAT(ledger->Read({.workload = "local/b", .after_id = 20}).value(), IsEmpty());
}

TEST_F(LedgerTest, WhoGoesOnFromTheLastIdMissesNone) {
  const auto ledger = Open();
  for (int number = 0; number < 7; ++number) {
    ASSERT_TRUE(ledger->Commit({{}, {Line("local/a", number)}}, clock_));
  }

  std::vector<std::int64_t> ids;
  for (std::int64_t last = 0;;) {
    const auto page = ledger->Read({.workload = "", .after_id = last, .limit = 3}).value();
    if (page.empty()) {
      break;
    }
    for (const auto& entry : page) {
      ids.push_back(entry.id);
    }
    last = page.back().id;
  }

  EXPECT_THAT(ids, ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(LedgerTest, DropsTheOldestLinesAboveItsCap) {
  const auto size = codec::EncodeLine(Line("local/a", 5)).size();
  const auto ledger = Open({.lines_bytes = 20 * size});
  for (int number = 0; number < 100; ++number) {
    ASSERT_TRUE(ledger->Commit({{}, {Line("local/a", 5)}}, clock_));
  }

  const auto entries = ledger->Read({}).value();

  EXPECT_LE(entries.size(), 20U);
  EXPECT_GE(entries.size(), 17U);
  EXPECT_EQ(entries.back().id, 100);
}

TEST_F(LedgerTest, AReaderSeesWhatTheWriterCommits) {
  const auto writer = Open();
  const auto reader = Ledger::OpenReadOnly(File());
  ASSERT_TRUE(reader) << reader.error().what;
  ASSERT_TRUE(writer->Commit({{}, {Line("local/a", 5)}}, clock_));
  EXPECT_EQ((*reader)->Read({}).value().size(), 1U);
}

TEST_F(LedgerTest, SaysWhatIsWrongWithTheFile) {
  std::ofstream(File()) << "this is no database, whatever its name says; it is text of some length";
  const auto garbage = Ledger::Open(File());
  ASSERT_FALSE(garbage);
  EXPECT_THAT(garbage.error().what, HasSubstr("move the file away"));

  const auto missing = Ledger::Open(directory_.Path() / "no" / "ledger.sqlite");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().what, HasSubstr("check that its directory exists"));
}

}  // namespace
}  // namespace scaler::ledger
