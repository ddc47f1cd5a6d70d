#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/watcher.h"
#include "scaler/kubernetes/nodes/placeholder_manifest.h"
#include "scaler/platform/node_platform.h"

namespace scaler::kubernetes::nodes {

/// Sees to it that there are the placeholder pods that were decided: a Deployment for each kind of
/// them, in our namespace. What is there is watched, and only differences are written.
///
/// Rights, in our namespace: list, watch, create, update and delete of deployments; and get of
/// capacitypolicies. Belongs to the executor's thread.
class PlaceholderKeeper {
 public:
  /// So long after nobody wants any they are taken away: a policy that is about to be read again
  /// must not cost the spare.
  static constexpr auto kKeptFor = std::chrono::seconds(30);

  PlaceholderKeeper(common::Executor& executor, common::kubernetes::Client& client,
                    PlaceholderOptions options, std::function<bool()> leads = {});
  PlaceholderKeeper(const PlaceholderKeeper&) = delete;
  PlaceholderKeeper& operator=(const PlaceholderKeeper&) = delete;

  void Start() { watcher_.Start(); }

  /// From now on these and no others. Nothing is written before it has been called, nor while
  /// `leads` says that another scaler does.
  void Keep(const std::string& policy,
            const std::vector<engine::capacity::Placeholder>& placeholders);

  /// By name.
  [[nodiscard]] std::vector<platform::KeptRoom> List() const;

 private:
  /// A Deployment as it is there.
  struct Known {
    std::string resource_version;
    std::string content;
    int replicas = 0;
    int ready = 0;
    bool leaving = false;
    std::string failure;  ///< Why its pods cannot be made.
  };
  /// What is being written to one.
  struct Job {
    std::unique_ptr<common::kubernetes::Pending> pending;
    int failures = 0;
    std::optional<common::MonotonicTime> not_before;
    std::string problem;
  };

  [[nodiscard]] static Known Read(const common::kubernetes::ObjectView& object);
  void FindOwner();
  void Reconcile();
  void ReconcileOne(const std::string& name);
  void Send(const std::string& name, common::kubernetes::Request request);
  void Answered(const std::string& name, const common::kubernetes::Outcome<std::string>& outcome);
  void At(common::MonotonicTime when);

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  PlaceholderOptions options_;
  std::function<bool()> leads_;
  std::string collection_;
  bool told_ = false;
  PlaceholderOwner owner_;
  std::unique_ptr<common::kubernetes::Pending> finds_owner_;
  bool owner_known_ = false;
  std::optional<common::MonotonicTime> unwanted_since_;
  std::vector<engine::capacity::Placeholder> placeholders_;
  std::map<std::string, PlaceholderManifest> wanted_;  ///< By the name of the Deployment.
  std::map<std::string, Known> known_;
  std::map<std::string, Job> jobs_;
  std::unique_ptr<common::Timer> timer_;
  std::optional<common::MonotonicTime> timer_at_;
  common::kubernetes::Watcher watcher_;
};

}  // namespace scaler::kubernetes::nodes
