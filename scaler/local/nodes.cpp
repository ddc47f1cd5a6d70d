#include "scaler/local/nodes.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <utility>

#include "common/file_system.h"
#include "common/log.h"
#include "common/replace_file.h"

namespace scaler::local {
namespace {

namespace capacity = engine::capacity;
namespace json = boost::json;
using common::Result;
using platform::ProvidedNode;
using std::chrono::milliseconds;

constexpr auto kLookAtDeadlines = milliseconds(200);

/// So much earlier than they need, replicas are told to go.
constexpr auto kMargin = std::chrono::seconds(2);

milliseconds Rounded(auto duration) { return std::chrono::duration_cast<milliseconds>(duration); }

}  // namespace

Nodes::Nodes(common::Executor& executor, std::filesystem::path file, std::string cgroup_parent,
             const std::optional<Cgroups>& cgroups, std::function<void()> changed)
    : executor_(executor),
      file_(std::move(file)),
      cgroup_parent_(std::move(cgroup_parent)),
      cgroups_(cgroups),
      changed_(std::move(changed)) {
  Load();
  WatchDeadlines();
}

/// Times are kept by the wall clock: the monotonic one begins anew with the machine.
void Nodes::Load() {
  const auto content = common::FileSystem("/").Read(file_);
  if (!content) {
    return;
  }
  boost::system::error_code error;
  const auto value = json::parse(*content, error);
  const auto* const object = error || !value.is_object() ? nullptr : &value.get_object();
  if (object == nullptr) {
    common::log::Error("the marks of nodes cannot be read; drains are decided anew",
                       {{"file", file_.string()}});
    return;
  }
  const auto instant = [&](const json::value* since) {
    const auto wall = common::WallTime(milliseconds(since->get_int64()));
    return executor_.Monotonic() - (executor_.Wall() - wall);
  };
  for (const auto& [name, mark] : *object) {
    const auto* const since =
        mark.is_object() ? mark.get_object().if_contains("since_ms") : nullptr;
    const auto* const reason = mark.is_object() ? mark.get_object().if_contains("reason") : nullptr;
    if (since == nullptr || !since->is_int64() || reason == nullptr || !reason->is_string()) {
      continue;
    }
    platform::Drain drain;
    drain.reason = std::string(reason->get_string());
    drain.since = instant(since);
    const auto* const deadline = mark.get_object().if_contains("deadline_ms");
    if (deadline != nullptr && deadline->is_int64()) {
      drain.deadline = instant(deadline);
    }
    drains_.emplace(name, std::move(drain));
  }
}

Result<void> Nodes::Save() const {
  const auto wall = [&](common::MonotonicTime instant) {
    return (executor_.Wall() - Rounded(executor_.Monotonic() - instant)).time_since_epoch().count();
  };
  json::object object;
  for (const auto& [name, drain] : drains_) {
    json::object mark;
    mark["reason"] = drain.reason;
    mark["since_ms"] = wall(drain.since);
    if (drain.deadline) {
      mark["deadline_ms"] = wall(*drain.deadline);
    }
    object[name] = std::move(mark);
  }
  return common::ReplaceFile(file_, json::serialize(object) + "\n");
}

void Nodes::See(const platform::ProviderView& provider) {
  std::map<std::string, ProvidedNode> running;
  std::set<std::string> known;
  std::set<std::string> zones;
  for (const auto& offer : provider.offers) {
    zones.insert(offer.zone);
  }
  for (const auto& node : provider.nodes) {
    known.insert(node.name);
    zones.insert(node.zone);
    if (node.state != ProvidedNode::State::kRunning) {
      continue;
    }
    const auto cgroup = cgroup_parent_ + "/" + node.name;
    if (cgroups_ && !running_.contains(node.name)) {
      if (const auto prepared = cgroups_->Prepare(cgroup); !prepared) {
        common::log::Warning("a node takes no replicas yet",
                             {{"node", node.name}, {"reason", prepared.error().what}});
        continue;
      }
    }
    running.emplace(node.name, node);
  }
  zones_ = static_cast<int>(zones.size());
  running_ = std::move(running);
  seen_ = true;
  if (std::erase_if(drains_, [&](const auto& drain) { return !known.contains(drain.first); }) > 0) {
    if (const auto saved = Save(); !saved) {
      common::log::Warning("the marks of nodes cannot be written",
                           {{"reason", saved.error().what}});
    }
  }
  changed_();
}

void Nodes::SetPlacement(const std::map<platform::WorkloadId, engine::Placement>& placement) {
  placement_ = placement;
  placing_ = true;
  changed_();
}

Result<void> Nodes::Drain(const std::string& node, const platform::Drain& drain) {
  if (!running_.contains(node)) {
    return common::Fail(std::errc::invalid_argument, "no node " + node + " runs");
  }
  const auto before = drains_;
  auto wish = drain;
  if (const auto old = drains_.find(node); old != drains_.end()) {
    wish.since = old->second.since;
  }
  drains_.insert_or_assign(node, std::move(wish));
  auto saved = Save();
  if (!saved) {
    drains_ = before;
    return saved;
  }
  common::log::Info("node is emptied", {{"node", node}, {"reason", drain.reason}});
  changed_();
  return saved;
}

Result<void> Nodes::Uncordon(const std::string& node) {
  const auto before = drains_;
  if (drains_.erase(node) == 0) {
    return {};
  }
  auto saved = Save();
  if (!saved) {
    drains_ = before;
    return saved;
  }
  common::log::Info("node takes replicas again", {{"node", node}});
  changed_();
  return saved;
}

void Nodes::Claim(const std::string& replica, const std::string& node, double cpu_cores,
                  double memory_bytes) {
  claims_.insert_or_assign(replica, Taken{node, capacity::RequestOf(cpu_cores, memory_bytes)});
}

bool Nodes::IsGone(const std::string& node) const {
  return seen_ && !node.empty() && !running_.contains(node);
}

bool Nodes::Moves(const std::string& node) const {
  return node.empty() || drains_.contains(node);  // Or it was made when there were no nodes.
}

bool Nodes::IsDue(const std::string& node, milliseconds needs) const {
  const auto drain = drains_.find(node);
  if (drain == drains_.end() || !drain->second.deadline) {
    return false;
  }
  // Of a notice that is shorter than that, half is for the replacement.
  const auto whole = *drain->second.deadline - drain->second.since;
  const auto before = std::min<common::MonotonicTime::duration>(needs + kMargin, whole / 2);
  return executor_.Monotonic() >= *drain->second.deadline - before;
}

/// Only where one is coming: replicas that must go are told in time.
void Nodes::WatchDeadlines() {
  deadline_ = executor_.After(kLookAtDeadlines, [this] {
    const bool any = std::any_of(drains_.begin(), drains_.end(), [](const auto& drain) {
      return drain.second.deadline.has_value();
    });
    if (any) {
      changed_();
    }
    WatchDeadlines();
  });
}

Nodes::Found Nodes::Find(const platform::HostedWorkload& workload, int unplaced,
                         const std::vector<std::string>& staying) const {
  if (!seen_ || !placing_) {
    return {{}, "the provider of nodes has not answered yet"};
  }
  capacity::Workload asks;
  asks.cpu_cores = workload.cpu_cores;
  asks.memory_bytes = workload.memory_bytes;
  asks.tolerations = workload.tolerations;
  if (const auto found = placement_.find(workload.id); found != placement_.end()) {
    asks.spot = found->second.spot;
    asks.min_nodes = found->second.min_nodes;
    asks.min_zones = found->second.min_zones;
  }
  std::map<std::string_view, capacity::Amount> taken;
  for (const auto& [replica, claim] : claims_) {
    taken[claim.node].Add(claim.amount);
  }
  std::vector<capacity::Berth> berths;
  for (const auto& [name, node] : running_) {
    capacity::Berth berth;
    berth.name = name;
    berth.zone = node.zone;
    berth.type = node.type;
    berth.labels = node.kind.labels;
    berth.taints = node.kind.taints;
    berth.free = capacity::RoomOf(node.kind);
    berth.free.Add(taken[name], -1);
    if (drains_.contains(name)) {
      berth.closed = "being emptied";
    } else {
      berth.same = static_cast<int>(std::count(staying.begin(), staying.end(), name));
    }
    berths.push_back(std::move(berth));
  }
  auto placed = capacity::Place(asks, unplaced, zones_, berths);
  if (placed.berth < 0) {
    return {{}, std::move(placed.why_not)};
  }
  return {berths[static_cast<std::size_t>(placed.berth)].name, {}};
}

std::vector<platform::HostNode> Nodes::List() const {
  std::vector<platform::HostNode> nodes;
  for (const auto& [name, node] : running_) {
    platform::HostNode host;
    host.name = name;
    host.ready = true;
    if (const auto drain = drains_.find(name); drain != drains_.end()) {
      host.cordoned = true;
      host.drain = drain->second;
    }
    nodes.push_back(std::move(host));
  }
  return nodes;
}

}  // namespace scaler::local
