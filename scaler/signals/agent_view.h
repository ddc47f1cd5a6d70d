#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/signal/frame.h"
#include "scaler/signals/latency_window.h"
#include "scaler/signals/node_view.h"
#include "scaler/signals/rate.h"

namespace scaler::signals {

/// One tenant as one agent has it.
struct TenantView {
  double arrivals_per_second = 0;
  double in_flight = 0;
  double queued = 0;
  common::MonotonicTime read_at;  ///< When its ingress told so.
};

/// One running container as one agent has it.
struct ContainerView {
  std::string replica;
  std::optional<double> cpu_cores;  ///< Empty until it has been seen twice.
  double memory_working_set_bytes = 0;
  double memory_limit_bytes = 0;  ///< 0: none.
};

/// What one agent has told us, folded frame by frame.
///
/// Pure: time is an argument. Rates live through a reconnect as long as the agent's epoch does; in
/// a new epoch they begin anew from its first reading.
class AgentView {
 public:
  enum class Verdict {
    kTaken,
    kRepeated,  ///< Seen before; ignored.
    kGap,       ///< Something is missing before it; only a new full frame helps.
  };

  /// `window`: over how long rates are taken.
  explicit AgentView(std::chrono::milliseconds window) : window_(window) {}

  [[nodiscard]] Verdict Fold(const common::signal::Frame& frame, common::MonotonicTime now);

  /// The last frame that was taken said more than that the agent is there.
  [[nodiscard]] bool ToldNews() const { return told_news_; }

  /// The next frame must be full: the connection is a new one.
  void Disconnected() { expects_full_ = true; }

  /// When the last frame was taken; empty before the first.
  [[nodiscard]] std::optional<common::MonotonicTime> HeardAt() const { return heard_at_; }

  /// Nothing where the agent does not know the tenant, or has told of it only once: one reading
  /// has no rate, and a rate that is not known is not zero. While the tenant's ingress does not
  /// answer the agent, its last word stays and ages: arrivals that nobody counts are not none.
  [[nodiscard]] std::optional<TenantView> FindTenant(const std::string& tenant) const;

  /// The containers of one workload; none where the agent runs none.
  [[nodiscard]] const std::vector<ContainerView>& ContainersOf(const std::string& name_space,
                                                               const std::string& workload) const;

  /// The same of all workloads that the agent runs containers of, by namespace and name.
  using Workloads = std::map<std::pair<std::string, std::string>, std::vector<ContainerView>>;
  [[nodiscard]] const Workloads& ByWorkload() const { return by_workload_; }
  /// Another number when there are other workloads.
  [[nodiscard]] std::uint64_t Placement() const { return placement_; }

  /// How long the tenant's requests of the last half minute took; empty where nobody counts it.
  [[nodiscard]] std::optional<common::signal::LatencyCounts> LatencyOf(
      const std::string& tenant) const;

  [[nodiscard]] const std::string& Name() const { return name_; }

  /// The node that the agent is on; nothing where it watches over none.
  [[nodiscard]] const std::optional<NodeView>& Node() const { return node_; }

  /// The agent tells of requests.
  [[nodiscard]] bool KnowsTenants() const { return !tenants_.empty(); }

 private:
  struct Tenant {
    Rate<std::uint64_t> arrivals;
    common::signal::TenantSignal last;
    std::optional<TenantView> view;  ///< Of the last reading that had a rate.
    LatencyWindow latency;
    bool is_silent = false;  ///< Its ingress gave no answer at the last reading.
    std::optional<common::MonotonicTime> back_at;  ///< Of a silence within the window.
  };
  struct Container {
    Rate<double> cpu_seconds;
    common::signal::ContainerSignal last;
  };

  void FoldFull(const common::signal::Frame& frame);
  void FoldTenants(const common::signal::Frame& frame, common::MonotonicTime now);
  void Read(Tenant& tenant, common::MonotonicTime now) const;
  void FoldContainers(const common::signal::Frame& frame, common::MonotonicTime now);

  std::chrono::milliseconds window_;
  std::string name_;
  std::uint64_t epoch_ = 0;
  std::uint64_t sequence_ = 0;
  bool expects_full_ = true;
  bool told_news_ = false;
  std::optional<common::MonotonicTime> heard_at_;
  std::optional<NodeView> node_;
  std::unordered_map<std::string, Tenant> tenants_;  ///< Asked for in every cycle.
  std::map<std::string, Container> containers_;
  Workloads by_workload_;
  std::uint64_t placement_ = 0;
};

}  // namespace scaler::signals
