#include <fmt/format.h>

#include <limits>
#include <string_view>

#include "common/text.h"
#include "exporters/server.h"

namespace exporters {
namespace {

tl::unexpected<common::Error> Refuse(const std::string& text, std::string_view why) {
  return common::Fail(std::errc::invalid_argument,
                      fmt::format("listen address '{}': {}; write it as 127.0.0.1:9100 or "
                                  "[::1]:9100",
                                  text, why));
}

}  // namespace

common::Result<ListenAddress> ParseListenAddress(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) {
    return Refuse(text, "has no port");
  }
  auto host = std::string_view(text).substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return Refuse(text, "an IPv6 address needs brackets");
  }
  const auto port = common::ParseUnsigned(std::string_view(text).substr(colon + 1));
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) {
    return Refuse(text, "the port must be a number from 0 to 65535");
  }
  return ListenAddress{.host = std::string(host), .port = static_cast<std::uint16_t>(*port)};
}

}  // namespace exporters
