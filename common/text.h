#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace common {

/// The first line of `text`, without its end. `text` then begins at the next.
std::string_view TakeLine(std::string_view& text);

/// The first blank-separated word of `text`, or empty. `text` then begins after it.
std::string_view TakeWord(std::string_view& text);

/// A whole, non-negative decimal number and nothing else.
[[nodiscard]] std::optional<std::uint64_t> ParseUnsigned(std::string_view text);

/// A finite decimal number and nothing else.
[[nodiscard]] std::optional<double> ParseDouble(std::string_view text);

/// The bytes of the UTF-8 character at the head of `text`, which is not empty; 0 if it is none.
[[nodiscard]] std::size_t Utf8Length(std::string_view text);

/// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string QuoteJson(std::string_view text);

/// A duration as Go writes it: "1m30s", "250ms", "1.5h". Not negative; at most 10 years.
[[nodiscard]] Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

/// The shortest text that ParseDuration reads back: "1m30s", "0s".
[[nodiscard]] std::string FormatDuration(std::chrono::milliseconds duration);

/// A quantity as Kubernetes writes it: "500m" is 0.5, "2Gi" is 2147483648.
[[nodiscard]] Result<double> ParseQuantity(std::string_view text);

/// Events per second from "20/s", "600/m" or "36000/h".
[[nodiscard]] Result<double> ParseRate(std::string_view text);

/// A share of one from "70%" or "0.1%".
[[nodiscard]] Result<double> ParsePercent(std::string_view text);

/// The candidate most like `text` if it is near enough to be a slip of the keyboard.
[[nodiscard]] std::optional<std::string> NearestWord(std::string_view text,
                                                     const std::vector<std::string>& candidates);

}  // namespace common
