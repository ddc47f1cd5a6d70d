#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace common::prometheus {

/// An alert as Alertmanager holds it.
struct Alert {
  std::map<std::string, std::string> labels;  ///< "alertname" and what the rule adds.
  std::map<std::string, std::string> annotations;
  std::string state;      ///< "active", "suppressed" or "unprocessed".
  std::string starts_at;  ///< RFC 3339.

  friend bool operator==(const Alert&, const Alert&) = default;
};

/// Asks one Alertmanager. Any thread; each call blocks for at most the deadline.
class Alertmanager {
 public:
  /// `address` as "127.0.0.1:9093".
  Alertmanager(std::string address, std::chrono::milliseconds deadline);

  /// Every alert that it holds now.
  [[nodiscard]] Result<std::vector<Alert>> Alerts() const;

  /// Fails, saying why, as long as it takes no alerts yet.
  [[nodiscard]] Result<void> Ready() const;

 private:
  std::string address_;
  std::chrono::milliseconds deadline_;
};

/// Reads the answer of /api/v2/alerts.
[[nodiscard]] Result<std::vector<Alert>> ParseAlerts(std::string_view json);

}  // namespace common::prometheus
