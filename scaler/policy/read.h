#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/policy/documents.h"

namespace scaler::policy {

/// The namespace of policies that name none.
inline constexpr const char* kLocalNamespace = "local";

/// The policies, groups and capacity policies of one file, in its order. If anything is wrong with
/// any of them, `problems` says what and the result is not to be used. `name_space` is that of
/// policies that name none; empty: they have to.
[[nodiscard]] Documents ReadFile(const std::filesystem::path& path,
                                 common::yaml::Problems& problems,
                                 const std::string& name_space = kLocalNamespace);

/// The same for a text.
[[nodiscard]] Documents ReadText(std::string_view text, common::yaml::Problems& problems,
                                 const std::string& name_space = kLocalNamespace);

/// What is wrong with one file by itself; empty if it is good.
[[nodiscard]] std::vector<common::yaml::Problem> ValidateFile(const std::filesystem::path& path);

}  // namespace scaler::policy
