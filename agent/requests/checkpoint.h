#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/requests/tailer.h"
#include "agent/requests/tenant_counters.h"
#include "common/result.h"

namespace agent::requests {

/// Counters, and how far the log has been counted into them: one without the other is worth
/// nothing, so they are written together.
struct Checkpoint {
  std::string log;  ///< The path of the log that it belongs to.
  std::vector<KnownFile> files{};
  RequestCounters counters{};  ///< Without `lag_bytes` and `problem`, which are of the moment.

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Text with a version in front and a hash at the end.
[[nodiscard]] std::string EncodeCheckpoint(const Checkpoint& checkpoint);

/// Fails if the text is damaged, cut or of another version.
[[nodiscard]] common::Result<Checkpoint> DecodeCheckpoint(std::string_view text);

/// Replaces the file at `path` as a whole: a reader sees the old one or the new one.
///
/// Does not wait for the disk. After a crash of the machine (not of the agent) the file may be
/// older or damaged, and the counters begin anew, which is how counters are read anyway.
[[nodiscard]] common::Result<void> SaveCheckpoint(const std::filesystem::path& path,
                                                  const Checkpoint& checkpoint);

/// Nothing if there is no file at `path`.
[[nodiscard]] common::Result<std::optional<Checkpoint>> LoadCheckpoint(
    const std::filesystem::path& path);

}  // namespace agent::requests
