#pragma once

#include <string>

namespace demo {

/// What a page of the shop costs: SHA-256 over and over, `rounds` times, each over 4 KiB that begin
/// with the digest before. The same number of rounds is the same work on every machine. Returns the
/// last digest in hexadecimal.
[[nodiscard]] std::string ComputePage(int rounds);

}  // namespace demo
