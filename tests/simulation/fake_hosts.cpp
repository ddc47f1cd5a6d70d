#include "simulation/fake_hosts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "scaler/platform/replacement.h"

namespace simulation {

namespace capacity = scaler::engine::capacity;
using scaler::platform::Drain;
using scaler::platform::HostView;
using scaler::platform::Phase;
using scaler::platform::ProvidedNode;
using scaler::platform::Standing;

FakeHosts::FakeHosts(common::Executor& executor, std::chrono::milliseconds start,
                     std::chrono::milliseconds grace)
    : executor_(executor), start_(start), grace_(grace) {}

void FakeHosts::AddWorkload(const std::string& name, double cores, int replicas) {
  auto& hosted = hosted_[name];
  hosted.id = {"local", name};
  hosted.cores = cores;
  hosted.desired = replicas;
}

scaler::platform::Workloads FakeHosts::List() const {
  scaler::platform::Workloads all;
  for (const auto& [name, hosted] : hosted_) {
    scaler::platform::Workload workload;
    workload.id = hosted.id;
    workload.labels = {{"app.kubernetes.io/part-of", "shop"}};
    workload.desired = hosted.desired;
    workload.cpu_request_cores = hosted.cores;
    for (const auto& pod : hosted.pods) {
      scaler::platform::Replica replica;
      replica.id = pod.id;
      replica.phase = pod.leaving ? Phase::kDraining : pod.ready ? Phase::kReady : Phase::kStarting;
      replica.created = pod.born;
      workload.replicas.push_back(std::move(replica));
    }
    all.push_back(std::make_shared<const scaler::platform::Workload>(std::move(workload)));
  }
  return all;
}

void FakeHosts::Scale(const WorkloadId& workload, int replicas,
                      std::function<void(common::Result<void>)> done) {
  on_wish("scale");
  hosted_.at(workload.name).desired = replicas;
  Reconcile();
  done({});
}

HostView FakeHosts::ListNodes() const {
  HostView view;
  const auto add = [&](scaler::platform::HostedPod pod) {
    view.pods.push_back(std::make_shared<const scaler::platform::HostedPod>(std::move(pod)));
  };
  for (const auto& [name, node] : nodes_) {
    scaler::platform::HostNode host;
    host.name = name;
    host.ready = true;
    if (const auto drain = drains_.find(name); drain != drains_.end()) {
      host.cordoned = true;
      host.drain = drain->second;
    }
    view.nodes.push_back(std::move(host));
  }
  for (const auto& [name, hosted] : hosted_) {
    scaler::platform::HostedWorkload workload;
    workload.id = hosted.id;
    workload.cpu_cores = hosted.cores;
    view.workloads.push_back(std::move(workload));
    std::vector<Standing> standings;
    for (const auto& pod : hosted.pods) {
      standings.push_back({pod.leaving, pod.ready, Moves(pod.node), false, 0});
    }
    const auto plan = scaler::platform::PlanReplacement(hosted.desired, standings);
    const std::set<std::size_t> replaced(plan.replaced.begin(), plan.replaced.end());
    int staying = 0;
    for (std::size_t i = 0; i < hosted.pods.size(); ++i) {
      const auto& pod = hosted.pods[i];
      const bool leaving = pod.leaving || replaced.contains(i);
      staying += leaving ? 0 : 1;
      add({pod.id, hosted.id, pod.node, leaving, {}});
    }
    for (; staying < hosted.desired; ++staying) {
      add({name + "+" + std::to_string(staying), hosted.id, "", false, hosted.why});
    }
  }
  return view;
}

void FakeHosts::SeeNodes(const scaler::platform::ProviderView& provider) {
  std::map<std::string, ProvidedNode> running;
  std::set<std::string> zones;
  for (const auto& node : provider.nodes) {
    zones.insert(node.zone);
    if (node.state == ProvidedNode::State::kRunning) {
      running.emplace(node.name, node);
    }
  }
  for (const auto& offer : provider.offers) {
    zones.insert(offer.zone);
  }
  zones_ = static_cast<int>(zones.size());
  nodes_ = std::move(running);
  std::erase_if(drains_, [&](const auto& drain) { return !nodes_.contains(drain.first); });
  for (auto& [name, hosted] : hosted_) {
    std::erase_if(hosted.pods, [&](const Pod& pod) { return !nodes_.contains(pod.node); });
  }
  Reconcile();
}

void FakeHosts::SetPlacement(const std::map<WorkloadId, scaler::engine::Placement>& placement) {
  placement_ = placement;
  placing_ = true;
  Reconcile();
}

void FakeHosts::DrainNode(const std::string& node, const Drain& drain, NodePlatform::Done done) {
  on_wish("drain");
  if (!nodes_.contains(node)) {
    done(common::Fail(std::errc::invalid_argument, "no node " + node));
    return;
  }
  auto wish = drain;
  if (const auto old = drains_.find(node); old != drains_.end()) {
    wish.since = old->second.since;
  }
  drains_.insert_or_assign(node, wish);
  Reconcile();
  Changed();
  on_wish("drain, done");
  done({});
}

void FakeHosts::UncordonNode(const std::string& node, NodePlatform::Done done) {
  on_wish("uncordon");
  drains_.erase(node);
  Reconcile();
  Changed();
  done({});
}

bool FakeHosts::Moves(const std::string& node) const { return drains_.contains(node); }

std::vector<capacity::Berth> FakeHosts::Berths(const Hosted& hosted) const {
  std::vector<capacity::Berth> berths;
  for (const auto& [name, node] : nodes_) {
    capacity::Berth berth;
    berth.name = name;
    berth.zone = node.zone;
    berth.type = node.type;
    berth.free = capacity::RoomOf(node.kind);
    berth.closed = drains_.contains(name) ? "being emptied" : "";
    for (const auto& [other, each] : hosted_) {
      const auto here = std::count_if(each.pods.begin(), each.pods.end(),
                                      [&](const Pod& pod) { return pod.node == name; });
      berth.free.Add(capacity::RequestOf(each.cores, 0), -here);
    }
    if (berth.closed.empty()) {
      berth.same = static_cast<int>(
          std::count_if(hosted.pods.begin(), hosted.pods.end(),
                        [&](const Pod& pod) { return pod.node == name && !pod.leaving; }));
    }
    berths.push_back(std::move(berth));
  }
  return berths;
}

void FakeHosts::Reconcile() {
  for (auto& [name, hosted] : hosted_) {
    Reconcile(hosted);
  }
}

void FakeHosts::Reconcile(Hosted& hosted) {
  std::vector<Standing> standings;
  for (const auto& pod : hosted.pods) {
    standings.push_back({pod.leaving, pod.ready, Moves(pod.node), false, pod.ready ? 2 : 1});
  }
  const auto plan = scaler::platform::PlanReplacement(hosted.desired, standings);
  for (const auto index : plan.leave) {
    Leave(hosted, hosted.pods[index]);
  }
  hosted.pending = 0;
  hosted.why.clear();
  if (!placing_) {
    return;
  }
  capacity::Workload workload;
  workload.cpu_cores = hosted.cores;
  if (const auto found = placement_.find(hosted.id); found != placement_.end()) {
    workload.spot = found->second.spot;
    workload.min_nodes = found->second.min_nodes;
    workload.min_zones = found->second.min_zones;
  }
  for (int left = plan.start; left > 0; --left) {
    const auto berths = Berths(hosted);
    const auto placed = capacity::Place(workload, left, zones_, berths);
    if (placed.berth < 0) {
      ++hosted.pending;
      hosted.why = placed.why_not;
      continue;
    }
    StartOne(hosted, berths[static_cast<std::size_t>(placed.berth)].name);
  }
}

void FakeHosts::StartOne(Hosted& hosted, const std::string& node) {
  Pod pod;
  pod.id = hosted.id.name + "-" + std::to_string(hosted.next++);
  pod.node = node;
  pod.born = executor_.Monotonic();
  pod.timer = executor_.After(start_, [this, &hosted, id = pod.id] {
    for (auto& each : hosted.pods) {
      if (each.id == id) {
        each.ready = true;
      }
    }
    Reconcile();
    Changed();
  });
  hosted.pods.push_back(std::move(pod));
}

void FakeHosts::Leave(Hosted& hosted, Pod& pod) {
  pod.leaving = true;
  pod.timer = executor_.After(grace_, [this, &hosted, id = pod.id] {
    executor_.Post([this, &hosted, id] {  // Not while its own timer runs.
      std::erase_if(hosted.pods, [&](const Pod& each) { return each.id == id; });
      Reconcile();
      Changed();
    });
  });
}

void FakeHosts::Changed() {
  executor_.Post([this] { changed_(); });
}

int FakeHosts::Ready(const std::string& name) const {
  const auto& pods = hosted_.at(name).pods;
  return static_cast<int>(std::count_if(pods.begin(), pods.end(),
                                        [](const Pod& pod) { return pod.ready && !pod.leaving; }));
}

int FakeHosts::ReadyOfAll() const {
  int ready = 0;
  for (const auto& [name, hosted] : hosted_) {
    ready += Ready(name);
  }
  return ready;
}

int FakeHosts::Pending() const {
  int pending = 0;
  for (const auto& [name, hosted] : hosted_) {
    pending += hosted.pending;
  }
  return pending;
}

bool FakeHosts::AllServe() const {
  return std::all_of(hosted_.begin(), hosted_.end(),
                     [this](const auto& each) { return Ready(each.first) >= each.second.desired; });
}

bool FakeHosts::Holds(const std::string& node) const {
  return std::any_of(hosted_.begin(), hosted_.end(), [&](const auto& each) {
    return std::any_of(each.second.pods.begin(), each.second.pods.end(),
                       [&](const Pod& pod) { return pod.node == node; });
  });
}

int FakeHosts::Draining() const {
  return static_cast<int>(std::count_if(drains_.begin(), drains_.end(), [](const auto& drain) {
    return !drain.second.deadline.has_value();
  }));
}

std::vector<std::string> FakeHosts::NodesOf(const std::string& name) const {
  std::vector<std::string> nodes;
  for (const auto& pod : hosted_.at(name).pods) {
    nodes.push_back(pod.node);
  }
  return nodes;
}

}  // namespace simulation
