#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "agent/requests/tenant_counters.h"

namespace agent::requests {

/// What a frontend of HAProxy needs so that it writes our lines (tried on 2.6, with hostile hosts).
/// Not in `global`: what it says of its backends would come here too, and count as rejected.
///
///     log 127.0.0.1:5514 len 1024 format raw local0        # to trimtab-log-writer
///     option dontlognull                                   # a port probe is no request
///     declare capture request len 300
///     http-request capture req.fhdr(host) id 0 unless { req.fhdr(host) -m reg '\x00' }
///     log-format "t1 %Ts.%ms %ST %Ta %B %U %b/%s %ts %[capture.req.hdr(0)]"
///
/// The version of the line; when, in seconds; status; active time in milliseconds, -1 where the
/// client gave up; bytes to and from the client; backend and server; how the session ended; and the
/// host up to the end of the line, so that neither its blanks nor a cut can forge another field.
/// Lines without the server are understood as well, but tell no waking. 300 is
/// more than a host name may have (253), so that a cut one is known as such. `fhdr` takes the
/// whole header and not its last comma part; a NUL would end the log's text early and so make a
/// hostile host look like a good one: such a host stays "-".
enum class LineFormat {
  kTrimtab,        ///< Ours, for HAProxy.
  kVhostCombined,  ///< Apache's vhost_combined; nginx: '$host:$server_port $remote_addr - ...'.
};

/// One request, as a line of the log tells it. The views point into the line.
struct Request {
  std::int64_t time_milliseconds = 0;  ///< Since the Unix epoch; 0 where the format has no such.
  int status = 0;                      ///< As logged; -1 where the client got none.
  std::optional<std::uint64_t> duration_milliseconds{};
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::string_view backend{};
  /// Answered with 503 because the backend had no server that could be asked: its tenant sleeps,
  /// or none of its replicas is healthy. Not so where requests waited for one and got none.
  bool no_replica = false;
  std::string_view host{};  ///< As the client sent it: anything at all.

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
