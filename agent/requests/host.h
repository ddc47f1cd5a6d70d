#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace agent::requests {

inline constexpr std::size_t kMaxHostBytes = 253;

/// Where NormalizeHost puts the text that it returns.
using HostBuffer = std::array<char, kMaxHostBytes>;

/// A Host header as a host name: lower case, without port and trailing dot. Nothing if it is not
/// made of labels of letters, digits and inner hyphens, or is longer than 253 bytes.
///
/// Addresses in brackets (IPv6) are no host names. The result lives in `buffer`.
[[nodiscard]] std::optional<std::string_view> NormalizeHost(std::string_view host,
                                                            HostBuffer& buffer);

}  // namespace agent::requests
