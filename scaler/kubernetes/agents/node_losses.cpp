#include "scaler/kubernetes/agents/node_losses.h"

#include <utility>

#include "common/log.h"

namespace scaler::kubernetes::agents {

namespace api = common::kubernetes;

void NodeLossBook::Put(const PodFields& pod) {
  if (!LostItsNode(pod)) {
    return;
  }
  auto& counted = counted_[{pod.name_space, pod.name}];
  if (std::exchange(counted, pod.uid) == pod.uid || !synced_) {
    return;
  }
  const std::pair key{pod.name_space, common::kubernetes::WorkloadName(pod.name, pod.owner)};
  if (losses_.contains(key) || losses_.size() < kMostWorkloads) {
    ++losses_[key];
  }
}

void NodeLossBook::Remove(const api::ObjectKey& key) { counted_.erase(key); }

NodeLossWatch::NodeLossWatch(common::Executor& executor, api::Client& client, NodeLossBoard& board)
    : board_(board),
      watcher_(executor, client, {"/api/v1/pods", "fieldSelector=status.phase%3DFailed"},
               {.on_put = [this](const api::ObjectView& object) { Put(object); },
                .on_gone = [this](const api::ObjectKey& key) { book_.Remove(key); },
                .on_synced = [this] { book_.Synced(); },
                .on_trouble =
                    [this](const std::string& problem) {
                      problem_ = problem.empty() ? "" : "lost nodes are not counted: " + problem;
                      if (!problem_.empty()) {
                        common::log::Warning("the API server is not heard", {{"why", problem_}});
                      }
                    }}) {}

void NodeLossWatch::Put(const api::ObjectView& object) {
  // What cannot be read was not lost, as far as anybody can tell.
  if (const auto pod = ParsePodFields(object.json)) {
    book_.Put(*pod);
    board_.Put(book_.Losses());
  }
}

}  // namespace scaler::kubernetes::agents
