// The access log's checkpoint. A good hash is put at the end, because the fuzzer cannot guess one.

#include "agent/requests/checkpoint.h"

#include "agent/requests/fingerprint.h"
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent::requests;
  const auto text = fuzz::Text(data, size);
  (void)DecodeCheckpoint(text);
  std::string whole = "trimtab-access-log 1\n" + std::string(text) + "\n";
  whole += "end " + std::to_string(Fingerprint(whole)) + "\n";
  if (const auto checkpoint = DecodeCheckpoint(whole)) {
    const auto again = DecodeCheckpoint(EncodeCheckpoint(*checkpoint));
    fuzz::Require(again && *again == *checkpoint);
  }
  return 0;
}
