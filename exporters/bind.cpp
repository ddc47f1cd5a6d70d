#include "exporters/bind.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <utility>

namespace exporters {
namespace {

using common::Result;
using common::UniqueFd;

/// As sockets want it: of either family, in one storage.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

template <typename Address>
SocketAddress Store(const Address& address) {
  SocketAddress stored{.storage = {}, .size = sizeof(address)};
  std::memcpy(&stored.storage, &address, sizeof(address));
  return stored;
}

SocketAddress Of(const in6_addr& host, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = host;
  return Store(address);
}

SocketAddress Of(const in_addr& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr = host;
  return Store(address);
}

std::optional<in_addr> ToIpv4(const std::string& host) {
  in_addr address{};
  const auto* const text = host == "localhost" ? "127.0.0.1" : host.c_str();
  return ::inet_pton(AF_INET, text, &address) == 1 ? std::optional(address) : std::nullopt;
}

std::optional<in6_addr> ToIpv6(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1 ? std::optional(address) : std::nullopt;
}

tl::unexpected<common::Error> Explain(const ListenAddress& address, int error) {
  if (error == EADDRINUSE) {
    return common::Fail(std::errc::address_in_use,
                        fmt::format("cannot listen on {}: another program listens there; stop it "
                                    "or choose another address with --listen",
                                    ToText(address)));
  }
  return common::FailErrno("cannot listen on " + ToText(address), error);
}

Result<UniqueFd> BindTo(const ListenAddress& address, const SocketAddress& target) {
  UniqueFd fd(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) {
    return Explain(address, errno);
  }
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.Get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (target.storage.ss_family == AF_INET6) {
    ::setsockopt(fd.Get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  // sockaddr is how the system call wants every family.
  const auto* const generic = reinterpret_cast<const sockaddr*>(&target.storage);
  if (::bind(fd.Get(), generic, target.size) != 0) {
    return Explain(address, errno);
  }
  return fd;
}

}  // namespace

std::string ToText(const ListenAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return ipv6 ? fmt::format("[{}]:{}", address.host, address.port)
              : fmt::format("{}:{}", address.host, address.port);
}

bool IsLoopback(const ListenAddress& address) {
  if (const auto ipv4 = ToIpv4(address.host)) {
    return ntohl(ipv4->s_addr) >> 24U == 127;
  }
  const auto ipv6 = ToIpv6(address.host);
  return ipv6 && IN6_IS_ADDR_LOOPBACK(&*ipv6) != 0;
}

Result<UniqueFd> Bind(const ListenAddress& address) {
  if (address.host.empty()) {
    auto both = BindTo(address, Of(in6addr_any, address.port));
    const bool no_ipv6 = !both && (both.error().code == std::errc::address_family_not_supported ||
                                   both.error().code == std::errc::address_not_available);
    return no_ipv6 ? BindTo(address, Of(in_addr{.s_addr = INADDR_ANY}, address.port))
                   : std::move(both);
  }
  if (const auto ipv4 = ToIpv4(address.host)) {
    return BindTo(address, Of(*ipv4, address.port));
  }
  if (const auto ipv6 = ToIpv6(address.host)) {
    return BindTo(address, Of(*ipv6, address.port));
  }
  return common::Fail(std::errc::invalid_argument,
                      fmt::format("cannot listen on {}: {} is no IP address; 0.0.0.0 is every "
                                  "address of this machine",
                                  ToText(address), address.host));
}

Result<std::uint16_t> BoundPort(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return common::FailErrno("cannot tell the port of a socket");
  }
  // Both families have their port at the same place.
  sockaddr_in address{};
  std::memcpy(&address, &storage, sizeof(address));
  return ntohs(address.sin_port);
}

}  // namespace exporters
