#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/result.h"

namespace scaler::kubernetes::leadership {

/// Text as binaryData of a ConfigMap has it: gzip, then base64. Equal texts give equal bytes.
[[nodiscard]] std::string Pack(std::string_view text);

/// The other way; bad_message where it is none, message_size where it would be longer than `limit`.
[[nodiscard]] common::Result<std::string> Unpack(std::string_view packed, std::size_t limit);

}  // namespace scaler::kubernetes::leadership
