// What the metadata services of clouds answer, of which each node believes what it reads.

#include <array>
#include <string>

#include "agent/interruption/protocol.h"
#include "fuzz/input.h"

namespace {

using namespace agent::interruption;

/// A service that gives the input as every answer, and its first byte as the status.
void LookAt(Provider provider, std::string_view text) {
  const auto protocol = MakeProtocol(provider);
  const int status = text.empty() || text.front() != '!' ? 200 : 401;
  const auto ask = [&](const Request&) -> common::Result<common::http::Response> {
    return common::http::Response{
        .status = status,
        .headers = {{"metadata-flavor", "Google"},
                    {"x-aws-ec2-metadata-token-ttl-seconds", std::string(text.substr(0, 20))}},
        .body = std::string(text)};
  };
  for (int look = 0; look < 2; ++look) {
    if (const auto seen = protocol->Look(ask, common::MonotonicTime{})) {
      const auto notices = Fold({}, *seen, common::WallTime{});
      fuzz::Require(notices.size() <= 3);
      fuzz::Require(Fold(notices, *seen, common::WallTime(std::chrono::hours(1))) == notices);
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Text(data, size);
  (void)ParseAwsAction(text);
  (void)ParseAwsRebalance(text);
  (void)ParseAwsMaintenance(text);
  (void)ParseGcpPreempted(text);
  (void)ParseGcpMaintenance(text);
  (void)ParseAzureEvents(text, "vm-1");
  for (const auto provider : {Provider::kAws, Provider::kGcp, Provider::kAzure}) {
    LookAt(provider, text);
  }
  return 0;
}
