#pragma once

#include <cstdint>
#include <string>

#include "common/clock.h"
#include "scaler/platform/platform.h"

namespace scaler::kubernetes::workloads {

/// A replica but for its id, in a third of its room: of tens of thousands of pods each is kept
/// beside the list that its workload shows.
class PackedReplica {
 public:
  PackedReplica() = default;
  explicit PackedReplica(const platform::Replica& replica);

  [[nodiscard]] platform::Replica Unpack(std::string id) const;

  friend bool operator==(const PackedReplica&, const PackedReplica&) = default;

 private:
  /// No pod has seen the beginning of time.
  static constexpr auto kNever = common::MonotonicTime::min();

  common::WallTime since_;
  common::MonotonicTime created_ = kNever;
  common::MonotonicTime ready_changed_ = kNever;
  common::MonotonicTime ended_ = kNever;
  std::string texts_;  ///< Address, revision, and what it waits for.
  std::uint32_t restarts_ = 0;
  std::uint16_t address_size_ = 0;
  std::uint16_t revision_size_ = 0;
  std::uint8_t phase_ = 0;
  std::uint8_t end_ = 0;
  bool has_served_ = false;
  bool pending_ = false;
};

}  // namespace scaler::kubernetes::workloads
