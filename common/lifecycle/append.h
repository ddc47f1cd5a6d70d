#pragma once

#include <filesystem>

#include "common/lifecycle/record.h"
#include "common/result.h"

namespace common::lifecycle {

/// Appends `record` to `file` with a single write and waits until it is on the disk.
///
/// Creates the file (not its directory). Several processes may append at once: O_APPEND keeps
/// their lines whole. A last line that a power cut left torn is closed first, so that it spoils
/// no other. Waits for a CompactIfLarge of the same file. Blocks for the disk; any thread.
[[nodiscard]] Result<void> Append(const std::filesystem::path& file, const Record& record);

}  // namespace common::lifecycle
