#include "scaler/signals/signals.h"

#include <algorithm>
#include <utility>

namespace scaler::signals {

Signals::Signals(common::Executor& executor, StreamTransport& transport,
                 const std::vector<std::string>& addresses, ConnectionOptions options) {
  for (const auto& address : addresses) {
    connections_.push_back(std::make_unique<AgentConnection>(executor, transport, address, options,
                                                             [this] { on_change_(); }));
  }
}

void Signals::Start(std::function<void()> on_change) {
  on_change_ = std::move(on_change);
  for (const auto& connection : connections_) {
    connection->Start();
  }
}

std::optional<engine::Time> Signals::OldestWord(const TimeMap& time, std::string& missing) const {
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
  if (!oldest) {
    missing = "no agent is configured";
  }
  return oldest;
}

Input<engine::Demand> Signals::DemandOf(const std::string& tenant, const TimeMap& time) const {
  std::string missing;
  auto oldest = OldestWord(time, missing);
  if (!oldest) {
    return {std::nullopt, missing};
  }
  engine::Demand demand;
  bool known = false;
  for (const auto& connection : connections_) {
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

Input<std::vector<ContainerView>> Signals::UseOf(const std::string& name_space,
                                                 const std::string& workload,
                                                 const TimeMap& time) const {
  std::string missing;
  const auto oldest = OldestWord(time, missing);
  if (!oldest) {
    return {std::nullopt, missing};
  }
  std::vector<ContainerView> all;
  for (const auto& connection : connections_) {
    const auto& some = connection->View().ContainersOf(name_space, workload);
    all.insert(all.end(), some.begin(), some.end());
  }
  return {engine::Sampled<std::vector<ContainerView>>{std::move(all), *oldest}, ""};
}

std::vector<AgentStatus> Signals::Agents() const {
  std::vector<AgentStatus> all;
  for (const auto& connection : connections_) {
    all.push_back({connection->Address(), connection->View().Name(), connection->Connected(),
                   connection->Problem(), connection->View().HeardAt()});
  }
  return all;
}

}  // namespace scaler::signals
