// What the agent, the shims and the scaler find of themselves after a restart, and tokens.

#include "agent/collect/state_file.h"
#include "common/tls/tokens.h"
#include "fuzz/input.h"
#include "scaler/local/replica_files.h"

namespace {

/// What decodes must encode to itself.
template <typename Decode>
void RoundTrip(Decode decode, std::string_view text) {
  if (const auto value = decode(text)) {
    const auto again = decode(scaler::local::Encode(*value));
    fuzz::Require(again && *again == *value);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Text(data, size);
  const fuzz::InputFile file(text);
  (void)agent::collect::LoadState(file.Path());
  (void)common::tls::ReadTokenFile(file.Path());
  RoundTrip(scaler::local::DecodeLaunch, text);
  RoundTrip(scaler::local::DecodeReplicaState, text);
  RoundTrip(scaler::local::DecodeWorkloadState, text);
  return 0;
}
