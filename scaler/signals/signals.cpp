#include "scaler/signals/signals.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace scaler::signals {
namespace {

/// How long the last word of an agent whose pod is gone is taken for what its node runs.
constexpr auto kSuccession = std::chrono::seconds(60);

}  // namespace

Signals::Signals(common::Executor& executor, StreamTransport& transport,
                 const std::vector<std::string>& addresses, ConnectionOptions options)
    : executor_(executor), transport_(transport), options_(options) {
  for (const auto& address : addresses) {
    connections_.push_back(Connect(address));
  }
  ListAll();
}

std::unique_ptr<AgentConnection> Signals::Connect(const std::string& address) {
  return std::make_unique<AgentConnection>(executor_, transport_, address, options_,
                                           [this, address](bool news) { OnFrame(address, news); });
}

void Signals::OnFrame(const std::string& address, bool news) {
  news_ = news_ || news;
  if (const auto found = of_cluster_.find(address); found != of_cluster_.end()) {
    const auto* const connection = found->second.connection.get();
    index_is_old_ = true;
    if (std::find(speakers_.begin(), speakers_.end(), connection) == speakers_.end()) {
      Tidy();  // Its first word: who was here before it may go.
    }
  }
  on_change_();
}

void Signals::Retire(std::unique_ptr<AgentConnection> connection) {
  connection->Retire();
  // Not here: it may be the one whose frame is being told of.
  executor_.Post([leaving = std::shared_ptr<AgentConnection>(std::move(connection))] {});
}

void Signals::Start(std::function<void()> on_change) {
  on_change_ = std::move(on_change);
  started_ = true;
  for (const auto& connection : connections_) {
    connection->Start();
  }
  for (const auto& [address, connection] : of_nodes_) {
    connection->Start();
  }
  for (const auto& [address, found] : of_cluster_) {
    found.connection->Start();
  }
}

void Signals::SetNodeAgents(const std::vector<std::string>& addresses) {
  std::set<std::string> wanted(addresses.begin(), addresses.end());
  for (const auto& connection : connections_) {
    wanted.erase(connection->Address());
  }
  for (auto entry = of_nodes_.begin(); entry != of_nodes_.end();) {
    const auto current = entry++;
    if (wanted.contains(current->first)) {
      continue;
    }
    Retire(std::move(current->second));
    of_nodes_.erase(current);
  }
  for (const auto& address : wanted) {
    auto& connection = of_nodes_[address];
    if (!connection) {
      connection = Connect(address);
      if (started_) {
        connection->Start();
      }
    }
  }
  ListAll();
}

void Signals::SetClusterAgents(const std::vector<NodeAgent>& agents,
                               const std::set<std::string>& gone_nodes) {
  std::set<std::string> wanted;
  std::size_t rank = 0;
  for (const auto& agent : agents) {
    const bool is_other = std::none_of(
        connections_.begin(), connections_.end(),
        [&](const auto& connection) { return connection->Address() == agent.address; });
    if (!is_other || gone_nodes.contains(agent.node)) {
      continue;
    }
    wanted.insert(agent.address);
    auto& found = of_cluster_[agent.address];
    if (found.connection && found.node != agent.node) {
      Retire(std::move(found.connection));  // The address is another pod's now.
    }
    found.node = agent.node;
    found.rank = ++rank;
    found.left_at.reset();
    if (!found.connection) {
      found.connection = Connect(agent.address);
      if (started_) {
        found.connection->Start();
      }
    }
  }
  for (auto entry = of_cluster_.begin(); entry != of_cluster_.end();) {
    const auto current = entry++;
    auto& found = current->second;
    if (wanted.contains(current->first)) {
      continue;
    }
    if (gone_nodes.contains(found.node) || !found.connection->View().HeardAt()) {
      Retire(std::move(found.connection));
      of_cluster_.erase(current);
    } else if (!found.left_at) {
      found.left_at = executor_.Monotonic();
      found.rank = 0;
    }
  }
  Tidy();
}

void Signals::Tidy() {
  const auto speakers = Speakers();
  std::optional<common::MonotonicTime> next;
  for (auto entry = of_cluster_.begin(); entry != of_cluster_.end();) {
    const auto current = entry++;
    auto& found = current->second;
    if (!found.left_at) {
      continue;
    }
    const auto until = *found.left_at + kSuccession;
    if (speakers.at(found.node) != &found || until <= executor_.Monotonic()) {
      Retire(std::move(found.connection));
      of_cluster_.erase(current);
    } else {
      next = next ? std::min(*next, until) : until;
    }
  }
  tidy_ = next ? executor_.After(
                     std::chrono::ceil<std::chrono::milliseconds>(*next - executor_.Monotonic()),
                     [this] { Tidy(); })
               : nullptr;
  ListAll();
}

std::map<std::string, const Signals::Found*> Signals::Speakers() const {
  std::map<std::string, const Found*> speakers;
  for (const auto& [address, found] : of_cluster_) {
    if (found.connection->View().HeardAt()) {
      auto& speaker = speakers[found.node];
      speaker = speaker == nullptr || found.rank >= speaker->rank ? &found : speaker;
    }
  }
  return speakers;
}

/// Rebuilt when an agent has come or gone, or tells of other workloads than before.
void Signals::IndexWorkloads() const {
  if (!std::exchange(index_is_old_, false)) {
    return;
  }
  std::uint64_t placements = speakers_.size();
  for (const auto* speaker : speakers_) {
    placements += speaker->View().Placement();
  }
  if (placements == std::exchange(indexed_, placements)) {
    return;
  }
  by_workload_.clear();
  for (const auto* speaker : speakers_) {
    for (const auto& [key, containers] : speaker->View().ByWorkload()) {
      by_workload_[key].push_back(speaker);
    }
  }
}

void Signals::ListAll() {
  all_.clear();
  for (const auto& connection : connections_) {
    all_.push_back(connection.get());
  }
  for (const auto& [address, connection] : of_nodes_) {
    all_.push_back(connection.get());
  }
  speakers_.clear();
  for (const auto& [node, found] : Speakers()) {
    speakers_.push_back(found->connection.get());
  }
  all_.insert(all_.end(), speakers_.begin(), speakers_.end());
  by_workload_.clear();
  indexed_ = 0;
  index_is_old_ = true;
}

std::vector<NodeNotice> Signals::Notices() const {
  std::vector<NodeNotice> notices;
  for (const auto* connection : all_) {
    if (const auto& node = connection->View().Node()) {
      for (const auto& notice : node->notices) {
        notices.push_back({node->name, node->zone, node->pool, notice});
      }
    }
  }
  std::stable_sort(notices.begin(), notices.end(),
                   [](const auto& left, const auto& right) { return left.node < right.node; });
  return notices;
}

std::set<std::string> Signals::HeardNodes() const {
  std::set<std::string> nodes;
  for (const auto* connection : all_) {
    if (const auto& node = connection->View().Node()) {
      nodes.insert(node->name);
    }
  }
  return nodes;
}

std::optional<engine::Time> Signals::OldestWord(const TimeMap& time, Who who,
                                                std::string& missing) const {
  std::optional<engine::Time> oldest;
  for (const auto& connection : connections_) {
    const auto heard_at = connection->View().HeardAt();
    if (!heard_at) {
      missing = "agent " + connection->Address() + " has not been heard yet";
      return std::nullopt;
    }
    const auto at = time.At(*heard_at);
    oldest = oldest ? std::min(*oldest, at) : at;
  }
  for (const auto& [address, connection] : of_nodes_) {
    const auto& view = connection->View();
    const bool counts = who == Who::kEverybody || view.KnowsTenants();
    if (view.HeardAt() && counts) {
      const auto at = time.At(*view.HeardAt());
      oldest = oldest ? std::min(*oldest, at) : at;
    }
  }
  for (const auto* speaker : speakers_) {
    // Use is of those only that run the workload: see UseOf.
    if (who == Who::kWhoKnowsTenants && speaker->View().KnowsTenants()) {
      const auto at = time.At(*speaker->View().HeardAt());
      oldest = oldest ? std::min(*oldest, at) : at;
    }
  }
  if (!oldest) {
    missing = of_cluster_.empty() ? "no agent is configured" : "no agent of the cluster tells";
  }
  return oldest;
}

Input<engine::Demand> Signals::DemandOf(const std::string& tenant, const TimeMap& time) const {
  std::string missing;
  auto oldest = OldestWord(time, Who::kWhoKnowsTenants, missing);
  if (!oldest) {
    return {std::nullopt, missing};
  }
  engine::Demand demand;
  bool known = false;
  for (const auto* connection : all_) {
    if (const auto view = connection->View().FindTenant(tenant)) {
      demand.arrivals_per_second += view->arrivals_per_second;
      demand.in_flight += view->in_flight;
      demand.queued += view->queued;
      oldest = std::min(*oldest, time.At(view->read_at));
      known = true;
    }
  }
  if (!known) {
    return {std::nullopt, "no agent reports the tenant " + tenant};
  }
  return {engine::Sampled<engine::Demand>{demand, *oldest}, ""};
}

Input<double> Signals::LatencyOf(const std::string& tenant, double quantile,
                                 const TimeMap& time) const {
  std::string missing;
  const auto oldest = OldestWord(time, Who::kWhoKnowsTenants, missing);
  if (!oldest) {
    return {std::nullopt, missing};
  }
  common::signal::LatencyCounts all{};
  bool known = false;
  for (const auto* connection : all_) {
    if (const auto counts = connection->View().LatencyOf(tenant)) {
      std::transform(all.begin(), all.end(), counts->begin(), all.begin(), std::plus<>());
      known = true;
    }
  }
  if (!known) {
    return {std::nullopt, "no agent says how long requests of " + tenant + " take"};
  }
  const auto seconds = QuantileOf(all, quantile);
  if (!seconds) {
    return {std::nullopt, ""};
  }
  return {engine::Sampled<double>{*seconds, *oldest}, ""};
}

Input<std::vector<ContainerView>> Signals::UseOf(const std::string& name_space,
                                                 const std::string& workload,
                                                 const TimeMap& time) const {
  std::string missing;
  auto oldest = OldestWord(time, Who::kEverybody, missing);
  std::vector<ContainerView> all;
  const auto add = [&](const AgentConnection& connection) {
    const auto& some = connection.View().ContainersOf(name_space, workload);
    all.insert(all.end(), some.begin(), some.end());
  };
  const auto others = all_.size() - speakers_.size();
  std::for_each(all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(others),
                [&](const auto* connection) { add(*connection); });
  IndexWorkloads();
  if (const auto found = by_workload_.find({name_space, workload}); found != by_workload_.end()) {
    for (const auto* speaker : found->second) {
      add(*speaker);
      const auto at = time.At(*speaker->View().HeardAt());
      oldest = oldest ? std::min(*oldest, at) : at;
    }
  }
  if (!oldest || (!connections_.empty() && !missing.empty())) {
    return {std::nullopt, missing};
  }
  return {engine::Sampled<std::vector<ContainerView>>{std::move(all), *oldest}, ""};
}

std::vector<AgentStatus> Signals::Agents() const {
  std::vector<AgentStatus> all;
  std::vector<const AgentConnection*> known(
      all_.begin(), all_.end() - static_cast<std::ptrdiff_t>(speakers_.size()));
  for (const auto& [address, found] : of_cluster_) {
    known.push_back(found.connection.get());
  }
  for (const auto* connection : known) {
    all.push_back(
        {connection->Address(), connection->View().Name(), connection->Connected(),
         connection->Problem(), connection->View().HeardAt(),
         of_nodes_.contains(connection->Address()) || of_cluster_.contains(connection->Address())});
  }
  return all;
}

}  // namespace scaler::signals
