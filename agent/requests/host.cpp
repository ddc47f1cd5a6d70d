#include "agent/requests/host.h"

#include <algorithm>

namespace agent::requests {
namespace {

constexpr std::size_t kMaxLabelBytes = 63;

/// Each byte as it stands in a normalised label; 0 for those that may not stand there.
constexpr std::array<char, 256> LabelBytes() {
  std::array<char, 256> bytes{};
  for (char byte = 'a'; byte <= 'z'; ++byte) {
    bytes[static_cast<unsigned char>(byte)] = byte;
    bytes[static_cast<unsigned char>(byte - 'a' + 'A')] = byte;
  }
  for (char byte = '0'; byte <= '9'; ++byte) {
    bytes[static_cast<unsigned char>(byte)] = byte;
  }
  bytes['-'] = '-';
  return bytes;
}

constexpr auto kLabelBytes = LabelBytes();

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

/// ":8080", and ":" alone, which RFC 3986 allows.
std::optional<std::string_view> WithoutPort(std::string_view host) {
  const auto colon = host.find(':');
  if (colon == std::string_view::npos) {
    return host;
  }
  const auto port = host.substr(colon + 1);
  if (port.size() > 5 || !std::ranges::all_of(port, IsDigit)) {
    return std::nullopt;
  }
  return host.substr(0, colon);
}

}  // namespace

std::optional<std::string_view> NormalizeHost(std::string_view host, HostBuffer& buffer) {
  // The longest that can be right: name, trailing dot, port.
  if (host.size() > kMaxHostBytes + 7) {
    return std::nullopt;
  }
  const auto name = WithoutPort(host);
  if (!name) {
    return std::nullopt;
  }
  host = *name;
  if (host.ends_with('.')) {
    host.remove_suffix(1);
  }
  if (host.empty() || host.size() > kMaxHostBytes) {
    return std::nullopt;
  }
  std::size_t label_begin = 0;
  for (std::size_t index = 0; index <= host.size(); ++index) {
    if (index < host.size() && host[index] != '.') {
      const char byte = kLabelBytes[static_cast<unsigned char>(host[index])];
      if (byte == 0) {
        return std::nullopt;
      }
      buffer[index] = byte;
      continue;
    }
    const auto label_bytes = index - label_begin;
    if (label_bytes == 0 || label_bytes > kMaxLabelBytes || buffer[label_begin] == '-' ||
        buffer[index - 1] == '-') {
      return std::nullopt;
    }
    if (index < host.size()) {
      buffer[index] = '.';
    }
    label_begin = index + 1;
  }
  return std::string_view(buffer.data(), host.size());
}

}  // namespace agent::requests
