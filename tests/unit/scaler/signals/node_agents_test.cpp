// Agents that come and go with their nodes, and what they tell of them.
#include <gmock/gmock.h>

#include <map>
#include <string>

#include "scaler/signals/node_view.h"
#include "scaler/signals/signals.h"
#include "support/simulated_executor.h"

namespace scaler::signals {
namespace {

using common::signal::Frame;
using common::signal::NodeSignal;
using common::signal::NoticeSignal;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr common::WallTime kAt = common::WallTime(seconds(1'700'000'120));

/// Streams by address, into which a test writes.
class Wires final : public StreamTransport {
 public:
  std::unique_ptr<Stream> Open(const std::string& address,
                               std::function<void(std::string_view)> on_bytes,
                               std::function<void(const common::Error&)> /*on_end*/) override {
    wires_[address] = std::move(on_bytes);
    return std::make_unique<Wire>(*this, address);
  }

  void Send(const std::string& address, const Frame& frame) {
    const auto on_bytes = wires_.at(address);
    on_bytes(common::signal::Encode(frame));
  }
  [[nodiscard]] bool IsOpen(const std::string& address) const { return wires_.contains(address); }

 private:
  class Wire final : public Stream {
   public:
    Wire(Wires& wires, std::string address) : wires_(wires), address_(std::move(address)) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() override { wires_.wires_.erase(address_); }

   private:
    Wires& wires_;
    std::string address_;
  };

  std::map<std::string, std::function<void(std::string_view)>> wires_;
};

Frame FrameOf(const std::string& agent) {
  Frame frame;
  frame.agent = agent;
  frame.epoch = 1;
  frame.sequence = 1;
  frame.full = true;
  return frame;
}

Frame NodeFrame(const std::string& node, std::vector<NoticeSignal> notices) {
  auto frame = FrameOf(node);
  frame.node = NodeSignal{node, "a", "spot", std::move(notices)};
  return frame;
}

class NodeAgents : public ::testing::Test {
 protected:
  NodeAgents() {
    signals_.Start([this] { on_change_(); });
  }

  [[nodiscard]] TimeMap Time() const {
    return {engine::Time(seconds(1'700'000'000)), executor_.Monotonic()};
  }
  /// A frame of the ingress' agent, which knows the tenant.
  void SendIngress(std::uint64_t sequence, std::uint64_t arrivals) {
    auto frame = FrameOf("ingress");
    frame.sequence = sequence;
    frame.full = sequence == 1;
    frame.tenants = {{.tenant = "shop", .arrivals_total = arrivals, .in_flight = 0}};
    wires_.Send("ingress:1", frame);
  }

  tests::SimulatedExecutor executor_{common::WallTime(seconds(1'700'000'000))};
  Wires wires_;
  std::function<void()> on_change_ = [] {};
  Signals signals_{executor_, wires_, {"ingress:1"}};
};

TEST_F(NodeAgents, ANoticeIsThereWithItsFrame) {
  signals_.SetNodeAgents({"node:1"});
  std::size_t seen = 0;
  on_change_ = [&] { seen = signals_.Notices().size(); };
  wires_.Send("node:1", NodeFrame("spot-a-1", {{"spot", kAt, 120'000}}));
  EXPECT_EQ(seen, 1U);
  const auto notice = signals_.Notices()[0];
  EXPECT_EQ(notice.node, "spot-a-1");
  EXPECT_EQ(notice.zone, "a");
  EXPECT_EQ(notice.pool, "spot");
  EXPECT_EQ(notice.notice.kind, NoticeView::Kind::kSpot);
  EXPECT_EQ(notice.notice.at, executor_.Monotonic() + seconds(120));
  EXPECT_EQ(notice.notice.at_wall, kAt);
}

TEST_F(NodeAgents, ANoticeThatIsNoLongerToldWasWithdrawn) {
  signals_.SetNodeAgents({"node:1"});
  wires_.Send("node:1", NodeFrame("spot-a-1", {{"spot", kAt, 120'000}}));
  auto frame = NodeFrame("spot-a-1", {});
  frame.full = false;
  frame.sequence = 2;
  wires_.Send("node:1", frame);
  EXPECT_THAT(signals_.Notices(), IsEmpty());
}

TEST_F(NodeAgents, AFrameThatSaysNothingOfTheNodeLeavesItAsItWas) {
  signals_.SetNodeAgents({"node:1"});
  wires_.Send("node:1", NodeFrame("spot-a-1", {{"spot", kAt, 120'000}}));
  auto heartbeat = FrameOf("spot-a-1");
  heartbeat.full = false;
  heartbeat.sequence = 2;
  wires_.Send("node:1", heartbeat);
  EXPECT_THAT(signals_.Notices(), SizeIs(1));
}

TEST_F(NodeAgents, WhoseNodeIsGoneIsForgottenAndNotMissed) {
  SendIngress(1, 0);
  signals_.SetNodeAgents({"node:1"});
  wires_.Send("node:1", NodeFrame("spot-a-1", {{"spot", kAt, 120'000}}));
  signals_.SetNodeAgents({});
  EXPECT_THAT(signals_.Notices(), IsEmpty());
  EXPECT_THAT(signals_.Agents(), SizeIs(1));
  executor_.RunFor(milliseconds(1));
  EXPECT_FALSE(wires_.IsOpen("node:1"));
  EXPECT_TRUE(wires_.IsOpen("ingress:1"));
}

TEST_F(NodeAgents, MayBeTakenAwayWhileTheirOwnFrameIsTold) {
  signals_.SetNodeAgents({"node:1"});
  int told = 0;
  on_change_ = [&] {
    ++told;
    signals_.SetNodeAgents({"node:2"});
  };
  wires_.Send("node:1", NodeFrame("spot-a-1", {}));
  executor_.RunFor(milliseconds(1));
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(wires_.IsOpen("node:1"));
  EXPECT_TRUE(wires_.IsOpen("node:2"));
}

TEST_F(NodeAgents, OneThatHasNotBeenHeardYetHoldsNothingUp) {
  signals_.SetNodeAgents({"node:1"});
  EXPECT_THAT(signals_.DemandOf("shop", Time()).why_not, HasSubstr("ingress:1"));
  SendIngress(1, 0);
  executor_.RunFor(seconds(2));
  SendIngress(2, 20);
  const auto demand = signals_.DemandOf("shop", Time());
  ASSERT_TRUE(demand.sample) << demand.why_not;
  EXPECT_DOUBLE_EQ(demand.sample->value.arrivals_per_second, 10);
  EXPECT_TRUE(signals_.UseOf("local", "shop", Time()).sample);
}

TEST_F(NodeAgents, ASilentNodeAgesTheUseOfItsContainersButNotTheDemand) {
  signals_.SetNodeAgents({"node:1"});
  SendIngress(1, 0);
  wires_.Send("node:1", NodeFrame("spot-a-1", {}));
  executor_.RunFor(seconds(2));
  SendIngress(2, 20);
  EXPECT_EQ(signals_.DemandOf("shop", Time()).sample->at, Time().engine_now);
  EXPECT_EQ(signals_.UseOf("local", "shop", Time()).sample->at, Time().engine_now - seconds(2));
}

TEST_F(NodeAgents, AConfiguredAgentStaysWhateverNodesThereAre) {
  signals_.SetNodeAgents({"ingress:1"});
  EXPECT_THAT(signals_.Agents(), ElementsAre(Field(&AgentStatus::of_a_node, false)));
  signals_.SetNodeAgents({});
  executor_.RunFor(milliseconds(1));
  EXPECT_TRUE(wires_.IsOpen("ingress:1"));
}

TEST(NodeViewTest, ANoticeKeepsItsInstantWhenItIsToldAgain) {
  const common::MonotonicTime now(seconds(1000));
  const auto first = Fold(std::nullopt, {"n", "a", "p", {{"spot", kAt, 120'000}}}, now);
  const auto again = Fold(first, {"n", "a", "p", {{"spot", kAt, 100'100}}}, now + seconds(20));
  EXPECT_EQ(again, first);
  const auto sooner =
      Fold(first, {"n", "a", "p", {{"spot", kAt - seconds(60), 40'000}}}, now + seconds(20));
  EXPECT_EQ(sooner.notices[0].at, now + seconds(60));
}

TEST(NodeViewTest, UnknownKindsAreIgnoredAndAbsurdTimesBounded) {
  const auto node =
      Fold(std::nullopt, {"n", "a", "p", {{"party", kAt, 0}, {"maintenance", kAt, INT64_MAX}}},
           common::MonotonicTime(seconds(1000)));
  ASSERT_THAT(node.notices, SizeIs(1));
  EXPECT_EQ(node.notices[0].kind, NoticeView::Kind::kMaintenance);
}

}  // namespace
}  // namespace scaler::signals
