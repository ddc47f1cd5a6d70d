#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "scaler/kubernetes/leadership/election.h"

namespace scaler::kubernetes::leadership {

struct ElectorOptions {
  std::string name_space = "trimtab";
  std::string lease = "trimtab-scaler";
  std::string identity;  ///< Of this process, unlike all others': pod name and uid.
  LeaseTimes times;
  /// Is given the Lease as JSON each time that the server has told it, before anybody acts by it.
  std::function<void(std::string_view lease)> saw = [](std::string_view) {};
  std::uint32_t seed = 1;  ///< Of what spreads candidates over time.
};

/// A clock that leases are measured by. In production CLOCK_BOOTTIME, which goes on while the
/// machine sleeps: who was suspended past its lease must know it when it wakes.
using LeaseClock = std::function<common::MonotonicTime()>;

/// CLOCK_BOOTTIME.
[[nodiscard]] LeaseClock BootClock();

/// Keeps a Lease, or waits for it: the edge of Election. Belongs to the executor's thread.
///
/// Rights: on leases of coordination.k8s.io in its namespace get, create and patch.
class Elector {
 public:
  /// `changed` is called when Leads or the holder has changed; leadership also ends by time alone,
  /// so whoever acts asks Leads right before.
  Elector(common::Executor& executor, common::kubernetes::Client& client, ElectorOptions options,
          std::function<void()> changed, LeaseClock clock = BootClock());
  Elector(const Elector&) = delete;
  Elector& operator=(const Elector&) = delete;

  void Start();

  /// Whether this process may act now. No longer true when the last renewal is too old by any
  /// clock: also where the wall clock says that more time has passed than the lease clock, as after
  /// a machine was stopped from outside; the next renewal then decides.
  [[nodiscard]] bool Leads() const;

  /// Gives the lease back, so that another takes it at its next look, and leads no more; `done`
  /// runs when that is done or could not be done within three seconds. Once.
  void Release(std::function<void()> done);

  [[nodiscard]] std::string Holder() const { return election_.Holder(); }
  [[nodiscard]] int Transitions() const { return election_.Transitions(); }
  [[nodiscard]] const std::string& Identity() const { return options_.identity; }
  /// Why the lease cannot be read or written, in a sentence; empty: it can.
  [[nodiscard]] const std::string& Problem() const { return problem_; }

 private:
  void Round();
  void Later();
  void Read();
  void Write(Election::Step step);
  void OnWritten(const common::kubernetes::Outcome<std::string>& outcome,
                 common::MonotonicTime sent, common::WallTime wall);
  void Take(const std::string& body, common::MonotonicTime sent, common::WallTime wall);
  void Trouble(const std::string& problem);
  void Tell();
  void GiveBack();
  void EndRelease();
  [[nodiscard]] std::string Target(bool collection) const;
  [[nodiscard]] common::kubernetes::Request Ask(std::string method, bool collection) const;

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  ElectorOptions options_;
  std::function<void()> changed_;
  LeaseClock clock_;
  Election election_;
  std::mt19937 random_;
  common::WallTime renewed_wall_{};  ///< The wall clock's time of the last renewal.
  std::string problem_;
  bool led_ = false;  ///< What was last told.
  std::string held_by_;
  std::function<void()> released_;  ///< Not empty: it is being given back.
  bool is_released_ = false;
  std::unique_ptr<common::kubernetes::Pending> pending_;
  std::unique_ptr<common::Timer> timer_;
  std::unique_ptr<common::Timer> expiry_;
};

}  // namespace scaler::kubernetes::leadership
