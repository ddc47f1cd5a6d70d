#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "common/unique_fd.h"
#include "tests/demo/stage/ports.h"

namespace tests {

/// Ports that nobody uses, for the demo's parts, and that no other test takes as long as this
/// lives: that they are free shows only once somebody listens on each. Below the ports that the
/// kernel gives to outgoing connections.
class PortRange {
 public:
  PortRange() {
    constexpr std::array kBases = {21'500, 24'500, 27'500, 14'000, 11'000};
    for (const int base : kBases) {
      const auto ports = demo::Ports::From(base);
      if (Claim(base) && demo::CheckFree(ports) && AreFree(ports.first_replica)) {
        base_ = base;
        return;
      }
    }
    throw std::runtime_error("there is no free range of ports for the demo");
  }

  [[nodiscard]] int Base() const { return base_; }

 private:
  /// Those that tests without a demo take one after the other; a server of somebody else's may
  /// stand among them.
  static bool AreFree(std::uint16_t first) {
    constexpr std::uint16_t kTakenByTests = 50;
    for (std::uint16_t port = first; port < first + kTakenByTests; ++port) {
      if (demo::IsTaken(port, demo::Transport::kTcp)) {
        return false;
      }
    }
    return true;
  }

  /// By a name that the kernel gives to one socket at a time, and takes back when its process ends.
  bool Claim(int base) {
    const auto name = "trimtab-test-ports-" + std::to_string(base);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path + 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    claim_ = common::UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return claim_ && ::bind(claim_.Get(), reinterpret_cast<const sockaddr*>(&address), size) == 0;
  }

  common::UniqueFd claim_;
  int base_ = 0;
};

}  // namespace tests
