#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/demo/traffic/events.h"

namespace demo {

/// Why a request failed; waking is apart, it is no failure.
enum class Cause {
  kInjected,       ///< Its tenant or the ingress had a fault injected and did not serve again yet.
  kLostToReclaim,  ///< It was under way when the node of a replica of its tenant was taken.
  kLostToScaling,  ///< Its tenant was scaled at most kScalingWindow before, or was at zero.
  kOther,
};

[[nodiscard]] std::string CauseName(Cause cause);

struct LoadStep {
  std::string tenant;
  MonotonicTime began;
  std::optional<double> decision_seconds{};  ///< To the commit of the first scale-up.
  std::optional<double> serving_seconds{};   ///< To the first 2xx of a replica that is new since.
};

struct Wake {
  std::string tenant;
  double seconds = 0;  ///< From the first 503 to the first 2xx.
  double decision_seconds =
      0;            ///< From the first 503 to the commit; it may come before it is seen.
  int refused = 0;  ///< The 503s between them.
};

/// A failure worth looking at: every one but the injected, up to a bound.
struct Loss {
  std::string tenant;
  Cause cause = Cause::kOther;
  Outcome outcome;
};

struct Totals {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t waking = 0;
  std::map<Cause, std::uint64_t> failed;
  std::map<std::string, std::uint64_t> failed_by_fate;
  std::uint64_t scale_ups = 0;
  std::uint64_t scale_downs = 0;
  std::uint64_t scaled_to_zero = 0;

  [[nodiscard]] std::uint64_t Failed() const;
  /// Requests that got an answer of any status: those that the ingress has logged.
  [[nodiscard]] std::uint64_t WithStatus() const;
  [[nodiscard]] std::uint64_t FailedBy(Cause cause) const;
};

/// What visitors met while a part of the platform was hurt.
struct Gap {
  MonotonicTime began;
  std::optional<MonotonicTime> back{};  ///< Nothing: it never came back.
  bool is_ingress = false;
  std::uint64_t answered = 0;
  std::map<Cause, std::uint64_t> failed{};
  std::map<std::string, std::uint64_t> failed_by_fate{};
};

/// Tells from events, in the order of their times, what became of every request.
///
/// The rules:
/// - A waking page counts as such while its tenant is at zero: from the commit of a decision to
///   zero (or the begin, where it starts there) until the first 2xx after the commit of a decision
///   up from zero. A waking page at any other time is a failure like another.
/// - A failure is injected if the request was under way at some time between the injection of a
///   fault into its tenant and the first 2xx of a request sent after the tenant had recovered, but
///   at most kLongestFault after the injection.
/// - So is a failure of any tenant between the moment at which the ingress was hurt and the
/// tenant's
///   first 2xx to a request sent after the ingress was back, at most kLongestFault after that.
/// - A failure is lost to a reclaim if the request was under way at some time between the moment at
///   which a node was taken without notice and the death of what ran there, and its tenant had a
///   replica there.
/// - A failure that is neither is lost to scaling if its tenant was at zero or was scaled, up
///   or down, in the last kScalingWindow. What remains is "other".
class Account {
 public:
  static constexpr auto kScalingWindow = std::chrono::seconds(15);
  static constexpr auto kLongestFault = std::chrono::seconds(20);
  /// A replica is new to a step if it has not answered for so long before; names may return.
  static constexpr auto kReplicaMemory = std::chrono::seconds(10);
  static constexpr std::size_t kMostDetails = 1000;

  /// Each tenant starts at zero until SetServing says otherwise.
  explicit Account(std::vector<std::string> tenants);

  /// The tenant has replicas from the beginning.
  void SetServing(std::size_t tenant);

  /// Takes the next event; times must not go back.
  void Apply(const Event& event);

  [[nodiscard]] const Totals& GetTotals() const { return totals_; }
  /// Of each list, at most the last kMostDetails.
  [[nodiscard]] const std::vector<LoadStep>& LoadSteps() const { return load_steps_; }
  [[nodiscard]] const std::vector<Wake>& Wakes() const { return wakes_; }
  [[nodiscard]] const std::vector<Loss>& Losses() const { return losses_; }
  /// By the number of the fault. A request counts where it was under way at some time of the gap;
  /// of a failure that the gap explains, where it explains it.
  [[nodiscard]] const std::map<std::size_t, Gap>& Gaps() const { return gaps_; }
  /// Requests that were lost, by the number of the reclaim.
  [[nodiscard]] const std::map<std::size_t, std::uint64_t>& LostToReclaims() const {
    return lost_to_reclaims_;
  }

  /// Tenants that were asked for and have not served since: wakes that did not end.
  [[nodiscard]] std::vector<std::string> StillWaking() const;

 private:
  struct Window {
    MonotonicTime begin;
    std::optional<MonotonicTime> recovered{};
    std::optional<MonotonicTime> end{};

    /// A request sent at `sent` was answered: the first one after the recovery ends it.
    void Answered(MonotonicTime sent, MonotonicTime ended);
    /// Whether the request was under way while the window was open, which is not after `latest`.
    [[nodiscard]] bool Explains(const Outcome& outcome, MonotonicTime latest) const;
  };

  struct Tenant {
    std::string name;
    bool at_zero = true;
    std::optional<MonotonicTime> woken;  ///< The commit of the decision up from zero.
    std::optional<MonotonicTime> first_refused;
    MonotonicTime first_visit;  ///< When the first one that was refused had been sent.
    int refused = 0;
    std::optional<Window> fault;
    std::map<std::size_t, Window> ingress_faults;  ///< By the number of the fault.
    std::map<std::size_t, NodeTaken> nodes_taken;  ///< By the number of the reclaim.
    std::optional<MonotonicTime> last_scaled;
    std::map<std::string, MonotonicTime> replicas_seen;  ///< When each answered last.
    std::set<std::string> replicas_before_step;
    std::optional<std::size_t> open_step;  ///< Index into load_steps_.
  };

  void On(const Outcome& outcome);
  void On(const StepBegan& step);
  void On(const FaultInjected& fault);
  void On(const Recovered& recovered);
  void On(const Scaled& scaled);
  void On(const PartHurt& hurt);
  void On(const PartBack& back);
  void On(const NodeTaken& taken);
  void OnAnswered(Tenant& tenant, const Outcome& outcome);
  void OnFailed(const Tenant& tenant, const Outcome& outcome);
  void CountInGaps(const Tenant& tenant, const Outcome& outcome, std::optional<Cause> failed);
  void NoteReplica(Tenant& tenant, const Outcome& outcome);
  [[nodiscard]] static MonotonicTime LatestOf(const Window& ingress_fault);
  [[nodiscard]] static Cause CauseOf(const Tenant& tenant, const Outcome& outcome);
  [[nodiscard]] static const NodeTaken* TakenFrom(const Tenant& tenant, const Outcome& outcome);

  std::vector<Tenant> tenants_;
  std::map<std::size_t, Gap> gaps_;
  std::map<std::size_t, std::uint64_t> lost_to_reclaims_;
  Totals totals_;
  std::vector<LoadStep> load_steps_;
  std::vector<Wake> wakes_;
  std::vector<Loss> losses_;
};

}  // namespace demo
