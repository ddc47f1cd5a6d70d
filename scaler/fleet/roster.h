#pragma once

#include <functional>
#include <map>
#include <string>

#include "common/clock.h"
#include "scaler/platform/node_provider.h"

namespace scaler::fleet {

/// The provider's nodes, made steady: one that is missing from an answer is believed gone only
/// after a while, for providers forget nodes for a moment.
class Roster {
 public:
  static constexpr auto kMissingFor = std::chrono::seconds(3);

  /// The view with the nodes that are missing for a moment put back. `expected` says of a node
  /// whether it was to go: that one is believed gone at once. A view with a problem takes nothing
  /// away.
  [[nodiscard]] platform::ProviderView Take(
      platform::ProviderView view, common::MonotonicTime now,
      const std::function<bool(const std::string&)>& expected);

  /// A node is missing, so that the view changes by time alone.
  [[nodiscard]] bool Waits() const { return waits_; }

 private:
  struct Entry {
    platform::ProvidedNode node;
    common::MonotonicTime seen;
  };

  std::map<std::string, Entry> entries_;
  bool waits_ = false;
};

}  // namespace scaler::fleet
