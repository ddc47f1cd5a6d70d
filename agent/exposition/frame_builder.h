#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "agent/collect/snapshot.h"
#include "agent/exposition/metrics.h"
#include "common/signal/frame.h"

namespace agent::exposition {

/// Turns the snapshots that one reader of signals gets into its frames. Pure.
///
/// The first frame is full; each later one carries what differs from the frame before it, and is
/// a heartbeat where nothing does.
class FrameBuilder {
 public:
  FrameBuilder(AgentInfo info, std::uint64_t epoch) : info_(std::move(info)), epoch_(epoch) {}

  [[nodiscard]] common::signal::Frame Next(const collect::Snapshot& snapshot,
                                           std::uint64_t sequence);

 private:
  void AddTenants(const collect::Snapshot& snapshot, common::signal::Frame& frame);
  void AddContainers(const collect::Snapshot& snapshot, common::signal::Frame& frame);

  void AddNode(const collect::Snapshot& snapshot, common::signal::Frame& frame);

  AgentInfo info_;
  std::uint64_t epoch_;
  bool is_first_ = true;
  std::optional<interruption::Notices> notices_;  ///< As last told.
  std::map<std::string, common::signal::TenantSignal> tenants_;
  std::map<std::string, common::signal::ContainerSignal> containers_;
};

}  // namespace agent::exposition
