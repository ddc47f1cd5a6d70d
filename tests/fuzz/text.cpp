// Durations, quantities, rates, shares, words: what people and files write as single values.

#include "common/text.h"

#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Text(data, size);
  if (const auto duration = common::ParseDuration(text)) {
    const auto again = common::ParseDuration(common::FormatDuration(*duration));
    fuzz::Require(again && *again == *duration);
  }
  (void)common::ParseQuantity(text);
  (void)common::ParseRate(text);
  (void)common::ParsePercent(text);
  (void)common::ParseDouble(text);
  (void)common::ParseUnsigned(text);
  (void)common::QuoteJson(text);
  (void)common::NearestWord(text, {"replicas", "signals", "idle"});
  for (auto rest = text; !rest.empty();) {
    auto line = common::TakeLine(rest);
    while (!common::TakeWord(line).empty()) {
    }
  }
  return 0;
}
