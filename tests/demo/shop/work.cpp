#include "tests/demo/shop/work.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace demo {

std::string ComputePage(int rounds) {
  std::array<unsigned char, 4096> block{};
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  for (int round = 0; round < rounds; ++round) {
    SHA256(block.data(), block.size(), digest.data());
    std::copy(digest.begin(), digest.end(), block.begin());
  }
  std::string text;
  for (const auto byte : digest) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

}  // namespace demo
