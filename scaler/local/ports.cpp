#include "scaler/local/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "scaler/local/spawn.h"

namespace scaler::local {
namespace {

/// Without SO_REUSEADDR, so that a port whose last connections still linger is left alone.
bool IsFree(int port) {
  const common::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return fd && ::bind(fd.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

std::optional<int> Ports::Take() {
  for (int tried = range_.first; tried <= range_.last; ++tried) {
    const int port = next_;
    next_ = next_ == range_.last ? range_.first : next_ + 1;
    if (!taken_.contains(port) && IsFree(port)) {
      taken_.insert(port);
      return port;
    }
  }
  return std::nullopt;
}

}  // namespace scaler::local
