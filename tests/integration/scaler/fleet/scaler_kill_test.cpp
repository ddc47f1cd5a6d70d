#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/http/client.h"
#include "common/http/client_options.h"
#include "integration/scaler/cloud/cloud_world.h"

namespace tests {
namespace {

constexpr const char* kPools = R"(
pools:
  dedicated: {capacityType: on-demand, zones: [a, b], node: {cpu: 1, memory: 512Mi}, pricePerHour: 1, boot: {time: 1s}, quota: 10, metadata: none}
)";

constexpr const char* kPolicies = R"(
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shops, namespace: local}
spec:
  target: {selector: {matchLabels: {part-of: shop}}}
  replicas: {min: 1, max: 8}
  signals: {requests: {perReplica: 20/s}}
---
apiVersion: trimtab.io/v1alpha1
kind: CapacityPolicy
metadata: {name: production}
spec:
  pools:
    dedicated: {nodes: {min: 1, max: 8}, provider: {local: {group: dedicated}}}
  disruption: {nodesAtOnce: 1, nodesPerHour: 100}
)";

/// The real scaler on the real emulated cloud, with four replicas of which three fit on a node.
class KilledLive : public ::testing::Test {
 protected:
  KilledLive() : cloud_(kPools) {
    std::filesystem::create_directories(cloud_.Scratch() / "policies");
    std::ofstream(cloud_.Scratch() / "policies" / "policies.yaml") << kPolicies;
    std::ofstream(cloud_.Scratch() / "scaler.yaml")
        << "local:\n  cgroupParent: " << cloud_.Parent()
        << "\n  ports: {first: " << ports_.Base() + 100 << ", last: " << ports_.Base() + 180
        << "}\n  onExit: stop\n  cloud: {socket: " << cloud_.Socket().string()
        << "}\n  workloads:\n    shop:\n      replicas: 4\n      command: [" << LOCAL_TEST_SERVER
        << ", $(PORT), $(REPLICA)]\n      labels: {part-of: shop}\n"
           "      resources: {requests: {cpu: 300m, memory: 48Mi}}\n"
           "      health: {path: /healthz, period: 200ms}\n      gracePeriod: 2s\n";
    cloud_.Start();
  }

  ~KilledLive() override {
    if (scaler_) {
      scaler_->Stop();  // Ends the replicas.
    }
  }

  void Start() {
    scaler_.emplace(
        std::vector<std::string>{TRIMTAB_SCALER, "--config",
                                 (cloud_.Scratch() / "scaler.yaml").string(), "--policies",
                                 (cloud_.Scratch() / "policies").string(), "--state",
                                 (cloud_.Scratch() / "scaler").string(), "--listen", Address()},
        cloud_.Scratch() / "scaler.log");
  }

  /// kill -9, and another life.
  void Kill() {
    scaler_.reset();
    Start();
  }

  [[nodiscard]] std::string Address() const {
    return "127.0.0.1:" + std::to_string(ports_.Base() + 99);
  }

  [[nodiscard]] std::string Ask(const std::string& method, const std::string& target) const {
    const auto credentials = common::http::Credentials::Open({});
    const auto answer = common::http::Client(*credentials)
                            .Send(method, Address(), target, "", std::chrono::seconds(5));
    return answer && answer->status == 200 ? answer->body : std::string();
  }

  [[nodiscard]] bool AllServe() const {
    return Ask("GET", "/api/v1/status").find(R"("desired":4,"ready":4)") != std::string::npos;
  }

  [[nodiscard]] bool Has(const std::string& node) const {
    const auto nodes = cloud_.Nodes();
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](const auto& each) { return each.name == node; });
  }

  PortRange ports_;
  CloudWorld cloud_;
  std::optional<ChildProcess> scaler_;
};

TEST_F(KilledLive, MakesNoNodeTwiceAndFinishesTheDrainThatItBegan) {
  Start();
  ASSERT_TRUE(cloud_.Until([&] { return !cloud_.Nodes().empty(); }));
  Kill();
  ASSERT_TRUE(cloud_.Until([&] { return AllServe(); }));
  std::map<std::string, int> of_order;
  for (const auto& node : cloud_.Nodes()) {
    EXPECT_LE(++of_order[node.order], 2) << "four replicas need two nodes";
  }
  ASSERT_EQ(cloud_.Nodes().size(), 2u);

  const auto node = cloud_.Nodes()[0].name;
  ASSERT_FALSE(Ask("POST", "/api/v1/capacity/drain?node=" + node).empty());
  ASSERT_TRUE(cloud_.Until([&] {
    return Ask("GET", "/api/v1/capacity").find("draining\":1") != std::string::npos || !Has(node);
  }));
  Kill();
  ASSERT_TRUE(cloud_.Until([&] { return !Has(node) && AllServe(); }));
  EXPECT_EQ(cloud_.Nodes().size(), 2u) << "one has come in its place";
}

}  // namespace
}  // namespace tests
