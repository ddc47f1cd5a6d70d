#pragma once

#include <cstdint>

namespace exporters {

/// A port that is served from construction to destruction, which ends every stream and waits for
/// the handlers.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  [[nodiscard]] virtual std::uint16_t Port() const = 0;
};

/// Streams that may be open at once on a port. Each holds a thread for as long as it lives.
inline constexpr int kMostStreams = 16;

}  // namespace exporters
