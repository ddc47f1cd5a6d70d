#pragma once

#include <string>
#include <vector>

namespace scaler::ctl {

/// What a command prints and how it ends: 0 good, 1 done with something left out, 2 refused.
struct CommandResult {
  int code = 0;
  std::string out;
  std::string err;
};

enum class SchemaForm { kJson, kCrd, kReference };

/// `trimtabctl schema [--crd | --reference] [KIND]`; all kinds where `kind` is empty.
[[nodiscard]] CommandResult PrintSchema(SchemaForm form, const std::string& kind);

/// `trimtabctl validate FILE...`: files or directories.
[[nodiscard]] CommandResult ValidatePolicies(const std::vector<std::string>& paths);

/// `trimtabctl import FILE`; "-" is the standard input.
[[nodiscard]] CommandResult ImportPolicies(const std::string& path);

}  // namespace scaler::ctl
