#include "scaler/kubernetes/leadership/election.h"

#include <gtest/gtest.h>

#include "scaler/kubernetes/leadership/lease_object.h"

namespace scaler::kubernetes::leadership {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Step = Election::Step;

common::MonotonicTime At(double s) {
  return common::MonotonicTime(milliseconds(static_cast<int>(s * 1000)));
}

LeaseRecord Held(const std::string& by, const std::string& renewed, const std::string& version) {
  return {.holder = by,
          .duration_seconds = 15,
          .transitions = 3,
          .acquired = "a",
          .renewed = renewed,
          .version = version};
}

class ElectionTest : public testing::Test {
 protected:
  /// We have taken the lease, by a request sent then.
  void Lead(double sent) {
    election_.Read(Held("", "r0", "1"), At(sent));
    auto wish = election_.Wish(election_.Next(At(sent)), "now");
    wish.version = "2";
    election_.Written(wish, At(sent), At(sent + 0.1));
  }

  Election election_{"me",
                     {.lease = seconds(15), .renew_deadline = seconds(10), .retry = seconds(2)}};
};

TEST_F(ElectionTest, ReadsBeforeItWrites) {
  EXPECT_EQ(election_.Next(At(0)), Step::kRead);
  election_.Read(std::nullopt, At(0));
  EXPECT_EQ(election_.Next(At(0)), Step::kCreate);
  EXPECT_FALSE(election_.Leads(At(0)));
}

TEST_F(ElectionTest, WhatIsHeldIsTakenWhenItHasNotChangedForItsTimeAsSeenFromHere) {
  election_.Read(Held("other", "r1", "1"), At(100));
  EXPECT_EQ(election_.Next(At(114.9)), Step::kRead);
  election_.Read(Held("other", "r2", "2"), At(114.9));
  EXPECT_EQ(election_.Next(At(129.8)), Step::kRead);
  EXPECT_EQ(election_.Next(At(129.9)), Step::kTake);
  EXPECT_EQ(election_.Holder(), "other");
}

/// Nobody's clock is that wrong.
TEST_F(ElectionTest, NoTwoLeadThoughOneClockGoesHalfAsFastAgainAsTheOther) {
  const LeaseTimes times;
  EXPECT_LE(times.retry * 3, times.renew_deadline);  // Two renewals may get lost.
  for (const double offset : {0.0, 0.3, 0.7, 1.0}) {
    Election leader("leader", times);
    Election other("other", times);
    leader.Read(std::nullopt, At(0));
    auto record = leader.Wish(Step::kCreate, "r0");
    record.version = "1";
    // The leader's clock is the slow one; its last renewal was carried out as soon as it was sent.
    leader.Written(record, At(0), At(0));
    for (double now = offset; leader.Leads(At(now)); now += 0.1) {
      other.Read(record, At(100 + 1.5 * now));
      ASSERT_NE(other.Next(At(100 + 1.5 * now)), Step::kTake) << now;
    }
    EXPECT_EQ(other.Next(At(100 + 1.5 * (offset + 8))), Step::kTake);
  }
}

TEST_F(ElectionTest, ALabelOnTheLeaseIsNoSignOfLife) {
  election_.Read(Held("other", "r1", "1"), At(100));
  election_.Read(Held("other", "r1", "2"), At(110));
  EXPECT_EQ(election_.Next(At(115)), Step::kTake);
  EXPECT_EQ(election_.Wish(Step::kTake, "now").version, "2");
}

TEST_F(ElectionTest, WhatTheRecordSaysOfTimeIsNotBelieved) {
  election_.Read(Held("other", "1999-01-01T00:00:00.000000Z", "1"), At(100));
  EXPECT_EQ(election_.Next(At(101)), Step::kRead);
}

TEST_F(ElectionTest, ADurationThatCannotBeIsNotWaitedFor) {
  auto record = Held("other", "r1", "1");
  record.duration_seconds = 2'000'000'000;
  election_.Read(record, At(100));
  EXPECT_EQ(election_.Next(At(115)), Step::kTake);
}

TEST_F(ElectionTest, AReleasedLeaseIsTakenAtOnceAndCountsAsATransition) {
  election_.Read(Held("", "r1", "7"), At(100));
  EXPECT_EQ(election_.Next(At(100)), Step::kTake);
  const auto wish = election_.Wish(Step::kTake, "now");
  EXPECT_EQ(wish.holder, "me");
  EXPECT_EQ(wish.transitions, 4);
  EXPECT_EQ(wish.version, "7");
  EXPECT_EQ(wish.acquired, "now");
  EXPECT_EQ(wish.duration_seconds, 15);
}

TEST_F(ElectionTest, LeadsFromWhenTheRenewalWasSentAndNotFromItsAnswer) {
  Lead(100);
  EXPECT_TRUE(election_.Leads(At(100.1)));
  EXPECT_TRUE(election_.Leads(At(109.9)));
  EXPECT_FALSE(election_.Leads(At(110)));
}

TEST_F(ElectionTest, ARenewalKeepsWhenItWasAcquiredAndTheTransitions) {
  Lead(100);
  EXPECT_EQ(election_.Next(At(102)), Step::kRenew);
  const auto wish = election_.Wish(Step::kRenew, "later");
  EXPECT_EQ(wish.acquired, "now");
  EXPECT_EQ(wish.renewed, "later");
  EXPECT_EQ(wish.transitions, 4);
  EXPECT_EQ(wish.version, "2");
}

TEST_F(ElectionTest, ToReadThatItIsOursRenewsNothing) {
  Lead(100);
  election_.Forget();
  EXPECT_EQ(election_.Next(At(105)), Step::kRead);
  election_.Read(Held("me", "r9", "9"), At(105));
  EXPECT_FALSE(election_.Leads(At(110)));
  EXPECT_EQ(election_.Next(At(111)), Step::kRenew);
}

TEST_F(ElectionTest, WhoSeesAnotherHolderLeadsNoMore) {
  Lead(100);
  election_.Read(Held("other", "r9", "9"), At(101));
  EXPECT_FALSE(election_.Leads(At(101)));
  EXPECT_EQ(election_.Next(At(101)), Step::kRead);
}

TEST_F(ElectionTest, OfItsOwnNameFromBeforeARestartItRenewsBeforeItLeads) {
  election_.Read(Held("me", "r1", "1"), At(100));
  EXPECT_FALSE(election_.Leads(At(100)));
  EXPECT_EQ(election_.Next(At(100)), Step::kRenew);
}

TEST_F(ElectionTest, RenewsEveryRetryAndCandidatesLookWhenTheLeaseEnds) {
  Lead(100);
  EXPECT_EQ(election_.NextAt(At(100.5), 1), At(102));
  EXPECT_EQ(election_.NextAt(At(104), 1), At(104));
  election_.Forget();  // It failed: not again at once.
  EXPECT_EQ(election_.NextAt(At(104), 0), At(106));
  election_.Read(Held("other", "r1", "9"), At(200));
  EXPECT_EQ(election_.NextAt(At(200), 0), At(202));
  EXPECT_EQ(election_.NextAt(At(200), 1), At(202.4));
  EXPECT_EQ(election_.NextAt(At(214), 0), At(215));
  EXPECT_EQ(election_.NextAt(At(214), 0.5), At(215.2));
}

TEST(LeaseObjectTest, ReadsWhatIsThere) {
  const auto record = ReadLease(
      R"({"metadata":{"resourceVersion":"12"},"spec":{"holderIdentity":"a","leaseDurationSeconds":9,)"
      R"("leaseTransitions":2,"acquireTime":"x","renewTime":"y"}})");
  ASSERT_TRUE(record);
  EXPECT_EQ(*record, (LeaseRecord{"a", 9, 2, "x", "y", "12"}));
}

TEST(LeaseObjectTest, StrangeFieldsAreMissingOnes) {
  const auto record = ReadLease(
      R"({"metadata":{"resourceVersion":"12"},"spec":{"holderIdentity":7,"leaseDurationSeconds":-9,)"
      R"("leaseTransitions":"2","renewTime":[]}})");
  ASSERT_TRUE(record);
  EXPECT_EQ(*record, (LeaseRecord{"", 0, 0, "", "", "12"}));
  EXPECT_TRUE(ReadLease(R"({"metadata":{"resourceVersion":"12"}})"));
  for (const auto* const none : {"", "[]", "{}", "{", R"({"metadata":{"resourceVersion":5}})"}) {
    EXPECT_FALSE(ReadLease(none)) << none;
  }
}

}  // namespace
}  // namespace scaler::kubernetes::leadership
