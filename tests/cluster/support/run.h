#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cluster {

/// What a command came to.
struct Outcome {
  int code = 0;     ///< Its exit code; 128 + signal if one ended it.
  std::string out;  ///< What it wrote to stdout.
  std::string err;  ///< What it wrote to stderr.

  [[nodiscard]] bool Ok() const { return code == 0; }
};

/// Runs a command, found by PATH where it has no '/', to its end with `input` as stdin. Its files
/// are made in `scratch` and removed again. Throws std::runtime_error if it cannot be started.
[[nodiscard]] Outcome RunToEnd(const std::vector<std::string>& command, const std::string& input,
                               const std::filesystem::path& scratch);

}  // namespace cluster
