#pragma once

#include <cstdint>
#include <string_view>

namespace agent::requests {

/// FNV-1a: the same on every machine and in every version, as what is written to disk must be.
/// Finds accidents; it is no defence against a forger.
[[nodiscard]] constexpr std::uint64_t Fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : text) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
  return hash;
}

}  // namespace agent::requests
