#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "agent/collect/snapshot.h"
#include "common/signal/frame.h"

namespace agent::exposition {

/// Turns the snapshots that one reader of signals gets into its frames. Pure.
///
/// The first frame is full; each later one carries what differs from the frame before it, and is
/// a heartbeat where nothing does.
class FrameBuilder {
 public:
  FrameBuilder(std::string agent, std::uint64_t epoch) : agent_(std::move(agent)), epoch_(epoch) {}

  [[nodiscard]] common::signal::Frame Next(const collect::Snapshot& snapshot,
                                           std::uint64_t sequence);

 private:
  void AddTenants(const collect::Snapshot& snapshot, common::signal::Frame& frame);
  void AddContainers(const collect::Snapshot& snapshot, common::signal::Frame& frame);

  std::string agent_;
  std::uint64_t epoch_;
  bool is_first_ = true;
  std::map<std::string, common::signal::TenantSignal> tenants_;
  std::map<std::string, common::signal::ContainerSignal> containers_;
};

}  // namespace agent::exposition
