#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/result.h"

// Inside this folder only: it brings Boost's headers.
namespace agent::interruption {

/// bad_message with `what` and the reason.
[[nodiscard]] tl::unexpected<common::Error> Unlike(std::string_view what, std::string_view why);

[[nodiscard]] common::Result<boost::json::value> ParseJson(std::string_view body,
                                                           std::string_view what);

/// The string at `key` of an object; nothing where there is none.
[[nodiscard]] std::optional<std::string> StringAt(const boost::json::value& value,
                                                  std::string_view key);

/// UTC in a format of strptime, and nothing behind it.
[[nodiscard]] std::optional<common::WallTime> ParseUtc(const std::string& text, const char* format);

}  // namespace agent::interruption
