#include "scaler/signals/signals.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace scaler::signals {

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
                                           [this] { on_change_(); });
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
    current->second->Retire();
    // Not here: it may be the one whose frame is being told of.
    std::shared_ptr<AgentConnection> leaving = std::move(current->second);
    of_nodes_.erase(current);
    executor_.Post([leaving] {});
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

void Signals::ListAll() {
  all_.clear();
  for (const auto& connection : connections_) {
    all_.push_back(connection.get());
  }
  for (const auto& [address, connection] : of_nodes_) {
    all_.push_back(connection.get());
  }
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
  if (!oldest) {
    missing = "no agent is configured";
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
  const auto oldest = OldestWord(time, Who::kEverybody, missing);
  if (!oldest) {
    return {std::nullopt, missing};
  }
  std::vector<ContainerView> all;
  for (const auto* connection : all_) {
    const auto& some = connection->View().ContainersOf(name_space, workload);
    all.insert(all.end(), some.begin(), some.end());
  }
  return {engine::Sampled<std::vector<ContainerView>>{std::move(all), *oldest}, ""};
}

std::vector<AgentStatus> Signals::Agents() const {
  std::vector<AgentStatus> all;
  for (const auto* connection : all_) {
    all.push_back({connection->Address(), connection->View().Name(), connection->Connected(),
                   connection->Problem(), connection->View().HeardAt(),
                   of_nodes_.contains(connection->Address())});
  }
  return all;
}

}  // namespace scaler::signals
