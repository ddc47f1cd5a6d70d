#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/engine/pod.h"

namespace scaler::platform {

struct WorkloadId {
  std::string name_space;
  std::string name;

  friend auto operator<=>(const WorkloadId&, const WorkloadId&) = default;
};

/// "namespace/name", as people write it.
[[nodiscard]] std::string ToString(const WorkloadId& id);

/// Where a replica is between its first start and its end.
enum class Phase {
  kStarting,  ///< Not ready yet, or not any more; it gets no requests.
  kReady,     ///< Its health check holds and it gets requests.
  kBackOff,   ///< It ended by itself and waits for its next start.
  kDraining,  ///< Told to go: it gets no new requests and finishes the ones it has.
};

/// How a replica last ended though nobody had asked it to.
struct End {
  engine::Pod::End how = engine::Pod::End::kNone;
  common::MonotonicTime at;  ///< Not by the wall clock, which may jump.

  friend bool operator==(const End&, const End&) = default;
};

struct Replica {
  std::string id;
  Phase phase = Phase::kStarting;
  common::WallTime since;      ///< When it came into this phase.
  std::uint32_t restarts = 0;  ///< Ends that nobody had asked for.
  std::string address;         ///< "127.0.0.1:20001" once it listens.
  /// When it was made, before any restart; not by the wall clock, which may jump. Empty: unknown.
  std::optional<common::MonotonicTime> created;
  std::optional<End> last_end;  ///< Empty: it has not ended, or nobody saw how.
  /// When it last became ready, or ceased to be; empty: unknown.
  std::optional<common::MonotonicTime> ready_changed = {};
  bool has_served = false;    ///< It has been ready before: it does not start for the first time.
  bool pending = false;       ///< Nothing of it has been started yet.
  std::string waits = {};     ///< Why it does not run, in its platform's words; empty: unknown.
  std::string revision = {};  ///< Of what it was made from; a roll-out has more than one.

  friend bool operator==(const Replica&, const Replica&) = default;
};

/// One scalable thing and what it is made of at this instant.
struct Workload {
  WorkloadId id;
  std::string kind;  ///< "Deployment"; empty: its platform has but one.
  std::map<std::string, std::string> labels;
  int desired = 0;                             ///< What was last asked for.
  std::vector<Replica> replicas;               ///< Those that drain included.
  std::optional<double> cpu_request_cores;     ///< Of one replica.
  std::optional<double> memory_request_bytes;  ///< Of one replica.
  std::optional<double> memory_limit_bytes;    ///< Of one replica; empty: agents say it, if any.
  std::string problem;  ///< Why it is not as it should be, in a sentence; empty if all is well.
  /// Who else scales it, "HorizontalPodAutoscaler shops/shop-1": it is decided for in dry run.
  std::string owned_by = {};
};

/// What a platform has at one instant. Immutable and shared: a workload that has not changed may be
/// the same value in every list.
using Workloads = std::vector<std::shared_ptr<const Workload>>;

/// Who runs replicas: processes of this machine, a Kubernetes cluster, a simulation.
///
/// Belongs to the loop's thread; every call returns at once.
class Platform {
 public:
  Platform() = default;
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;
  virtual ~Platform() = default;

  /// Every workload, by id. A snapshot, cheap enough for every tick.
  [[nodiscard]] virtual Workloads List() const = 0;

  /// Asks for `replicas`; idempotent. `done` says whether the wish was taken (not that the
  /// replicas are there) and runs on the loop's thread, possibly before Scale returns. A failure
  /// with resource_unavailable_try_again says that the workload has changed since the decision:
  /// decide anew, from what it is now.
  virtual void Scale(const WorkloadId& workload, int replicas,
                     std::function<void(common::Result<void>)> done) = 0;

  /// `changed` is called when a replica changes its phase. One listener.
  virtual void OnChange(std::function<void()> changed) = 0;

  /// Why List may be out of date or incomplete, a sentence each.
  [[nodiscard]] virtual std::vector<std::string> Problems() const { return {}; }
};

}  // namespace scaler::platform
