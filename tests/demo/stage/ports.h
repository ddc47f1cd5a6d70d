#pragma once

#include <cstdint>
#include <string>

#include "common/result.h"

namespace demo {

/// Where everything listens on loopback; all moves with `base`.
struct Ports {
  static constexpr int kDefaultBase = 18000;
  static constexpr int kLargestBase = 62000;

  std::uint16_t haproxy = 0;
  std::uint16_t log = 0;  ///< UDP.
  std::uint16_t prometheus = 0;
  std::uint16_t alertmanager = 0;
  std::uint16_t agent = 0;
  std::uint16_t scaler = 0;
  std::uint16_t first_replica = 0;
  std::uint16_t last_replica = 0;
  std::uint16_t first_node = 0;  ///< Two for each node: its metadata service and its agent.
  std::uint16_t last_node = 0;

  /// 18000 gives 18080, 18514, 19090, 19093, 19105, 19106, 19300 to 19399 and 20000 to 20999.
  [[nodiscard]] static Ports From(int base);
};

/// "127.0.0.1:18080".
[[nodiscard]] std::string Loopback(std::uint16_t port);

enum class Transport { kTcp, kUdp };

/// True if somebody holds this port of 127.0.0.1.
[[nodiscard]] bool IsTaken(std::uint16_t port, Transport transport);

/// "nginx (process 123)", as far as /proc tells; empty if it does not.
[[nodiscard]] std::string OwnerOf(std::uint16_t port, Transport transport);

/// Fails with address_in_use for the first port that is taken, saying whose it is and what to do.
[[nodiscard]] common::Result<void> CheckFree(const Ports& ports);

}  // namespace demo
