// What clients put into requests, and operators into addresses.

#include "common/http/address.h"
#include "exporters/guard.h"
#include "exporters/request_target.h"
#include "exporters/router.h"
#include "exporters/server.h"
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Text(data, size);
  if (const auto target = exporters::ParseRequestTarget(text)) {
    fuzz::Require((target->path + "/").find("/../") == std::string::npos);
  }
  (void)exporters::BearerToken(text);
  fuzz::Require(exporters::DecodeUrl(text, true).size() <= text.size());
  (void)exporters::ParseQuery(text);
  (void)exporters::ParseListenAddress(std::string(text));
  if (const auto address = common::http::ParseAddress(std::string(text))) {
    (void)common::http::IsLoopback(*address);
    const auto again = common::http::ParseAddress(common::http::Authority(*address), address->tls);
    fuzz::Require(again && again->host == address->host && again->port == address->port);
  }
  return 0;
}
