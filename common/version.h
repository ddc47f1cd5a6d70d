#pragma once

namespace common {

/// The version of all programs of this build; CMake's project version.
inline constexpr const char* kVersion = TRIMTAB_VERSION;

}  // namespace common
