#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/demo/stage/ports.h"
#include "tests/demo/stage/scaler_api.h"
#include "tests/demo/stage/template.h"
#include "tests/demo/stage/timeline.h"

namespace demo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MonotonicTime At(int milliseconds) {
  return MonotonicTime(std::chrono::milliseconds(1'000'000 + milliseconds));
}

TEST(Template, FillsInWhatIsKnown) {
  const auto filled =
      FillTemplate("bind @HOST@:@PORT_1@ # a@b @ c@", {{"HOST", "::1"}, {"PORT_1", "80"}});

  ASSERT_TRUE(filled) << filled.error().what;
  EXPECT_EQ(*filled, "bind ::1:80 # a@b @ c@");
}

TEST(Template, NamesWhatIsNotKnown) {
  const auto filled = FillTemplate("path @RUN@", {});

  ASSERT_FALSE(filled);
  EXPECT_THAT(filled.error().what, HasSubstr("@RUN@"));
}

TEST(Timeline, GivesEventsInTheOrderOfTheirTimes) {
  Timeline timeline;
  timeline.Add(StepBegan{.tenant = 2, .at = At(20)});
  timeline.Add(StepBegan{.tenant = 3, .at = At(30)});
  timeline.Add(StepBegan{.tenant = 1, .at = At(10)});

  const auto early = timeline.TakeBefore(At(25));
  const auto late = timeline.TakeBefore(MonotonicTime::max());

  ASSERT_THAT(early, SizeIs(2));
  EXPECT_EQ(TimeOf(early[0]), At(10));
  EXPECT_EQ(TimeOf(early[1]), At(20));
  ASSERT_THAT(late, SizeIs(1));
  EXPECT_EQ(TimeOf(late[0]), At(30));
  EXPECT_THAT(timeline.TakeBefore(MonotonicTime::max()), IsEmpty());
}

TEST(ScalerApi, ReadsTheStatus) {
  const auto status = ParseStatus(
      R"({"version":"0.1.0","workloads":[{"namespace":"local","name":"shop-04","desired":3,"ready":2,
          "replicas":[{"id":"shop-04-1","phase":"ready","restarts":2,"address":"127.0.0.1:20001"},
                      {"id":"shop-04-2","phase":"starting","restarts":0,"address":""}],
          "policy":"local/shops","signal":null,"last_decision":null}],
          "agents":[{"address":"127.0.0.1:19105","connected":true,"age_seconds":0.2}],
          "problems":["shops.yaml:3:1: spec: missing"]})");

  ASSERT_TRUE(status) << status.error().what;
  ASSERT_THAT(status->workloads, SizeIs(1));
  EXPECT_EQ(status->workloads[0].name, "shop-04");
  EXPECT_EQ(status->workloads[0].desired, 3);
  EXPECT_EQ(status->workloads[0].ready, 2);
  EXPECT_EQ(status->workloads[0].restarts, 2);
  EXPECT_THAT(status->problems, ElementsAre("shops.yaml:3:1: spec: missing"));
}

TEST(ScalerApi, ReadsDecisions) {
  const auto decisions = ParseDecisions(
      R"({"decisions":[{"id":7,"namespace":"local","workload":"shop-04","outcome":"scaled",
          "committed_monotonic_ns":1234567890123,"time":"2024-01-01T00:00:00.5Z","from":1,"to":4,
          "line":{"observation":{"now_ms":1500}}}]})");

  ASSERT_TRUE(decisions) << decisions.error().what;
  ASSERT_THAT(*decisions, SizeIs(1));
  const auto& decision = decisions->front();
  EXPECT_EQ(decision.id, 7U);
  EXPECT_EQ(decision.workload, "shop-04");
  EXPECT_EQ(decision.outcome, "scaled");
  EXPECT_EQ(decision.from, 1);
  EXPECT_EQ(decision.to, 4);
  EXPECT_EQ(decision.committed, MonotonicTime(std::chrono::nanoseconds(1'234'567'890'123)));
  EXPECT_EQ(decision.decided, common::WallTime(std::chrono::milliseconds(1500)));
}

TEST(ScalerApi, ReadsNodes) {
  const auto nodes = ParseCapacity(
      R"({"nodes":[{"name":"spot-a-1","pool":"spot","zone":"a","capacity_type":"spot","state":"booting",
          "pods":3}],"pending":[{},{}],"spare":[{"holds":true,"sentence":"x"},
          {"holds":false,"sentence":"the loss of n does not fit"}],
          "spot":{"share":0.5,"policy_share":0.8},"last_change":{"actions":["add 1 node"]}})");
  ASSERT_TRUE(nodes) << nodes.error().what;
  ASSERT_THAT(nodes->nodes, SizeIs(1));
  EXPECT_EQ(nodes->nodes[0].state, "booting");
  EXPECT_TRUE(nodes->nodes[0].spot);
  EXPECT_EQ(nodes->nodes[0].pods, 3);
  EXPECT_EQ(nodes->waiting, 2);
  EXPECT_EQ(nodes->spare_ok, false);
  EXPECT_THAT(nodes->spare_missing, ElementsAre("the loss of n does not fit"));
  EXPECT_EQ(nodes->spot_share, 0.5);
  EXPECT_THAT(nodes->last_change, ElementsAre("add 1 node"));
  EXPECT_EQ(ParseCapacity(R"({"nodes":[]})")->spare_ok, std::nullopt);
}

TEST(ScalerApi, ReadsWhatDecisionsAboutNodesHeardAndOrdered) {
  const auto lines = ParseCapacityLines(
      R"({"decisions":[{"id":1,"committed_monotonic_ns":5,"line":{"observation":{"events":[
          {"kind":"stock_out"}]},"decision":{"actions":[{"kind":"add","pool":"spot"}]}}},
          {"id":2,"committed_monotonic_ns":9,"line":{"observation":{"events":[]},
           "decision":{"actions":[{"kind":"drain","pool":"dedicated"},
                                  {"kind":"add","pool":"dedicated"}]}}}]})",
      "dedicated");
  ASSERT_TRUE(lines) << lines.error().what;
  ASSERT_THAT(*lines, SizeIs(2));
  EXPECT_TRUE(lines->front().heard_stock_out);
  EXPECT_FALSE(lines->front().adds_on_demand);
  EXPECT_FALSE(lines->back().heard_stock_out);
  EXPECT_TRUE(lines->back().adds_on_demand);
}

TEST(ScalerApi, RefusesWhatIsNoObject) {
  EXPECT_FALSE(ParseStatus("[]"));
  EXPECT_FALSE(ParseDecisions("no JSON"));
}

/// A free port of loopback, held for as long as this lives.
class HeldPort {
 public:
  HeldPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, raw, length), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    EXPECT_EQ(::getsockname(socket_, raw, &length), 0);
    port_ = ntohs(address.sin_port);
  }
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;
  ~HeldPort() { ::close(socket_); }

  [[nodiscard]] std::uint16_t Number() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

TEST(PortCheck, SaysWhosePortItIs) {
  const HeldPort held;
  auto ports = Ports::From(Ports::kDefaultBase);
  ports.haproxy = held.Number();

  const auto free = CheckFree(ports);

  ASSERT_FALSE(free);
  EXPECT_EQ(free.error().code, std::errc::address_in_use);
  EXPECT_THAT(free.error().what, HasSubstr(Loopback(held.Number()) + " for HAProxy is taken by"));
  EXPECT_THAT(free.error().what, HasSubstr("(process " + std::to_string(::getpid()) + ")"));
}

TEST(PortCheck, AllPortsMoveWithTheBase) {
  const auto ports = Ports::From(30'000);

  EXPECT_EQ(ports.haproxy, 30'080);
  EXPECT_EQ(ports.scaler, 31'106);
  EXPECT_EQ(ports.last_replica, 32'999);
}

}  // namespace
}  // namespace demo
