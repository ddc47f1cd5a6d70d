// A line of the lifecycle file. What decodes must encode to itself.

#include "common/lifecycle/compact.h"
#include "common/lifecycle/record.h"
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace common::lifecycle;
  // A declaration may name a replica, which means nothing and is not kept: hence the second turn.
  if (const auto record = Decode(fuzz::Text(data, size))) {
    auto line = Encode(*record);
    line.pop_back();
    const auto again = Decode(line);
    fuzz::Require(again && Encode(*again) == Encode(*record));
  }
  if (const auto continuation = DecodeContinuation(fuzz::Text(data, size))) {
    auto line = Encode(*continuation);
    line.pop_back();
    const auto again = DecodeContinuation(line);
    fuzz::Require(again && *again == *continuation);
  }
  return 0;
}
