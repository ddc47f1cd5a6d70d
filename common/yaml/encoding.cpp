#include "common/yaml/encoding.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/text.h"

namespace common::yaml {
namespace {

/// Why `text` may not go on like this, or nothing.
std::optional<std::string> Objection(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte == 0) {
    return "a NUL byte; this is not a text file";
  }
  if (byte == '\r' && !text.starts_with("\r\n")) {
    return "a carriage return without a line feed; end lines with a line feed";
  }
  if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
    return fmt::format("a control character (0x{:02x}); write it in double quotes as \"\\x{:02x}\"",
                       byte, byte);
  }
  if (Utf8Length(text) == 0) {
    return fmt::format("a byte (0x{:02x}) that is not UTF-8; save the file as UTF-8", byte);
  }
  return std::nullopt;
}

}  // namespace

std::optional<ForbiddenByte> FindForbiddenByte(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    const auto rest = text.substr(offset);
    if (auto why = Objection(rest)) {
      return ForbiddenByte{.offset = offset, .why = std::move(*why)};
    }
    offset += Utf8Length(rest);
  }
  return std::nullopt;
}

Lines::Lines(std::string_view text) : starts_{0} {
  for (std::size_t offset = 0; offset < text.size(); ++offset) {
    const auto byte = static_cast<unsigned char>(text[offset]);
    if (byte == '\n') {
      starts_.push_back(offset + 1);
    } else if ((byte & 0xC0U) == 0x80U) {
      continuations_.push_back(offset);
    }
  }
}

Position Lines::At(std::size_t offset) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const std::size_t start = *(next - 1);
  const auto first = std::lower_bound(continuations_.begin(), continuations_.end(), start);
  const auto last = std::lower_bound(first, continuations_.end(), offset);
  const auto bytes = static_cast<std::ptrdiff_t>(offset - start);
  return {.line = static_cast<int>(next - starts_.begin()),
          .column = static_cast<int>(bytes - (last - first)) + 1};
}

}  // namespace common::yaml
