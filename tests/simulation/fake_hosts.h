#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/engine/capacity/placement.h"
#include "scaler/platform/node_platform.h"
#include "scaler/platform/platform.h"

namespace simulation {

/// Replicas on nodes, placed and replaced by the very rules of the local platform; no process and
/// no proxy. The marks of nodes are here, so that they outlive the scaler.
class FakeHosts final : public scaler::platform::Platform, public scaler::platform::NodePlatform {
 public:
  using WorkloadId = scaler::platform::WorkloadId;

  /// A replica is ready after `start` and gone `grace` after it was told to go.
  FakeHosts(common::Executor& executor, std::chrono::milliseconds start,
            std::chrono::milliseconds grace);

  void AddWorkload(const std::string& name, double cores, int replicas);

  [[nodiscard]] scaler::platform::Workloads List() const override;
  void Scale(const WorkloadId& workload, int replicas,
             std::function<void(common::Result<void>)> done) override;
  void OnChange(std::function<void()> changed) override { changed_ = std::move(changed); }

  [[nodiscard]] scaler::platform::HostView ListNodes() const override;
  void SeeNodes(const scaler::platform::ProviderView& provider) override;
  void SetPlacement(const std::map<WorkloadId, scaler::engine::Placement>& placement) override;
  void DrainNode(const std::string& node, const scaler::platform::Drain& drain,
                 NodePlatform::Done done) override;
  void UncordonNode(const std::string& node, NodePlatform::Done done) override;

  /// How long new replicas take from now on, and those that go.
  void SetPace(std::chrono::milliseconds start, std::chrono::milliseconds grace) {
    start_ = start;
    grace_ = grace;
  }

  [[nodiscard]] int Ready(const std::string& name) const;
  [[nodiscard]] int ReadyOfAll() const;
  [[nodiscard]] int Pending() const;
  [[nodiscard]] bool AllServe() const;
  [[nodiscard]] bool Holds(const std::string& node) const;  ///< Anything runs there.
  [[nodiscard]] int Draining() const;                       ///< Nodes without a deadline.
  [[nodiscard]] std::vector<std::string> NodesOf(const std::string& name) const;

  /// Called before every wish about nodes; the simulation cuts here.
  std::function<void(const std::string& what)> on_wish = [](const std::string&) {};

 private:
  struct Pod {
    std::string id;
    std::string node;
    bool ready = false;
    bool leaving = false;
    common::MonotonicTime born;
    std::unique_ptr<common::Timer> timer;
  };
  struct Hosted {
    scaler::platform::WorkloadId id;
    double cores = 0;
    int desired = 0;
    int next = 1;
    int pending = 0;
    std::string why;
    std::vector<Pod> pods;
  };

  [[nodiscard]] std::vector<scaler::engine::capacity::Berth> Berths(const Hosted& hosted) const;
  [[nodiscard]] bool Moves(const std::string& node) const;
  void Reconcile();
  void Reconcile(Hosted& hosted);
  void StartOne(Hosted& hosted, const std::string& node);
  void Leave(Hosted& hosted, Pod& pod);
  void Changed();

  common::Executor& executor_;
  std::chrono::milliseconds start_;
  std::chrono::milliseconds grace_;
  std::map<std::string, Hosted> hosted_;
  std::map<std::string, scaler::platform::ProvidedNode> nodes_;  ///< That run.
  std::map<std::string, scaler::platform::Drain> drains_;
  std::map<WorkloadId, scaler::engine::Placement> placement_;
  int zones_ = 0;
  bool placing_ = false;
  std::function<void()> changed_ = [] {};
};

}  // namespace simulation
