#include "common/http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string_view>

#include "common/text.h"

namespace common::http {
namespace {

constexpr std::string_view kPlain = "http://";
constexpr std::string_view kTls = "https://";

/// Where the colon before the port is, or npos; those inside of brackets are none.
std::size_t FindPort(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto bracket = text.rfind(']');
  return bracket != std::string_view::npos && colon < bracket ? std::string_view::npos : colon;
}

}  // namespace

Result<Address> ParseAddress(const std::string& text, bool tls_by_default) {
  std::string_view rest = text;
  const bool plain = rest.starts_with(kPlain);
  const bool tls = rest.starts_with(kTls);
  Address address;
  address.tls = tls || (tls_by_default && !plain);
  if (plain || tls) {
    rest.remove_prefix(tls ? kTls.size() : kPlain.size());
    address.port = tls ? "443" : "80";
    if (rest.ends_with('/')) {
      rest.remove_suffix(1);
    }
  }
  const auto colon = FindPort(rest);
  if (colon != std::string_view::npos) {
    address.port = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  if (rest.size() > 2 && rest.front() == '[' && rest.back() == ']') {
    rest = rest.substr(1, rest.size() - 2);
  }
  address.host = rest;
  if (address.host.empty() || address.port.empty() ||
      rest.find_first_of("/?#@[] \t\r\n") != std::string_view::npos) {
    return Fail(std::errc::invalid_argument,
                "\"" + text + "\" is no address: want host:port or https://host:port");
  }
  const auto port = ParseUnsigned(address.port);
  if (!port || *port == 0 || *port > 65535) {
    return Fail(std::errc::invalid_argument, "\"" + text + "\" has no port from 1 to 65535");
  }
  return address;
}

std::string Authority(const Address& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + address.port;
}

bool IsLoopback(const Address& address) {
  in_addr ipv4{};
  if (::inet_pton(AF_INET, address.host.c_str(), &ipv4) == 1) {
    return ntohl(ipv4.s_addr) >> 24U == 127;
  }
  return address.host == "localhost" || address.host == "::1";
}

}  // namespace common::http
