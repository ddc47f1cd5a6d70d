#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/result.h"
#include "scaler/kubernetes/workloads/inventory.h"

namespace scaler::kubernetes::workloads {

/// Writes numbers of replicas through /scale, each with the resourceVersion that was decided from.
///
/// A conflict is looked into: where only something else of the object has changed, the same number
/// is written once more, as long as the decision is fresh; where its number has changed the wish is
/// dropped, and who decides is told to do so anew. Belongs to the executor's thread.
class ScaleWriter {
 public:
  using Done = std::function<void(common::Result<void>)>;

  ScaleWriter(common::Executor& executor, common::kubernetes::Client& client, Inventory& inventory,
              std::function<void()> changed);
  ScaleWriter(const ScaleWriter&) = delete;
  ScaleWriter& operator=(const ScaleWriter&) = delete;

  /// Asks for a number. The inventory has it as its wish until the server has answered. While one
  /// write of a workload is under way the newest wish waits for its end.
  void Scale(const platform::WorkloadId& id, int replicas, Done done);

 private:
  struct Write {
    platform::WorkloadId id;
    std::string uid;
    Kind kind;
    common::kubernetes::ObjectKey key;
    int from = 0;
    int to = 0;
    common::MonotonicTime begun;
    common::kubernetes::Sent sent;  ///< Of the last try.
    int tries = 0;
    std::vector<Done> done;
    std::unique_ptr<common::kubernetes::Pending> pending;
    std::optional<int> next;  ///< Wished meanwhile.
    std::vector<Done> next_done;
  };

  void Begin(Scalable& scalable, int replicas, std::vector<Done> done);
  void Send(Write& write);
  void OnAnswer(const std::string& uid, const common::kubernetes::Outcome<std::string>& answer);
  void Say(const Write& write) const;
  void LookAgain(Write& write);
  void OnLook(const std::string& uid, const common::kubernetes::Outcome<std::string>& answer);
  void Finish(const std::string& uid, common::Result<void> result);
  [[nodiscard]] Scalable* StillThere(const Write& write);

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  Inventory& inventory_;
  std::function<void()> changed_;
  std::map<std::string, Write> writes_;  ///< By uid.
};

}  // namespace scaler::kubernetes::workloads
