#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/result.h"

namespace common::kubernetes {

/// Unpacks a body as it comes. Not thread-safe.
class Gunzip {
 public:
  Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip();

  /// Appends what `bytes` unpack to. Fails with bad_message, and with message_size where `to` would
  /// become longer than `limit`.
  [[nodiscard]] Result<void> Append(std::string_view bytes, std::string& to, std::size_t limit);

  /// False while the packed body is not whole.
  [[nodiscard]] bool IsWhole() const { return whole_; }

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  bool whole_ = false;
};

}  // namespace common::kubernetes
