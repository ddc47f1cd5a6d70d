#pragma once

#include <optional>
#include <string>

namespace common::kubernetes {

/// The bytes of base64 as Kubernetes writes it (RFC 4648, padded), line ends left out; nothing
/// where it is something else.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string text);

}  // namespace common::kubernetes
