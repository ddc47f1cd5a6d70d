#pragma once

#include <string>
#include <vector>

#include "scaler/ctl/command_result.h"

namespace scaler::ctl {

enum class SchemaForm { kJson, kCrd, kReference };

/// `trimtabctl schema [--crd | --reference] [KIND]`; all kinds where `kind` is empty.
[[nodiscard]] CommandResult PrintSchema(SchemaForm form, const std::string& kind);

/// `trimtabctl validate FILE...`: files or directories.
[[nodiscard]] CommandResult ValidatePolicies(const std::vector<std::string>& paths);

/// `trimtabctl import FILE`; "-" is the standard input.
[[nodiscard]] CommandResult ImportPolicies(const std::string& path);

}  // namespace scaler::ctl
