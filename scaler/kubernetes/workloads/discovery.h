#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"

namespace scaler::kubernetes::workloads {

/// A resource of an API group, as the server tells of it.
struct ServedResource {
  std::string plural;  ///< "rollouts".
  std::string kind;    ///< "Rollout".
  bool has_scale = false;

  friend bool operator==(const ServedResource&, const ServedResource&) = default;
};

/// Reads an APIResourceList; what is no resource of its own is left out.
[[nodiscard]] std::vector<ServedResource> ReadResources(std::string_view json);

/// Finds out whether the server has a group and version ("keda.sh/v1alpha1"), which others may
/// install at any time. Belongs to the executor's thread.
class GroupProbe {
 public:
  using Served = std::function<void(const std::vector<ServedResource>&)>;

  GroupProbe(common::Executor& executor, common::kubernetes::Client& client,
             std::string group_version);
  GroupProbe(const GroupProbe&) = delete;
  GroupProbe& operator=(const GroupProbe&) = delete;

  /// `on_served` is called with what the group has, again where that is no more than before; after
  /// the first answer the server is asked once a minute until `on_served` says that it knows enough
  /// by calling Stop. `on_answered` is called after the first answer, whatever it was.
  void Start(Served on_served, std::function<void()> on_answered);
  void Stop() { again_.reset(); }

  [[nodiscard]] bool Answered() const { return answered_; }
  /// Why the server has not answered; empty where it has.
  [[nodiscard]] const std::string& Problem() const { return problem_; }

 private:
  void Ask();
  void OnAnswer(const common::kubernetes::Outcome<std::string>& answer);

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  std::string group_version_;
  Served on_served_;
  std::function<void()> on_answered_;
  bool answered_ = false;
  std::string problem_;
  std::unique_ptr<common::kubernetes::Pending> pending_;
  std::unique_ptr<common::Timer> again_;
};

}  // namespace scaler::kubernetes::workloads
