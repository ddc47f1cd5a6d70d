#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/result.h"

namespace common::lifecycle {

struct CompactOptions {
  std::uint64_t most_bytes = std::uint64_t{8} << 20U;  ///< A smaller file is left alone.
  /// So much of its end stays record by record: an end may be told a second time, soon after.
  std::uint64_t kept_bytes = std::uint64_t{1} << 20U;
};

/// The first line of a file that CompactIfLarge wrote. Who has read the file before, to its end,
/// knows the next `lines` lines already.
struct Continuation {
  std::uint64_t inode = 0;  ///< Of the file before.
  std::uint64_t lines = 0;

  friend bool operator==(const Continuation&, const Continuation&) = default;
};

[[nodiscard]] std::string Encode(const Continuation& continuation);

/// Nothing where the line is another one.
[[nodiscard]] std::optional<Continuation> DecodeContinuation(std::string_view line);

/// Puts a shorter file in the place of one that has grown too large: its older records as what they
/// add up to (a workload's declaration with its ends, the starts of what runs), the newer ones as
/// they are. False where there was nothing to do.
///
/// Waits for who appends, and they for it: no record is lost. Blocks for the disk; any thread.
[[nodiscard]] Result<bool> CompactIfLarge(const std::filesystem::path& file,
                                          const CompactOptions& options = {});

}  // namespace common::lifecycle
