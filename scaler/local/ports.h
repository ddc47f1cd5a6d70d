#pragma once

#include <optional>
#include <set>

#include "scaler/local/spec.h"

namespace scaler::local {

/// Hands out the ports of a range in turn, so that a port rests after its replica has gone.
class Ports {
 public:
  explicit Ports(const PortRange& range) : range_(range), next_(range.first) {}

  /// A port that we have not handed out and that nobody else has bound; nothing if there is none.
  [[nodiscard]] std::optional<int> Take();

  /// Says that a replica that lives already has this port.
  void Reserve(int port) { taken_.insert(port); }

  void Release(int port) { taken_.erase(port); }

 private:
  PortRange range_;
  int next_;
  std::set<int> taken_;
};

}  // namespace scaler::local
