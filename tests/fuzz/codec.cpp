// Lines of the ledger, and states. Whatever decodes is decided upon: the engine must stand every
// input that can be written down.

#include "scaler/codec/codec.h"

#include "fuzz/input.h"
#include "scaler/codec/question.h"
#include "scaler/engine/decide.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace scaler::codec;
  const auto text = fuzz::Text(data, size);
  if (const auto line = DecodeLine(text)) {
    const auto encoded = EncodeLine(*line);
    const auto again = DecodeLine(encoded);
    fuzz::Require(again && EncodeLine(*again) == encoded);
    (void)Replays(*line);
  }
  if (const auto question = DecodeQuestion(text)) {
    (void)scaler::engine::Decide(question->policy, question->state, question->observation);
  }
  if (const auto state = DecodeState(text)) {
    const auto encoded = EncodeState(*state);
    const auto again = DecodeState(encoded);
    fuzz::Require(again && EncodeState(*again) == encoded);
  }
  return 0;
}
