#include "scaler/kubernetes/leadership/shared_freeze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "scaler/kubernetes/leadership/elector.h"
#include "scaler/kubernetes/leadership/gated_transport.h"
#include "support/fake_api/fake_api.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace scaler::kubernetes::leadership {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kAllLeases = "/apis/coordination.k8s.io/v1/leases";

/// A scaler's switch and its part of the election, as its pod has them.
struct FreezingScaler {
  FreezingScaler(tests::SimulatedExecutor& executor, tests::FakeApi& api, const std::string& name,
                 const std::filesystem::path& file, std::uint32_t seed)
      : own(file),
        transport(
            executor, api, [this] { return elector->Leads(); }, LeasesOf("trimtab")),
        tokens(common::kubernetes::MakeTokenSource(executor, access)),
        client(executor, transport, *tokens),
        shared(client, executor, own, "trimtab", "trimtab-scaler", [this] { ++moved; }) {
    ElectorOptions options;
    options.identity = name;
    options.seed = seed;
    options.saw = [this](std::string_view lease) { shared.Saw(lease); };
    elector = std::make_unique<Elector>(
        executor, client, std::move(options),
        [this] { frozen_when_it_began = elector->Leads() && own.Get(); },
        [&executor] { return executor.Monotonic(); });
    elector->Start();
  }

  [[nodiscard]] std::string Reason() const {
    const auto freeze = own.Get();
    return freeze ? freeze->reason : "";
  }

  common::kubernetes::Access access;
  loop::FreezeSwitch own;
  GatedTransport transport;
  std::unique_ptr<common::kubernetes::TokenSource> tokens;
  common::kubernetes::Client client;
  int moved = 0;
  SharedFreeze shared;
  bool frozen_when_it_began = false;
  std::unique_ptr<Elector> elector;
};

class SharedFreezeTest : public testing::Test {
 protected:
  SharedFreezeTest() {
    api_.Serve(kAllLeases);
    a_ = NewScaler("a_uid", 1);
    executor_.RunFor(milliseconds(10));
    b_ = NewScaler("b_uid", 2);
    executor_.RunFor(seconds(3));
  }

  /// Each in a pod whose files nobody had before.
  std::unique_ptr<FreezingScaler> NewScaler(const std::string& name, std::uint32_t seed) {
    return std::make_unique<FreezingScaler>(executor_, api_, name, directory_.Path() / name, seed);
  }

  /// As the web's handler has it done; what came of it, once that is known.
  std::string Turn(FreezingScaler& scaler, const std::optional<loop::Freeze>& freeze) {
    std::string said = "nothing yet";
    scaler.shared.Write(freeze, [&](const common::Result<void>& result) {
      said = result ? "done" : result.error().what;
    });
    executor_.RunFor(seconds(5));
    return said;
  }

  [[nodiscard]] std::string Lease() const {
    return api_.Get(kAllLeases, "trimtab", "trimtab-scaler");
  }

  const tests::ScratchDirectory directory_;
  tests::SimulatedExecutor executor_{common::WallTime(std::chrono::hours(24))};
  tests::FakeApi api_{executor_};
  std::unique_ptr<FreezingScaler> a_;
  std::unique_ptr<FreezingScaler> b_;
};

TEST_F(SharedFreezeTest, AFreezeIsOfAllScalersAndSoIsItsEnd) {
  EXPECT_EQ(Turn(*b_, loop::Freeze{"storm", executor_.Wall()}), "done");
  EXPECT_TRUE(a_->elector->Leads());
  EXPECT_EQ(a_->Reason(), "storm") << "the one that acts";
  EXPECT_EQ(b_->Reason(), "storm");
  EXPECT_EQ(a_->own.Get()->since, b_->own.Get()->since);

  EXPECT_EQ(Turn(*a_, std::nullopt), "done");
  EXPECT_EQ(a_->Reason(), "");
  EXPECT_EQ(b_->Reason(), "");
  EXPECT_THAT(Lease(), Not(HasSubstr("frozen")));
}

TEST_F(SharedFreezeTest, WhoTakesOverIsFrozenBeforeItMayAct) {
  EXPECT_EQ(Turn(*a_, loop::Freeze{"storm", executor_.Wall()}), "done");
  a_.reset();
  b_ = NewScaler("c_uid", 3);
  executor_.RunFor(seconds(12));
  ASSERT_TRUE(b_->elector->Leads());
  EXPECT_TRUE(b_->frozen_when_it_began);
  EXPECT_EQ(b_->Reason(), "storm");
}

TEST_F(SharedFreezeTest, APersonMayWriteItOnTheLease) {
  api_.Merge(kAllLeases, "trimtab", "trimtab-scaler",
             R"({"metadata":{"annotations":{"trimtab.io/frozen":"by hand"}}})");
  executor_.RunFor(seconds(3));
  EXPECT_EQ(a_->Reason(), "by hand");
  EXPECT_EQ(b_->Reason(), "by hand");
  EXPECT_GE(a_->own.Get()->since, common::WallTime(std::chrono::hours(24)));

  api_.Merge(kAllLeases, "trimtab", "trimtab-scaler",
             R"({"metadata":{"annotations":{"trimtab.io/frozen":""}}})");
  executor_.RunFor(seconds(3));
  EXPECT_EQ(a_->Reason(), "no reason was given") << "it is there, so it is meant";
}

TEST_F(SharedFreezeTest, WhatThisScalerWasToldHoldsUntilTheLeaseSaysOtherwise) {
  ASSERT_TRUE(a_->own.Set({"first of all here", executor_.Wall()}));
  executor_.RunFor(seconds(10));
  EXPECT_EQ(a_->Reason(), "first of all here") << "renewals that know nothing of it change nothing";
  EXPECT_EQ(a_->moved, 0);
}

TEST_F(SharedFreezeTest, SaysThatTheOthersDoNotKnow) {
  api_.FailAll("PATCH", "/apis/coordination", {.status = 500});
  EXPECT_THAT(Turn(*a_, loop::Freeze{"storm", executor_.Wall()}), HasSubstr("500"));
  api_.Relent();
  api_.FailAll("PATCH", "/apis/coordination", {.hangs = true});
  EXPECT_THAT(Turn(*a_, loop::Freeze{"storm", executor_.Wall()}), HasSubstr("PATCH"));
}

TEST_F(SharedFreezeTest, OfTwoWhoTurnItAtOnceTheFirstIsTold) {
  std::string first;
  a_->shared.Write(loop::Freeze{"one", executor_.Wall()},
                   [&](const auto& result) { first = result ? "done" : result.error().what; });
  EXPECT_EQ(Turn(*a_, loop::Freeze{"two", executor_.Wall()}), "done");
  EXPECT_THAT(first, HasSubstr("somebody else"));
  EXPECT_EQ(b_->Reason(), "two");
}

}  // namespace
}  // namespace scaler::kubernetes::leadership
