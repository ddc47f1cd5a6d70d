#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/collect/snapshot.h"
#include "common/clock.h"
#include "common/result.h"

namespace agent::collect {

/// Runs collectors, and keeps how long each took, whether it succeeded and when it last did.
///
/// Logs when a collector begins to fail and when it works again, not each time.
class HealthBook {
 public:
  explicit HealthBook(const common::Clock& clock) : clock_(clock) {}

  /// Runs `collect`, which keeps its earlier values where it fails. True where it succeeded.
  bool Run(const std::string& collector, const std::function<common::Result<void>()>& collect);

  [[nodiscard]] std::vector<CollectorHealth> All() const;

 private:
  const common::Clock& clock_;
  std::map<std::string, CollectorHealth> collectors_;
};

}  // namespace agent::collect
