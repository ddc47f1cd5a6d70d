// The stream from an agent, in pieces as a network cuts them. What decodes must encode to itself.

#include <algorithm>

#include "common/signal/frame.h"
#include "fuzz/input.h"

namespace {

using common::signal::Decoder;

void Drain(Decoder& decoder) {
  for (;;) {
    const auto frame = decoder.Next();
    if (!frame || !*frame) {
      return;
    }
    Decoder again;
    again.Append(common::signal::Encode(**frame));
    const auto same = again.Next();
    fuzz::Require(same && *same && **same == **frame);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  // The first byte says how long the pieces are; with a length of its own in front, the rest is
  // one frame, so that the fuzzer need not guess the length.
  auto text = fuzz::Text(data + 1, size - 1);
  Decoder framed;
  const auto length = static_cast<std::uint32_t>(text.size());
  std::string head;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    head += static_cast<char>(length >> shift & 0xFFU);
  }
  framed.Append(head + std::string(text));
  Drain(framed);

  Decoder raw;
  const std::size_t piece = std::max<std::size_t>(data[0], 1);
  while (!text.empty()) {
    raw.Append(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  Drain(raw);
  return 0;
}
