#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/log.h"
#include "scaler/kubernetes/leadership/elector.h"
#include "scaler/kubernetes/leadership/gated_transport.h"
#include "support/fake_api/fake_api.h"
#include "support/fake_api/link.h"
#include "support/pausable_executor.h"
#include "support/sanitized.h"
#include "support/simulated_executor.h"

namespace simulation {
namespace {

using scaler::kubernetes::leadership::Elector;
using scaler::kubernetes::leadership::ElectorOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kAllLeases = "/apis/coordination.k8s.io/v1/leases";

/// One process that wants to lead.
struct Candidate {
  Candidate(tests::SimulatedExecutor& world, tests::FakeApi& api, const std::string& name,
            std::uint32_t seed)
      : executor(world),
        link(world, executor, api, milliseconds(5)),
        tokens(common::kubernetes::MakeTokenSource(executor, access)),
        client(executor, link, *tokens) {
    ElectorOptions options;
    options.identity = name;
    options.seed = seed;
    elector = std::make_unique<Elector>(
        executor, client, options, [] {}, [&world] { return world.Monotonic(); });
    elector->Start();
  }

  tests::PausableExecutor executor;
  tests::Link link;
  common::kubernetes::Access access;
  std::unique_ptr<common::kubernetes::TokenSource> tokens;
  common::kubernetes::Client client;
  std::unique_ptr<Elector> elector;
  bool dead = false;
  std::vector<std::unique_ptr<common::Timer>> timers;
};

/// Processes die, stop and go on, networks break, clocks jump, the server refuses and forgets: at
/// no moment do two lead, and when all is well again one does.
class Campaign {
 public:
  explicit Campaign(std::uint32_t seed) : random_(seed) {
    api_.Serve(kAllLeases);
    for (int i = 0; i < 3; ++i) {
      Add();
    }
  }

  void Run() {
    Watch(seconds(1));
    for (int step = 0; step < 100 && !testing::Test::HasFailure(); ++step) {
      Trouble();
      Watch(milliseconds(Draw(4000)));
    }
    api_.Relent();
    for (const auto& candidate : candidates_) {
      candidate->link.Cut(false);
      candidate->executor.Resume();
    }
    Watch(seconds(40));
    EXPECT_EQ(Leaders(), 1);
  }

  [[nodiscard]] int Changes() const { return changes_; }

 private:
  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  void Add() {
    const auto name = "scaler-" + std::to_string(candidates_.size());
    candidates_.push_back(std::make_unique<Candidate>(
        world_, api_, name, static_cast<std::uint32_t>(candidates_.size())));
  }

  Candidate& One() {
    auto* one =
        candidates_[static_cast<std::size_t>(Draw(static_cast<int>(candidates_.size())))].get();
    while (one->dead) {
      one = candidates_[static_cast<std::size_t>(Draw(static_cast<int>(candidates_.size())))].get();
    }
    return *one;
  }

  void Trouble() {
    auto& one = One();
    switch (Draw(10)) {
      case 0:
        one.elector.reset();
        one.dead = true;
        Add();
        break;
      case 1:
        one.executor.Pause();
        break;
      case 2:
      case 3:
        one.executor.Resume();
        break;
      case 4:
        one.link.Cut(true);
        break;
      case 5:
      case 6:
        one.link.Cut(false);
        break;
      case 7:
        world_.JumpWallClock(seconds(Draw(7200) - 3600));
        break;
      case 8:
        api_.FailNext("PATCH", kOfNamespaces,
                      {.status = Draw(2) == 0 ? 500 : 429, .hangs = Draw(2) == 0});
        break;
      default:
        api_.Merge(kAllLeases, "trimtab", "trimtab-scaler",
                   R"({"metadata":{"labels":{"a":")" + std::to_string(Draw(1000)) + R"("}}})");
    }
  }

  [[nodiscard]] int Leaders() const {
    int leaders = 0;
    for (const auto& candidate : candidates_) {
      leaders += !candidate->dead && candidate->elector->Leads() ? 1 : 0;
    }
    return leaders;
  }

  void Watch(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += milliseconds(20)) {
      world_.RunFor(milliseconds(20));
      const int leaders = Leaders();
      ASSERT_LE(leaders, 1);
      changes_ += leaders != leaders_ ? 1 : 0;
      leaders_ = leaders;
    }
  }

  static constexpr const char* kOfNamespaces = "/apis/coordination.k8s.io/v1/namespaces";
  std::mt19937 random_;
  tests::SimulatedExecutor world_{common::WallTime(seconds(1'790'000'000))};
  tests::FakeApi api_{world_};
  std::vector<std::unique_ptr<Candidate>> candidates_;
  int leaders_ = 0;
  int changes_ = 0;
};

TEST(ElectionCampaign, AtNoMomentDoTwoLead) {
  common::log::Configure(common::log::Level::kError, common::log::Format::kText);
  constexpr std::uint32_t kSeeds = tests::kSanitized ? 40 : 200;
  int changes = 0;
  for (std::uint32_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Campaign campaign(seed);
    campaign.Run();
    changes += campaign.Changes();
  }
  EXPECT_GT(changes, 5 * static_cast<int>(kSeeds));  // It was no quiet time.
}

}  // namespace
}  // namespace simulation
