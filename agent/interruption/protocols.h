#pragma once

#include <memory>

#include "agent/interruption/protocol.h"

// Inside this folder only.
namespace agent::interruption {

[[nodiscard]] std::unique_ptr<Protocol> MakeAws();
[[nodiscard]] std::unique_ptr<Protocol> MakeGcp();
[[nodiscard]] std::unique_ptr<Protocol> MakeAzure();

}  // namespace agent::interruption
