#pragma once

#include <cstdint>
#include <string_view>

#include "common/file_system.h"
#include "common/result.h"

namespace agent::procfs {

/// The machine's memory at one instant, in bytes.
struct MemorySample {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::uint64_t available_bytes = 0;  ///< What the kernel thinks it could give without swapping.
  std::uint64_t buffers_bytes = 0;
  std::uint64_t cached_bytes = 0;
  std::uint64_t inactive_file_bytes = 0;
  std::uint64_t swap_total_bytes = 0;
  std::uint64_t swap_free_bytes = 0;

  /// What is in use and cannot be dropped at once, as the kubelet counts a node.
  [[nodiscard]] std::uint64_t WorkingSetBytes() const;

  friend bool operator==(const MemorySample&, const MemorySample&) = default;
};

/// Reads /proc/meminfo. bad_message where it has no total or no available memory.
[[nodiscard]] common::Result<MemorySample> ParseMemory(std::string_view text);

[[nodiscard]] common::Result<MemorySample> ReadMemory(const common::FileSystem& fs);

}  // namespace agent::procfs
