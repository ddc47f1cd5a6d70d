// What is said to the emulated cloud of one machine, and what it finds after a restart.

#include "fuzz/input.h"
#include "scaler/local/cloud/metadata.h"
#include "scaler/local/cloud/wire.h"

namespace {

using namespace scaler::local::cloud;

/// What decodes must encode to itself.
template <typename Decode>
void RoundTrip(Decode decode, const std::string& text) {
  if (const auto value = decode(text)) {
    const auto once = Encode(*value);
    const auto again = decode(once);
    fuzz::Require(again && Encode(*again) == once);
  }
}

void AskServices(const std::string& text) {
  Node node;
  node.name = "spot-a-1";
  node.reclaim.emplace();
  node.maintenance.emplace();
  exporters::HttpRequest request{.method = "GET", .path = "/latest/meta-data/" + text};
  request.headers = {{"x-aws-ec2-metadata-token", text},
                     {"x-aws-ec2-metadata-token-ttl-seconds", text},
                     {"metadata-flavor", "Google"},
                     {"metadata", "true"}};
  request.query = {{"wait_for_change", "true"},
                   {"timeout_sec", text},
                   {"last_etag", text},
                   {"api-version", "2020-07-01"}};
  AwsMetadata aws;
  (void)aws.Answer(request, node, common::MonotonicTime{});
  request.method = "PUT";
  request.path = "/latest/api/token";
  const auto token = aws.Answer(request, node, common::MonotonicTime{});
  if (token.status == 200) {
    request.headers["x-aws-ec2-metadata-token"] = token.body;
    request.method = "GET";
    request.path = "/latest/meta-data/" + text;
    (void)aws.Answer(request, node, common::MonotonicTime{});
  }
  request.method = "GET";
  request.path = "/computeMetadata/v1/instance/" + text;
  (void)AnswerAsGcp(request, node);
  request.method = "POST";
  request.path = "/metadata/scheduledevents";
  request.body = text;
  (void)AnswerAsAzure(request, node);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::Text(data, size));
  RoundTrip(DecodeState, text);
  RoundTrip(DecodeListing, text);
  RoundTrip(DecodeOrder, text);
  RoundTrip(DecodeRefusal, text);
  RoundTrip(DecodeMischief, text);
  AskServices(text);
  return 0;
}
