#include "common/kubernetes/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace common::kubernetes {

std::optional<std::string> DecodeBase64(std::string text) {
  std::erase_if(text, [](char letter) { return letter == '\n' || letter == '\r'; });
  if (text.size() % 4 != 0 || text.empty()) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) {
    return std::nullopt;
  }
  const auto padding = static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '='));
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace common::kubernetes
