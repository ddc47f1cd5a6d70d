#include "tests/cluster/support/network.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

#include "common/unique_fd.h"

namespace cluster {
namespace {

void Check(int result, const char* what) {
  if (result != 0) {
    throw std::runtime_error(std::string("a network of our own: ") + what + ": " +
                             std::generic_category().message(errno));
  }
}

ifreq Named(const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
  return request;
}

ifreq WithAddress(const char* name, const char* address) {
  auto request = Named(name);
  sockaddr_in in{};
  in.sin_family = AF_INET;
  ::inet_pton(AF_INET, address, &in.sin_addr);
  std::memcpy(&request.ifr_addr, &in, sizeof(in));
  return request;
}

}  // namespace

void EnterOwnNetwork() {
  Check(::unshare(CLONE_NEWNET), "unshare");
  const common::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto loopback = Named("lo");
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  Check(::ioctl(socket.Get(), SIOCSIFFLAGS, &loopback), "lo");
  // Of a whole net of loopback's every address is ours, as of 127.0.0.0/8.
  auto address = WithAddress("lo:pods", "10.0.0.1");
  Check(::ioctl(socket.Get(), SIOCSIFADDR, &address), "the pods' addresses");
  auto mask = WithAddress("lo:pods", "255.255.0.0");
  Check(::ioctl(socket.Get(), SIOCSIFNETMASK, &mask), "the pods' net");
}

}  // namespace cluster
