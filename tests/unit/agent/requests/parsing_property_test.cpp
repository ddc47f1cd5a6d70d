#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "agent/requests/host.h"
#include "agent/requests/line_format.h"

namespace agent::requests {
namespace {

/// Any bytes that a host in one line can have.
rc::Gen<std::string> AnyHost() {
  return rc::gen::container<std::string>(rc::gen::distinctFrom(rc::gen::nonZero<char>(), '\n'));
}

RC_GTEST_PROP(LineProperty, NoHostChangesAnotherField, (std::uint32_t bytes)) {
  const auto host = *AnyHost();
  const auto status = *rc::gen::inRange(-1, 1000);
  const auto line = "t1 1700000000.001 " + std::to_string(status) + " 7 " + std::to_string(bytes) +
                    " 9 shop LR " + host;

  RC_ASSERT(ParseLine(LineFormat::kTrimtab, line) ==
            Line(Request{.time_milliseconds = 1'700'000'000'001,
                         .status = status,
                         .duration_milliseconds = 7,
                         .sent_bytes = bytes,
                         .received_bytes = 9,
                         .backend = "shop",
                         .host = host}));
}

RC_GTEST_PROP(LineProperty, AnyBytesAreSomeLine, (std::string line)) {
  for (const auto& text : {line, "t1 " + line, "shop.com:80 " + line}) {
    (void)ParseLine(LineFormat::kTrimtab, text);
    (void)ParseLine(LineFormat::kVhostCombined, text);
  }
}

RC_GTEST_PROP(LineProperty, ACutLineIsNeverAnotherHostsRequest, ()) {
  const std::string line = "t1 1700000000.001 200 7 1 9 shop LR shop.example.com";
  const auto size = *rc::gen::inRange<std::size_t>(0, line.size());
  const auto cut = line.substr(0, size);
  const auto parsed = ParseLine(LineFormat::kTrimtab, cut);
  if (const auto* const request = std::get_if<Request>(&parsed)) {
    RC_ASSERT(std::string_view("shop.example.com").starts_with(request->host));
    RC_ASSERT(request->status == 200);
  }
}

RC_GTEST_PROP(HostProperty, NormalisingTwiceChangesNothing, ()) {
  const auto host =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abzABZ019-.:_")));
  HostBuffer buffer;
  HostBuffer again;
  if (const auto once = NormalizeHost(host, buffer)) {
    RC_ASSERT(NormalizeHost(*once, again) == once);
    RC_ASSERT(once->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") ==
              std::string_view::npos);
  }
}

}  // namespace
}  // namespace agent::requests
