#pragma once

#include <netdb.h>

namespace tests {

/// Whether this machine knows localhost: one without /etc/hosts, as some sandboxes are, does not.
inline bool LocalhostResolves() {
  addrinfo* found = nullptr;
  if (::getaddrinfo("localhost", nullptr, nullptr, &found) != 0) {
    return false;
  }
  ::freeaddrinfo(found);
  return true;
}

}  // namespace tests
