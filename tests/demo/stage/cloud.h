#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"

namespace demo {

struct CloudNode {
  std::string name;
  std::string pool;
  std::string zone;
  bool spot = false;
  bool running = false;
  common::MonotonicTime ordered;
};

struct CloudAccount {
  double node_seconds = 0;
  double cost = 0;
};

struct CloudView {
  std::vector<CloudNode> nodes;
  std::map<std::string, CloudAccount> accounts;  ///< By pool.
};

/// The operator's side of trimtab-local-cloud. Each call blocks for a few seconds at most.
class Cloud {
 public:
  explicit Cloud(std::filesystem::path socket) : socket_(std::move(socket)) {}

  [[nodiscard]] common::Result<CloudView> List() const;

  /// The node is taken after `notice`; at once and unannounced where that is zero.
  [[nodiscard]] common::Result<void> Reclaim(const std::string& node,
                                             std::chrono::milliseconds notice) const;

  /// The pool has no nodes to give for so long.
  [[nodiscard]] common::Result<void> StockOut(const std::string& pool,
                                              std::chrono::milliseconds length) const;

 private:
  [[nodiscard]] common::Result<std::string> Ask(const std::string& method,
                                                const std::string& target,
                                                const std::string& body) const;

  std::filesystem::path socket_;
};

}  // namespace demo
