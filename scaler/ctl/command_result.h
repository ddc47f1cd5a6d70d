#pragma once

#include <string>

namespace scaler::ctl {

/// What a command prints and how it ends: 0 good, 1 done with something left out, 2 refused.
struct CommandResult {
  int code = 0;
  std::string out;
  std::string err;
};

/// What was given is wrong.
[[nodiscard]] inline CommandResult Refuse(const std::string& what) {
  return {.code = 2, .out = {}, .err = what + "\n"};
}

}  // namespace scaler::ctl
