#pragma once

#include <filesystem>

#include "common/result.h"
#include "scaler/local/cloud/spec.h"

namespace scaler::local::cloud {

/// Reads the file. Fails with all of its problems, one a line, each with its position.
[[nodiscard]] common::Result<Spec> ReadConfig(const std::filesystem::path& file);

}  // namespace scaler::local::cloud
