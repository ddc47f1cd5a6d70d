#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/result.h"
#include "tests/demo/stage/configuration.h"

namespace demo {

/// One program of the demo and how to see that it is up.
struct Part {
  std::string name;
  std::vector<std::string> command;
  std::function<common::Result<void>()> ready;  ///< Fails, saying why, until it is.
};

/// All programs in the order in which they start.
[[nodiscard]] std::vector<Part> MakeParts(const RunPlace& place);

}  // namespace demo
