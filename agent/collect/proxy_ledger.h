#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/collect/snapshot.h"
#include "common/haproxy/stat.h"

namespace agent::collect {

/// Makes counters that never fall out of HAProxy's, which start at 0 with each of its processes.
///
/// Pure. Arrivals are counted from the first answer on, so that they begin at 0 with our epoch
/// however long HAProxy has been running.
class ProxyLedger {
 public:
  /// The answer to `show stat`.
  void Observe(const std::vector<common::haproxy::StatLine>& lines);

  /// HAProxy did not answer: arrivals stay, what is of the moment is not known.
  void Miss();

  /// What is known of a backend. Before the first answer every backend has no arrivals yet; after
  /// it, nothing is known of one that HAProxy has not got.
  [[nodiscard]] std::optional<ProxySnapshot> Find(const std::string& backend) const;

 private:
  struct Backend {
    std::uint64_t last_count = 0;
    ProxySnapshot reading = {};
  };

  std::map<std::string, Backend> backends_;
  bool answered_ = false;
};

}  // namespace agent::collect
