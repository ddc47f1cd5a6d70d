#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/demo/stage/ports.h"
#include "tests/demo/stage/watch.h"

namespace demo {

/// The terminal while the live view is on; gives it back as it was.
class Screen {
 public:
  Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen();

  /// Draws over what was there. What does not fit into the window now is cut off.
  void Draw(const std::vector<std::string>& lines) const;

  /// True if standard output is a terminal that can do this.
  [[nodiscard]] static bool IsPossible();
};

/// What the live view tells, a line each.
[[nodiscard]] std::vector<std::string> DescribeRun(const Watch& watch, const Ports& ports,
                                                   std::chrono::seconds elapsed);

/// The same in one line, for logs.
[[nodiscard]] std::string DescribeProgress(const Watch& watch, std::chrono::seconds elapsed);

}  // namespace demo
