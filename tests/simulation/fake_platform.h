#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/platform/platform.h"

namespace simulation {

/// Replicas that are ready after a random start, and nothing else: no process, no proxy.
class FakePlatform final : public scaler::platform::Platform {
 public:
  /// A replica takes between `fastest` and `slowest` to be ready.
  FakePlatform(common::Executor& executor, std::uint32_t seed, std::chrono::milliseconds fastest,
               std::chrono::milliseconds slowest);

  /// `labels` beside "app.kubernetes.io/part-of: shop", which every one has.
  void AddWorkload(const std::string& name, int replicas,
                   const std::map<std::string, std::string>& labels = {});

  [[nodiscard]] scaler::platform::Workloads List() const override;
  void Scale(const scaler::platform::WorkloadId& workload, int replicas,
             std::function<void(common::Result<void>)> done) override;
  void OnChange(std::function<void()> changed) override { changed_ = std::move(changed); }

  /// From now on every wish is refused, as by an API server that is down; or taken again.
  void Refuse(bool refuse) { refuse_ = refuse; }

  /// From now on every replica of the workload, those that serve included, ends in this way instead
  /// of becoming ready; it waits for ten seconds and starts again.
  void EndInsteadOfServing(const std::string& name, scaler::engine::Pod::End how);
  /// From now on replicas stay up again.
  void StayUp(const std::string& name) { fakes_.at(name).ends.reset(); }

  /// Of one replica, as the platform says it.
  void SetMemoryLimit(const std::string& name, double bytes) {
    fakes_.at(name).workload.memory_limit_bytes = bytes;
  }

  [[nodiscard]] int Desired(const std::string& name) const;
  [[nodiscard]] int Ready(const std::string& name) const;
  [[nodiscard]] int Scalings() const { return scalings_; }

 private:
  struct Fake {
    scaler::platform::Workload workload;
    std::vector<std::unique_ptr<common::Timer>> timers;
    int next_replica = 1;
    std::optional<scaler::engine::Pod::End> ends;  ///< Empty: they stay up.
  };

  void StartOne(Fake& fake);
  void ReadyLater(Fake& fake, const std::string& id);
  void End(Fake& fake, scaler::platform::Replica& replica);
  /// Runs `change` on the replica then, if it is still there.
  void Later(Fake& fake, const std::string& id, std::chrono::milliseconds delay,
             std::function<void(scaler::platform::Replica&)> change);

  common::Executor& executor_;
  std::mt19937 random_;
  std::uniform_int_distribution<int> start_ms_;
  std::map<std::string, Fake> fakes_;
  std::function<void()> changed_;
  bool refuse_ = false;
  int scalings_ = 0;
};

}  // namespace simulation
