#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "agent/requests/tenant_counters.h"

namespace agent::requests {

enum class LineFormat {
  kTrimtab,        ///< Ours, for HAProxy; see docs/access-log.md.
  kVhostCombined,  ///< Apache's vhost_combined; nginx: '$host:$server_port $remote_addr - ...'.
};

/// One request, as a line of the log tells it. The views point into the line.
struct Request {
  std::int64_t time_milliseconds = 0;  ///< Since the Unix epoch; 0 where the format has no such.
  int status = 0;                      ///< As logged; -1 where the client got none.
  std::optional<std::uint64_t> duration_milliseconds;
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::string_view backend;  ///< "<NOSRV>" or empty where there is none.
  std::string_view host;     ///< As the client sent it: anything at all.

  friend bool operator==(const Request&, const Request&) = default;
};

/// The log writer's own note: so many lines had to be dropped here.
struct LostLines {
  std::uint64_t count = 0;

  friend bool operator==(const LostLines&, const LostLines&) = default;
};

using Line = std::variant<Request, LostLines, Rejection>;

/// Understands one line, without its end. Nothing in a host can change another field.
[[nodiscard]] Line ParseLine(LineFormat format, std::string_view line);

/// The line that ParseLine reads as LostLines, without its end.
[[nodiscard]] std::string FormatLostLines(std::uint64_t count);

}  // namespace agent::requests
