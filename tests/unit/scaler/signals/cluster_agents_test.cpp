// Agents of a cluster's nodes: found by somebody, thousands of them, replaced one by one.
#include <gmock/gmock.h>

#include <map>
#include <string>

#include "scaler/signals/signals.h"
#include "support/simulated_executor.h"

namespace scaler::signals {
namespace {

using common::signal::ContainerSignal;
using common::signal::Frame;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Streams by address, into which a test writes.
class ClusterWires final : public StreamTransport {
 public:
  std::unique_ptr<Stream> Open(const std::string& address,
                               std::function<void(std::string_view)> on_bytes,
                               std::function<void(const common::Error&)> /*on_end*/) override {
    wires_[address] = {++opened_, std::move(on_bytes)};
    return std::make_unique<Wire>(*this, address, opened_);
  }

  void Send(const std::string& address, const Frame& frame) {
    const auto on_bytes = wires_.at(address).second;
    on_bytes(common::signal::Encode(frame));
  }
  [[nodiscard]] bool IsOpen(const std::string& address) const { return wires_.contains(address); }

 private:
  class Wire final : public Stream {
   public:
    Wire(ClusterWires& wires, std::string address, int number)
        : wires_(wires), address_(std::move(address)), number_(number) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() override {
      const auto found = wires_.wires_.find(address_);
      if (found != wires_.wires_.end() && found->second.first == number_) {
        wires_.wires_.erase(found);
      }
    }

   private:
    ClusterWires& wires_;
    std::string address_;
    int number_;
  };

  int opened_ = 0;
  std::map<std::string, std::pair<int, std::function<void(std::string_view)>>> wires_;
};

class ClusterAgents : public ::testing::Test {
 protected:
  /// A connection that is given up goes on the executor's next turn.
  void TearDown() override { executor_.RunFor(std::chrono::milliseconds(1)); }

  ClusterAgents() {
    signals_.Start([] {});
  }

  [[nodiscard]] TimeMap Time() const {
    return {engine::Time(seconds(1'700'000'000)), executor_.Monotonic()};
  }

  /// A full frame of the agent at the address, which is of the node and runs one pod a workload.
  void Send(const std::string& address, const std::string& node,
            const std::vector<std::string>& workloads, double cpu_seconds = 0) {
    Frame frame;
    frame.agent = node;
    frame.epoch = 1;
    frame.sequence = ++sequences_[address];
    frame.full = frame.sequence == 1;
    for (const auto& workload : workloads) {
      frame.containers.push_back({.name_space = "shops",
                                  .workload = workload,
                                  .replica = workload + "-on-" + node,
                                  .cpu_seconds_total = cpu_seconds});
    }
    wires_.Send(address, frame);
  }

  [[nodiscard]] Input<std::vector<ContainerView>> Use(const std::string& workload) const {
    return signals_.UseOf("shops", workload, Time());
  }
  [[nodiscard]] std::size_t Replicas(const std::string& workload) const {
    const auto use = Use(workload);
    return use.sample ? use.sample->value.size() : 0;
  }

  tests::SimulatedExecutor executor_{common::WallTime(seconds(1'700'000'000))};
  ClusterWires wires_;
  std::map<std::string, std::uint64_t> sequences_;
  Signals signals_{executor_, wires_, {}};
};

TEST_F(ClusterAgents, TellTogetherWhatAWorkloadUses) {
  signals_.SetClusterAgents({{"a:1", "a"}, {"b:1", "b"}});
  EXPECT_THAT(Use("web").why_not, HasSubstr("cluster"));
  Send("a:1", "a", {"web", "db"});
  Send("b:1", "b", {"web"});
  EXPECT_EQ(Replicas("web"), 2U);
  EXPECT_EQ(Replicas("db"), 1U);
  Send("b:1", "b", {"db"});
  EXPECT_EQ(Replicas("db"), 2U);
}

TEST_F(ClusterAgents, ASilentOneAgesWhatItsNodeRunsAndNothingElse) {
  signals_.SetClusterAgents({{"a:1", "a"}, {"b:1", "b"}, {"new:1", "new"}});
  Send("a:1", "a", {"web"});
  Send("b:1", "b", {"db"});
  executor_.RunFor(seconds(3));
  Send("a:1", "a", {"web"}, 1);
  EXPECT_EQ(Use("web").sample->at, Time().engine_now);
  EXPECT_EQ(Use("db").sample->at, Time().engine_now - seconds(3));
}

TEST_F(ClusterAgents, WhoseNodeIsGoneIsForgottenAtOnce) {
  signals_.SetClusterAgents({{"a:1", "a"}, {"b:1", "b"}});
  Send("a:1", "a", {"web"});
  Send("b:1", "b", {"web"});
  signals_.SetClusterAgents({{"a:1", "a"}, {"b:1", "b"}}, {"b"});
  EXPECT_EQ(Replicas("web"), 1U);
  executor_.RunFor(seconds(1));
  EXPECT_FALSE(wires_.IsOpen("b:1"));
}

TEST_F(ClusterAgents, OneThatIsReplacedCountsUntilItsSuccessorIsHeard) {
  signals_.SetClusterAgents({{"a:1", "a"}});
  Send("a:1", "a", {"web"});
  signals_.SetClusterAgents({{"a:2", "a"}});
  executor_.RunFor(seconds(2));
  EXPECT_EQ(Use("web").sample->at, Time().engine_now - seconds(2)) << "its last word ages";
  Send("a:2", "a", {"web"});
  EXPECT_EQ(Replicas("web"), 1U) << "not both";
  EXPECT_EQ(Use("web").sample->at, Time().engine_now);
  EXPECT_THAT(signals_.Agents(), SizeIs(1));
}

TEST_F(ClusterAgents, OneThatIsGoneWithoutASuccessorCountsForAMinute) {
  signals_.SetClusterAgents({{"a:1", "a"}});
  Send("a:1", "a", {"web"});
  signals_.SetClusterAgents({});
  executor_.RunFor(seconds(59));
  EXPECT_EQ(Replicas("web"), 1U);
  executor_.RunFor(seconds(2));
  EXPECT_EQ(Replicas("web"), 0U);
  EXPECT_THAT(signals_.Agents(), IsEmpty());
  signals_.SetClusterAgents({{"a:1", "a"}});
  EXPECT_EQ(Replicas("web"), 0U) << "it comes back as a new one";
}

TEST_F(ClusterAgents, OfTwoOfOneNodeTheNewerCountsOnceItIsHeard) {
  signals_.SetClusterAgents({{"a:1", "a"}, {"a:2", "a"}});
  Send("a:1", "a", {"web"});
  EXPECT_EQ(Replicas("web"), 1U);
  Send("a:2", "a", {"db"});
  EXPECT_EQ(Replicas("web"), 0U);
  EXPECT_EQ(Replicas("db"), 1U);
}

TEST_F(ClusterAgents, AnAddressThatAnotherNodeGetsBeginsAnew) {
  signals_.SetClusterAgents({{"a:1", "a"}});
  Send("a:1", "a", {"web"});
  signals_.SetClusterAgents({{"a:1", "b"}});
  EXPECT_EQ(Replicas("web"), 0U);
  sequences_.clear();
  executor_.RunFor(seconds(1));
  Send("a:1", "b", {"db"});
  EXPECT_EQ(Replicas("db"), 1U);
}

TEST_F(ClusterAgents, DemandIsOfThoseThatKnowTenants) {
  signals_.SetClusterAgents({{"proxy:1", "proxy"}, {"b:1", "b"}});
  Frame frame;
  frame.agent = "proxy";
  frame.epoch = 1;
  frame.sequence = 1;
  frame.full = true;
  frame.tenants = {{.tenant = "shop", .arrivals_total = 0, .in_flight = 0}};
  wires_.Send("proxy:1", frame);
  Send("b:1", "b", {"web"});
  executor_.RunFor(seconds(2));
  frame.sequence = 2;
  frame.full = false;
  frame.tenants[0].arrivals_total = 20;
  wires_.Send("proxy:1", frame);
  const auto demand = signals_.DemandOf("shop", Time());
  ASSERT_TRUE(demand.sample) << demand.why_not;
  EXPECT_EQ(demand.sample->at, Time().engine_now) << "though b has been silent";
  EXPECT_DOUBLE_EQ(demand.sample->value.arrivals_per_second, 10);
}

TEST_F(ClusterAgents, AConfiguredOneBesideThemMustStillBeHeard) {
  Signals signals(executor_, wires_, {"outside:1"});
  signals.Start([] {});
  signals.SetClusterAgents({{"a:1", "a"}, {"outside:1", "x"}});
  Send("a:1", "a", {"web"});
  EXPECT_THAT(signals.UseOf("shops", "web", Time()).why_not, HasSubstr("outside:1"));
  Send("outside:1", "outside", {});
  EXPECT_TRUE(signals.UseOf("shops", "web", Time()).sample);
}

}  // namespace
}  // namespace scaler::signals
