#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "common/yaml/problem.h"
#include "common/yaml/value.h"

namespace common::yaml {

/// The documents of a YAML text, those that hold nothing left out.
///
/// Empty if the text has no document or is not YAML, with the reason in `problems`; syntax errors
/// end the reading, duplicate keys and the like do not. Bounded: 8 MiB, 200 000 values and 64
/// levels, aliases counted as if they were written out. The values point to `problems`, which
/// must outlive them.
[[nodiscard]] std::vector<Value> ParseText(std::string_view text, Problems& problems);

/// The same for a regular file, which may be reached over symbolic links.
[[nodiscard]] std::vector<Value> ParseFile(const std::filesystem::path& path, Problems& problems);

/// A file with exactly one document that is a map: a program's configuration.
[[nodiscard]] std::optional<Map> ParseConfiguration(const std::filesystem::path& path,
                                                    Problems& problems);

}  // namespace common::yaml
