#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/result.h"

namespace scaler::kubernetes::leadership {

/// The one entry of a ConfigMap that is a part of the checkpoint.
inline constexpr const char* kCheckpointEntry = "states.jsonl.gz";

/// Finds those ConfigMaps.
inline constexpr const char* kCheckpointSelector = "labelSelector=trimtab.io%2Fcheckpoint%3Dscaler";

/// Another machine's clock may be so far ahead of ours.
inline constexpr auto kAheadAtMost = std::chrono::minutes(10);

[[nodiscard]] std::string CheckpointsOf(const std::string& name_space);

/// Whether it is an object with states of workloads, of a checkpoint with that name.
[[nodiscard]] bool IsShard(std::string_view checkpoint, std::string_view object);

/// What is in it, unpacked; bad_message where there is no such thing, message_size where it is
/// longer than `limit`.
[[nodiscard]] common::Result<std::string> CheckpointText(std::string_view json, std::size_t limit);

}  // namespace scaler::kubernetes::leadership
