#pragma once

#include <stdexcept>

#include "tests/demo/stage/ports.h"

namespace tests {

/// A base of ports that nobody uses, so that tests can run beside the demo and one another. Below
/// the ports that the kernel gives to outgoing connections.
inline int FreePortBase() {
  for (int base = 21'500; base <= 29'000; base += 1500) {
    if (demo::CheckFree(demo::Ports::From(base))) {
      return base;
    }
  }
  throw std::runtime_error("there is no free range of ports for the demo");
}

}  // namespace tests
