#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/prometheus/alertmanager.h"
#include "common/prometheus/client.h"
#include "tests/demo/stage/ports.h"
#include "tests/demo/stage/scaler_api.h"
#include "tests/demo/stage/timeline.h"
#include "tests/demo/traffic/account.h"

namespace demo {

/// Looks at all parts from outside, as an operator could, and keeps the account.
///
/// The generator's events come in through Add from its thread; all else belongs to one thread.
class Watch {
 public:
  Watch(const Course& course, const Ports& ports);

  /// Thread-safe.
  void Add(Event event);

  /// Asks the scaler, and about once a second Prometheus and Alertmanager. Blocks for a few
  /// milliseconds where all is well, for some seconds at worst.
  void Poll();

  /// Reads the rest when the traffic has ended, so that the account is complete.
  void Finish();

  /// Takes the tenants that have replicas now as serving from the beginning. Once, before traffic.
  void BeginFromHere();

  [[nodiscard]] const Account& GetAccount() const { return account_; }
  [[nodiscard]] const ScalerStatus& Status() const { return status_; }
  [[nodiscard]] const std::deque<DecisionLine>& LastScalings() const { return last_scalings_; }
  [[nodiscard]] const std::map<std::string, double>& Restarts() const { return restarts_; }
  [[nodiscard]] const std::vector<common::prometheus::Alert>& Alerts() const { return alerts_; }
  [[nodiscard]] double RequestsPerSecond(const std::string& tenant) const;
  /// Why the last look at a part failed; empty if all answer.
  [[nodiscard]] const std::string& Trouble() const { return trouble_; }

 private:
  struct Health {
    bool faulty = false;
    bool restarted = false;
    int restarts_before = 0;
  };

  void PollScaler();
  void PollMonitoring();
  void NoticeRecovery(common::MonotonicTime at);
  void TakeDecisions(const std::vector<DecisionLine>& decisions);
  void Settle(common::MonotonicTime horizon);
  void CountRecent(const Event& event);

  std::map<std::string, std::size_t> index_;
  ScalerApi scaler_;
  common::prometheus::Client prometheus_;
  common::prometheus::Alertmanager alertmanager_;
  Timeline timeline_;
  Account account_;
  ScalerStatus status_;
  std::vector<Health> health_;
  std::uint64_t last_decision_ = 0;
  std::deque<DecisionLine> last_scalings_;
  std::map<std::string, double> restarts_;
  std::vector<common::prometheus::Alert> alerts_;
  std::set<std::map<std::string, std::string>> alert_labels_;
  common::MonotonicTime next_monitoring_;
  std::string trouble_;

  mutable std::mutex recent_mutex_;
  std::vector<std::deque<common::MonotonicTime>> recent_;  ///< By tenant: when each ended.
  std::vector<bool> fault_pending_;  ///< By tenant: injected since the last poll.
};

}  // namespace demo
