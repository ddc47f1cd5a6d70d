#pragma once

#include "agent/log_writer/datagram_socket.h"
#include "agent/log_writer/log_output.h"

namespace agent::log_writer {

/// Writes each datagram of `socket` as a line of `output` until SIGTERM or SIGINT, and then what
/// is still waiting in the socket. SIGHUP opens the output anew. All three must be blocked.
///
/// Returns how many lines could not be written in the end.
std::uint64_t Run(DatagramSocket& socket, LogOutput& output);

}  // namespace agent::log_writer
