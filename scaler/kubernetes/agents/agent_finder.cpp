#include "scaler/kubernetes/agents/agent_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/http/client.h"
#include "common/log.h"

namespace scaler::kubernetes::agents {
namespace {

namespace api = common::kubernetes;

/// Names of nodes are seldom used again; what is forgotten here is only forgotten later elsewhere.
constexpr std::size_t kMostGoneNodes = 10'000;

}  // namespace

std::optional<FoundAgent> AgentOf(const PodFields& pod, const FinderOptions& options) {
  if (pod.address.empty() || pod.node.empty() || pod.over || LostItsNode(pod)) {
    return std::nullopt;
  }
  const auto named = pod.ports.find(options.port_name);
  const auto port = named == pod.ports.end() ? options.port : named->second;
  const bool v6 = pod.address.find(':') != std::string::npos;
  const auto host = v6 ? "[" + pod.address + "]" : pod.address;
  return FoundAgent{fmt::format("{}:{}", host, port), pod.node};
}

AgentFinder::AgentFinder(common::Executor& executor, api::Client& client, FinderOptions options,
                         std::function<void(const FoundAgents&)> on_agents)
    : options_(std::move(options)),
      on_agents_(std::move(on_agents)),
      watcher_(executor, client,
               {fmt::format("/api/v1/namespaces/{}/pods", options_.name_space),
                "labelSelector=" + common::http::EscapeQuery(options_.label)},
               {.on_put = [this](const api::ObjectView& object) { Put(object); },
                .on_gone =
                    [this](const api::ObjectKey& key) {
                      pods_.erase(key);
                      Tell();
                    },
                .on_synced = [this] { Tell(); },
                .on_trouble =
                    [this](const std::string& problem) {
                      problem_ = problem.empty() ? "" : "agents cannot be found: " + problem;
                      if (!problem_.empty()) {
                        common::log::Warning("the API server is not heard", {{"why", problem_}});
                      }
                    }}) {}

void AgentFinder::Put(const api::ObjectView& object) {
  auto pod = ParsePodFields(object.json);
  if (!pod) {
    common::log::Warning(
        "an agent's pod makes no sense",
        {{"pod", fmt::format("{}/{}", object.name_space, object.name)}, {"why", pod.error().what}});
    return;
  }
  if (LostItsNode(*pod)) {
    if (gone_nodes_.size() >= kMostGoneNodes) {
      gone_nodes_.clear();
    }
    gone_nodes_.insert(pod->node);
  } else if (AgentOf(*pod, options_)) {
    gone_nodes_.erase(pod->node);
  }
  pods_[{std::string(object.name_space), std::string(object.name)}] = std::move(*pod);
  Tell();
}

void AgentFinder::Tell() {
  if (!watcher_.Synced()) {
    return;  // Half of a list would forget the other half.
  }
  std::vector<const PodFields*> by_age;
  for (const auto& [key, pod] : pods_) {
    by_age.push_back(&pod);
  }
  std::sort(by_age.begin(), by_age.end(), [](const auto* left, const auto* right) {
    return std::tie(left->created, left->name) < std::tie(right->created, right->name);
  });
  FoundAgents found;
  found.gone_nodes = gone_nodes_;
  for (const auto* pod : by_age) {
    if (auto agent = AgentOf(*pod, options_)) {
      found.agents.push_back(std::move(*agent));
    }
  }
  if (found != told_) {
    told_ = std::move(found);
    on_agents_(told_);
  }
}

}  // namespace scaler::kubernetes::agents
