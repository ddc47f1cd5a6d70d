#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/result.h"

namespace common::haproxy {

/// The most that an answer may hold: `show stat` of some 100,000 servers.
inline constexpr std::size_t kLongestAnswer = std::size_t{64} * 1024 * 1024;

/// Sends one command to HAProxy's runtime socket and returns its whole answer.
///
/// `command` is one line without its end (commands joined by ';' are several). HAProxy puts what
/// it refused into the answer, so success here means only that it answered. Fails with timed_out
/// after `deadline`, message_size above kLongestAnswer, else with the errno of the socket (no file,
/// connection refused: HAProxy is down). Blocks the caller; any thread.
[[nodiscard]] Result<std::string> Execute(const std::filesystem::path& socket,
                                          std::string_view command,
                                          std::chrono::milliseconds deadline);

}  // namespace common::haproxy
