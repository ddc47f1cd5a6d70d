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
#include "tests/demo/stage/capacity_account.h"
#include "tests/demo/stage/cloud.h"
#include "tests/demo/stage/counted.h"
#include "tests/demo/stage/decision_history.h"
#include "tests/demo/stage/ports.h"
#include "tests/demo/stage/scaler_api.h"
#include "tests/demo/stage/timeline.h"
#include "tests/demo/traffic/account.h"

namespace demo {

/// A change of a number of replicas.
struct Scaling {
  std::string tenant;
  common::MonotonicTime at;
  int from = 0;
  int to = 0;
};

/// Looks at all parts from outside, as an operator could, and keeps the account.
///
/// The generator's events come in through Add from its thread; all else belongs to one thread.
class Watch {
 public:
  /// An endless run must not grow.
  static constexpr std::size_t kMostRemembered = 10'000;

  /// `cloud` must outlive it.
  Watch(const Course& course, const Ports& ports, const Cloud& cloud);

  /// Thread-safe.
  void Add(Event event);

  /// Asks the scaler, and about once a second Prometheus and Alertmanager. Blocks for a few
  /// milliseconds where all is well, for some seconds at worst.
  void Poll();

  /// Reads the rest when the traffic has ended, so that the account is complete, and compares the
  /// counts of requests for at most `patience`. `scaler_kills`: when scalers were killed.
  void Finish(std::chrono::milliseconds patience,
              const std::vector<common::MonotonicTime>& scaler_kills);

  /// Takes the tenants that have replicas now as serving from the beginning. Once, before traffic.
  void BeginFromHere();

  [[nodiscard]] const CapacityStatus& Nodes() const { return nodes_; }
  [[nodiscard]] const CapacityAccount& NodesAccount() const { return nodes_account_; }
  /// Drains that came too late, as Prometheus has it after Finish; nothing: it did not say.
  [[nodiscard]] std::optional<std::uint64_t> DrainsMissed() const { return drains_missed_; }
  [[nodiscard]] const Account& GetAccount() const { return account_; }
  [[nodiscard]] const ScalerStatus& Status() const { return status_; }
  [[nodiscard]] const std::deque<DecisionLine>& LastScalings() const { return last_scalings_; }
  [[nodiscard]] const std::map<std::string, double>& Restarts() const { return restarts_; }
  [[nodiscard]] const std::vector<common::prometheus::Alert>& Alerts() const { return alerts_; }
  [[nodiscard]] double RequestsPerSecond(const std::string& tenant) const;
  /// Of these at most the first kMostRemembered.
  [[nodiscard]] const std::vector<Scaling>& Scalings() const { return scalings_; }
  /// What was said of parts that do not answer, each once, by the scaler's status and by ourselves.
  [[nodiscard]] const std::set<std::string>& Complaints() const { return complaints_; }
  /// After Finish.
  [[nodiscard]] const Counted& RequestsCounted() const { return counted_; }
  [[nodiscard]] const DecisionHistory& History() const { return history_; }
  /// Why the last look at a part failed; empty if all answer.
  [[nodiscard]] const std::string& Trouble() const { return trouble_; }

 private:
  struct Health {
    bool faulty = false;
    bool restarted = false;
    int restarts_before = 0;
  };

  void PollScaler();
  void PollNodes();
  void PollMonitoring();
  void NoticeRecovery(common::MonotonicTime at);
  void TakeDecisions(const std::vector<DecisionLine>& decisions);
  void Settle(common::MonotonicTime horizon);
  void CountRecent(const Event& event);
  void Note(const std::string& complaint);
  void NoteTrouble(const std::string& what);
  void CheckHistory(const std::vector<common::MonotonicTime>& scaler_kills);

  std::map<std::string, std::size_t> index_;
  ScalerApi scaler_;
  common::prometheus::Client prometheus_;
  common::prometheus::Alertmanager alertmanager_;
  Timeline timeline_;
  Account account_;
  ScalerStatus status_;
  std::vector<Health> health_;
  const Cloud& cloud_;
  CapacityStatus nodes_;
  CapacityAccount nodes_account_;
  std::optional<std::uint64_t> drains_missed_;
  std::uint64_t last_decision_ = 0;
  std::deque<DecisionLine> last_scalings_;
  std::map<std::string, double> restarts_;
  std::vector<common::prometheus::Alert> alerts_;
  std::set<std::map<std::string, std::string>> alert_labels_;
  common::MonotonicTime next_monitoring_;
  std::string trouble_;
  std::vector<Scaling> scalings_;
  std::set<std::uint64_t> seen_decisions_;
  std::set<std::string> complaints_;
  Counted counted_;
  DecisionHistory history_;

  mutable std::mutex recent_mutex_;
  std::vector<std::deque<common::MonotonicTime>> recent_;  ///< By tenant: when each ended.
  std::vector<bool> fault_pending_;  ///< By tenant: injected since the last poll.
};

}  // namespace demo
