#include "scaler/kubernetes/leadership/elector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "scaler/kubernetes/leadership/gated_transport.h"
#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace scaler::kubernetes::leadership {
namespace {

using common::kubernetes::Client;
using common::kubernetes::Outcome;
using common::kubernetes::Request;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kLeases = "/apis/coordination.k8s.io/v1/leases";
constexpr const char* kMaps = "/api/v1/configmaps";

/// One scaler's part of the election.
struct Candidate {
  Candidate(tests::SimulatedExecutor& executor, tests::FakeApi& api, const std::string& name,
            std::uint32_t seed)
      : transport(
            executor, api, [this] { return elector->Leads(); }, LeasesOf("trimtab")),
        tokens(common::kubernetes::MakeTokenSource(executor, access)),
        client(executor, transport, *tokens) {
    ElectorOptions options;
    options.identity = name;
    options.seed = seed;
    elector = std::make_unique<Elector>(
        executor, client, options, [this] { ++changes; },
        [this, &executor] { return executor.Monotonic() + slept; });
  }

  common::kubernetes::Access access;
  GatedTransport transport;
  std::unique_ptr<common::kubernetes::TokenSource> tokens;
  Client client;
  std::chrono::nanoseconds slept{0};  ///< That CLOCK_MONOTONIC has not seen.
  int changes = 0;
  std::unique_ptr<Elector> elector;
};

class ElectorTest : public testing::Test {
 protected:
  ElectorTest() {
    api_.Serve(kLeases);
    api_.Serve(kMaps);
    for (auto* const one : {&a_, &b_}) {
      (*one)->elector->Start();
      executor_.RunFor(milliseconds(10));
    }
  }

  [[nodiscard]] int Leaders() const {
    return (a_ && a_->elector->Leads() ? 1 : 0) + (b_->elector->Leads() ? 1 : 0);
  }

  /// Until it holds, and never two leaders on the way.
  template <typename Predicate>
  milliseconds Await(Predicate holds, milliseconds most) {
    milliseconds waited{0};
    while (!holds() && waited < most) {
      executor_.RunFor(milliseconds(10));
      waited += milliseconds(10);
      EXPECT_LE(Leaders(), 1);
    }
    return waited;
  }

  [[nodiscard]] std::string Lease() const { return api_.Get(kLeases, "trimtab", "trimtab-scaler"); }

  tests::SimulatedExecutor executor_{common::WallTime(std::chrono::hours(24))};
  tests::FakeApi api_{executor_};
  std::unique_ptr<Candidate> a_ = std::make_unique<Candidate>(executor_, api_, "a_uid-a", 1);
  std::unique_ptr<Candidate> b_ = std::make_unique<Candidate>(executor_, api_, "b_uid-b", 2);
};

TEST_F(ElectorTest, TheFirstLeadsAndRenews) {
  EXPECT_TRUE(a_->elector->Leads());
  Await([] { return false; }, seconds(60));
  EXPECT_TRUE(a_->elector->Leads());
  EXPECT_FALSE(b_->elector->Leads());
  EXPECT_EQ(b_->elector->Holder(), "a_uid-a");
  EXPECT_NEAR(api_.Count("PATCH", "leases"), 60, 3);
  EXPECT_THAT(Lease(), HasSubstr(R"("leaseTransitions":0)"));
  EXPECT_THAT(Lease(), HasSubstr(R"("acquireTime":"1970-01-02T00:00:00.000000Z")"));
}

TEST_F(ElectorTest, WhoDiesIsFollowedWhenItsLeaseIsOver) {
  executor_.RunFor(seconds(30));
  a_.reset();
  const auto took = Await([&] { return b_->elector->Leads(); }, seconds(60));
  EXPECT_GE(took, seconds(6));
  EXPECT_LE(took, seconds(9));
  EXPECT_THAT(Lease(), HasSubstr(R"("leaseTransitions":1)"));
}

TEST_F(ElectorTest, WhoEndsGivesTheLeaseBack) {
  executor_.RunFor(seconds(30));
  bool done = false;
  a_->elector->Release([&] { done = true; });
  EXPECT_FALSE(a_->elector->Leads());
  executor_.RunFor(milliseconds(10));
  EXPECT_TRUE(done);
  EXPECT_LE(Await([&] { return b_->elector->Leads(); }, seconds(60)), milliseconds(1300));
}

TEST_F(ElectorTest, AFollowerHasNothingToGiveBack) {
  bool done = false;
  b_->elector->Release([&] { done = true; });
  EXPECT_TRUE(done);
  EXPECT_TRUE(a_->elector->Leads());
}

TEST_F(ElectorTest, ALeaseIsNotKeptFromEndingByAServerThatIsAway) {
  bool done = false;
  api_.FailAll("", "/apis/coordination", {.hangs = true});
  a_->elector->Release([&] { done = true; });
  executor_.RunFor(seconds(4));
  EXPECT_TRUE(done);
}

TEST_F(ElectorTest, WhoCannotRenewStopsBeforeAnotherBegins) {
  api_.FailAll("PATCH", "/apis/coordination", {.breaks = true});
  EXPECT_LE(Await([&] { return Leaders() == 0; }, seconds(60)), seconds(5));
  EXPECT_NE(a_->elector->Problem(), "");
  executor_.RunFor(seconds(20));
  EXPECT_EQ(Leaders(), 0);
  api_.Relent();
  EXPECT_LE(Await([&] { return Leaders() == 1; }, seconds(60)), seconds(5));
}

TEST_F(ElectorTest, AServerThatIsAwayForAMomentChangesNothing) {
  api_.FailAll("", "", {.breaks = true});
  executor_.RunFor(seconds(5));
  api_.Relent();
  executor_.RunFor(seconds(20));
  EXPECT_TRUE(a_->elector->Leads());
  EXPECT_EQ(a_->elector->Problem(), "");
  EXPECT_THAT(Lease(), HasSubstr(R"("leaseTransitions":0)"));
}

TEST_F(ElectorTest, ARenewalWhoseAnswerIsLostIsFoundAgain) {
  executor_.RunFor(seconds(30));
  api_.FailNext("PATCH", "/apis/coordination", {.hangs = true});
  executor_.RunFor(seconds(30));
  EXPECT_TRUE(a_->elector->Leads());
}

TEST_F(ElectorTest, AConflictIsReadAndDecidedAnew) {
  executor_.RunFor(milliseconds(1500));
  api_.Merge(kLeases, "trimtab", "trimtab-scaler", R"({"metadata":{"labels":{"a":"b"}}})");
  executor_.RunFor(seconds(4));
  EXPECT_TRUE(a_->elector->Leads());
  EXPECT_THAT(Lease(), HasSubstr(R"("a":"b")"));
}

TEST_F(ElectorTest, ADeletedLeaseIsMadeAgain) {
  executor_.RunFor(milliseconds(1500));
  api_.Remove(kLeases, "trimtab", "trimtab-scaler");
  Await([&] { return !Lease().empty() && Leaders() == 1; }, seconds(30));
  EXPECT_EQ(Leaders(), 1);
}

TEST_F(ElectorTest, AMachineThatSleptPastItsLeaseKnowsIt) {
  executor_.RunFor(seconds(1));
  a_->slept = seconds(6);
  EXPECT_FALSE(a_->elector->Leads());
}

TEST_F(ElectorTest, AfterAJumpOfTheWallClockTheNextRenewalDecides) {
  executor_.RunFor(seconds(1));
  executor_.JumpWallClock(std::chrono::hours(1));
  EXPECT_FALSE(a_->elector->Leads());
  executor_.RunFor(milliseconds(2100));
  EXPECT_TRUE(a_->elector->Leads());
  executor_.JumpWallClock(-std::chrono::hours(2));
  EXPECT_TRUE(a_->elector->Leads());
  executor_.RunFor(seconds(60));
  EXPECT_TRUE(a_->elector->Leads());
  EXPECT_FALSE(b_->elector->Leads());
}

TEST_F(ElectorTest, OnlyTheLeaderWrites) {
  std::array<int, 2> status{};
  std::array<std::unique_ptr<common::kubernetes::Pending>, 2> held;
  for (std::size_t i = 0; i < 2; ++i) {
    Request request;
    request.method = "POST";
    request.target = "/api/v1/namespaces/trimtab/configmaps";
    request.body = R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"m"}})";
    held[i] = (i == 0 ? b_ : a_)->client.Send(request, [&, i](const Outcome<std::string>& outcome) {
      status[i] = outcome ? 200 : outcome.error().status;
      if (i == 0) {
        EXPECT_THAT(outcome.error().message, HasSubstr("does not lead"));
      }
    });
  }
  executor_.RunFor(seconds(1));
  EXPECT_EQ(status[0], 0);
  EXPECT_EQ(status[1], 200);
  EXPECT_EQ(api_.Count("POST", "configmaps"), 1);
}

}  // namespace
}  // namespace scaler::kubernetes::leadership
