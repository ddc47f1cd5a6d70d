#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/executor.h"
#include "scaler/local/back_off.h"
#include "scaler/local/health_probe.h"
#include "scaler/local/host.h"
#include "scaler/local/ingress.h"
#include "scaler/local/process_watch.h"
#include "scaler/local/replica_files.h"
#include "scaler/local/replica_process.h"
#include "scaler/platform/platform.h"

namespace scaler::local {

/// One replica through all its starts, until nobody wants it any more.
///
/// Belongs to the loop's thread. Destroying it lets its process go on.
class Replica {
 public:
  /// `number` orders the replicas of a workload by age. `node` is where it runs, for good; empty:
  /// there are no nodes.
  Replica(Host& host, const WorkloadSpec& spec, std::uint64_t number, std::string node = {});
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;
  ~Replica();

  /// "shop-01-3".
  [[nodiscard]] static std::string Id(const std::string& workload, std::uint64_t number);

  /// Starts its first attempt.
  void Start();

  /// Takes over what an earlier platform had started, running or ended in the meantime.
  void Adopt(const Launch& launch);

  /// Its node is gone, and it with it: it gets no request any more, at once.
  void Lose();

  /// Lets it go: drained, told to end, and forgotten once it has ended.
  void Leave();

  /// Takes back a replica that leaves, where it has not been told to end yet.
  bool Return();
  [[nodiscard]] bool CanReturn() const { return stage_ == Stage::kDraining; }

  /// From the ingress.
  void OnServes();
  void OnDrained();

  [[nodiscard]] const std::string& Id() const { return id_; }
  [[nodiscard]] std::uint64_t Number() const { return number_; }
  [[nodiscard]] const std::string& Node() const { return node_; }
  [[nodiscard]] platform::Phase Phase() const;
  [[nodiscard]] bool Leaving() const { return leaving_; }
  /// It was taken over a moment ago, and may get requests though its health is not known yet.
  [[nodiscard]] bool MayServe() const { return stage_ == Stage::kStarting && adopted_; }
  /// Nothing of it is left, but for its log.
  [[nodiscard]] bool Gone() const { return stage_ == Stage::kGone; }
  [[nodiscard]] const std::string& Problem() const { return problem_; }
  [[nodiscard]] platform::Replica Describe() const;

 private:
  enum class Stage {
    kStarting,     ///< Runs, not ready.
    kReady,        ///< Runs and gets requests.
    kDraining,     ///< Runs, gets no new requests, and may still come back.
    kTerminating,  ///< Was told to end.
    kBackOff,      ///< Does not run; waits for its next start.
    kGone,
  };

  void Enter(Stage stage);
  void StartAttempt();
  [[nodiscard]] common::Result<void> Spawn();
  void WatchShim(pid_t pid);
  void FindShim();
  void WatchProcess();
  void ProbeAfter(std::chrono::milliseconds delay);
  void Probe();
  void TakeHealth(const common::Result<void>& health);
  void Sick(const std::string& why);
  void Healthy();
  void EndForHealth(const std::string& why);
  void Drain();
  void Terminate(int signal);
  void OnProcessEnded();
  void OnShimEnded();
  void TakeEnd(const std::optional<ReplicaEnd>& end);
  void WaitForNextStart();
  void Forget();
  [[nodiscard]] AttemptId Attempt() const { return {id_, attempt_}; }
  [[nodiscard]] ServerId Server() const { return {spec_.backend, id_}; }

  Host& host_;
  const WorkloadSpec spec_;  ///< A copy: the retired outlive their configuration.
  const std::uint64_t number_;
  const std::string id_;
  const std::string node_;
  Stage stage_ = Stage::kStarting;
  /// When it came into this phase. Not by the wall clock, which may jump.
  common::MonotonicTime since_;
  common::MonotonicTime started_;
  std::optional<common::MonotonicTime> created_;  ///< Empty: by an earlier platform, unknown.
  std::uint32_t attempt_ = 0;
  std::uint32_t restarts_ = 0;
  std::optional<int> port_;
  BackOff back_off_;
  std::optional<platform::End> last_end_;
  bool leaving_ = false;       ///< Nobody wants it any more.
  bool lost_ = false;          ///< Its node is gone.
  bool adopted_ = false;       ///< And not seen healthy since.
  bool registered_ = false;    ///< Ingress knows it.
  int failures_ = 0;           ///< Failed health checks in a row.
  std::optional<int> signal_;  ///< To be sent as soon as there is a watch.
  std::string problem_;
  HealthProbe probe_;
  std::unique_ptr<ProcessWatch> shim_;
  std::unique_ptr<ProcessWatch> process_;
  std::unique_ptr<common::Timer> timer_;        ///< Next start, or end of draining.
  std::unique_ptr<common::Timer> probe_timer_;  ///< Next question.
  std::unique_ptr<common::Timer> find_timer_;   ///< Looks for the shim's pid.
};

}  // namespace scaler::local
