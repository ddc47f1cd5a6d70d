#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace common::haproxy {

/// One line of `show stat`: a frontend ("FRONTEND"), a backend ("BACKEND") or a server.
///
/// A number that HAProxy leaves empty for its kind of line is 0. Counters start at 0 with the
/// process (compare its pid), a dynamic server's with its `add server`.
struct StatLine {
  std::string proxy;
  std::string server;
  std::string status;  ///< "UP", "DOWN", "no check", "DRAIN", "MAINT", "OPEN", ...

  /// Of a BACKEND: every request that came to it, counted as it arrives, whatever becomes of it.
  /// Seen on 2.6: with keep-alive each request of a connection counts, and so does one that is
  /// answered 503 because no server exists; retries do not count again. This is demand.
  /// (Of a FRONTEND it counts connections.)
  std::uint64_t stot = 0;
  /// Of a BACKEND: the same requests, but each counted only when it is over. stot - req_tot is
  /// what is in flight and queued.
  std::uint64_t req_tot = 0;
  std::uint64_t scur = 0;  ///< Requests at this moment; of a BACKEND queued ones included.
  std::uint64_t qcur = 0;  ///< Requests that wait in the queue of this line.
  std::uint64_t econ = 0;  ///< Connections that failed; of a BACKEND also "no server" (503).
  std::uint64_t eresp = 0;
  std::uint64_t wretr = 0;
  std::uint64_t wredis = 0;
  std::uint64_t hrsp_2xx = 0;
  std::uint64_t hrsp_4xx = 0;
  std::uint64_t hrsp_5xx = 0;  ///< HAProxy's own 503s included.

  friend bool operator==(const StatLine&, const StatLine&) = default;
};

/// Parses the CSV answer of `show stat`. Columns are found by their names in the header, so that a
/// version with more of them reads as well. bad_message where it is no such answer.
[[nodiscard]] Result<std::vector<StatLine>> ParseStat(std::string_view answer);

/// The part of `show info` that tells one HAProxy process from the next.
struct Info {
  std::int64_t pid = 0;
  std::uint64_t uptime_seconds = 0;
  std::string version;

  friend bool operator==(const Info&, const Info&) = default;
};

[[nodiscard]] Result<Info> ParseInfo(std::string_view answer);

/// One server of `show servers state`.
struct ServerState {
  /// Bits of srv_admin_state; several may be set, in maintenance or draining if any of each is.
  static constexpr std::uint64_t kMaintenance = 0x01 | 0x02 | 0x04 | 0x20 | 0x40;
  static constexpr std::uint64_t kDrain = 0x08 | 0x10;

  std::string backend;
  std::string server;
  std::string address;
  std::uint64_t port = 0;
  std::uint64_t admin_state = 0;

  [[nodiscard]] bool InMaintenance() const { return (admin_state & kMaintenance) != 0; }
  [[nodiscard]] bool Draining() const { return (admin_state & kDrain) != 0; }

  friend bool operator==(const ServerState&, const ServerState&) = default;
};

[[nodiscard]] Result<std::vector<ServerState>> ParseServersState(std::string_view answer);

}  // namespace common::haproxy
