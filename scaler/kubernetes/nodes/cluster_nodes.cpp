#include "scaler/kubernetes/nodes/cluster_nodes.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/log.h"

namespace scaler::kubernetes::nodes {
namespace {

using common::kubernetes::ObjectKey;
using common::kubernetes::ObjectView;
using common::kubernetes::WatchHandlers;
using platform::NodeNotice;
using platform::Refusal;

/// Changes that come together are told together.
constexpr auto kTogether = std::chrono::milliseconds(20);
constexpr auto kLookAgain = std::chrono::seconds(1);

constexpr const char* kMadeByOthers = "nodes are made by another autoscaler";

common::WallTime WallOf(const Instant& now, common::MonotonicTime instant) {
  return now.wall - std::chrono::duration_cast<std::chrono::milliseconds>(now.monotonic - instant);
}

}  // namespace

ClusterNodes::ClusterNodes(common::Executor& executor, common::kubernetes::Client& client,
                           PlaceholderOptions placeholders, std::function<bool()> leads)
    : executor_(executor),
      marker_(
          executor, client,
          [this](const std::string& name) {
            const auto* const entry = index_.Find(name);
            return entry == nullptr ? nullptr : &entry->node;
          },
          [this](ClusterNode node) { TakeNode(std::move(node)); }),
      evictor_(executor, client),
      keeper_(executor, client, std::move(placeholders), leads),
      nodes_(executor, client, {"/api/v1/nodes"},
             WatchHandlers{
                 .on_put = [this](const ObjectView& object) { TakeNode(ReadNode(object.json)); },
                 .on_gone =
                     [this](const ObjectKey& key) {
                       if (index_.ForgetNode(key.name)) {
                         TellLater();
                         EvictLater();
                       }
                     },
                 .on_synced = [this] { TellLater(); },
                 .on_trouble =
                     [this](const std::string& problem) {
                       trouble_ = problem;
                       if (!problem.empty()) {
                         common::log::Warning("nodes cannot be followed", {{"why", problem}});
                       }
                       TellLater();
                     }}),
      pods_(executor, client, {"/api/v1/pods"},
            WatchHandlers{.on_put = [this](const ObjectView& object) { PutPod(object); },
                          .on_gone = [this](const ObjectKey& key) { ForgetPod(key); },
                          .on_synced = [this] { PodsSynced(); },
                          .on_trouble = [](const std::string&) {}}),
      leads_(std::move(leads)) {}

void ClusterNodes::Start() {
  nodes_.Start();
  keeper_.Start();
}

void ClusterNodes::WatchPods() { pods_.Start(); }

void ClusterNodes::PutPod(const ObjectView& object) {
  auto pod = ReadPod(object.json);
  if (index_.PutPod(std::move(pod))) {
    TellLater();
  }
  EvictLater();
}

void ClusterNodes::ForgetPod(const ObjectKey& key) {
  if (index_.ForgetPod(key)) {
    TellLater();
  }
  EvictLater();
}

void ClusterNodes::PodsSynced() {
  pods_synced_ = true;
  TellLater();
  EvictLater();
}

void ClusterNodes::TakeNode(ClusterNode node) {
  if (!node.name.empty() && index_.PutNode(std::move(node), Now())) {
    TellLater();
    EvictLater();
  }
}

void ClusterNodes::TellLater() {
  if (!tell_) {
    tell_ = executor_.After(kTogether, [this] {
      tell_.reset();
      changed_();
    });
  }
}

void ClusterNodes::EvictLater() {
  if (!evict_soon_) {
    evict_soon_ = executor_.After(kTogether, [this] {
      evict_soon_.reset();
      Evict();
    });
  }
}

void ClusterNodes::Evict() {
  std::vector<ToEvict> pods;
  bool any = false;
  const bool leads = !leads_ || leads_();
  if (pods_synced_ && nodes_.Synced()) {
    for (const auto& [name, entry] : index_.Nodes()) {
      if (!entry.drain) {
        continue;
      }
      any = true;
      for (const auto* const pod : entry.pods) {
        if (leads && !Stays(*pod) && !pod->leaving) {
          pods.push_back({pod, entry.drain->deadline});
        }
      }
    }
  }
  evictor_.SetPods(std::move(pods));
  // Who leads may change without a word.
  look_again_ = any ? executor_.After(kLookAgain, [this] { EvictLater(); }) : nullptr;
}

std::vector<NodeNotice> ClusterNodes::Notices(std::vector<NodeNotice> told,
                                              const std::set<std::string>& heard) const {
  for (const auto& [name, entry] : index_.Nodes()) {
    const bool rebalance = entry.drain && entry.drain->reason == platform::kDrainRebalance;
    const bool notified = entry.drain && entry.drain->reason == "notice";
    if ((!notified && !rebalance) || heard.contains(name)) {
      continue;
    }
    NodeNotice notice;
    notice.node = name;
    if (rebalance) {
      notice.kind = NodeNotice::Kind::kRebalance;
      told.push_back(std::move(notice));
      continue;
    }
    // Without a deadline it would be no notice: it goes at any moment.
    notice.deadline = entry.drain->deadline.value_or(entry.drain->since);
    told.push_back(std::move(notice));
  }
  return told;
}

std::string ClusterNodes::Problem() const {
  if (!nodes_.Synced()) {
    return "the nodes have not been listed yet" + (trouble_.empty() ? "" : ": " + trouble_);
  }
  return pods_synced_ ? trouble_ : "the pods have not been listed yet";
}

platform::HostView ClusterNodes::ListNodes() const {
  auto view = index_.Hosted();
  view.kept = keeper_.List();
  for (const auto& [name, entry] : index_.Nodes()) {
    if (!entry.drain) {
      continue;
    }
    for (const auto* const pod : entry.pods) {
      if (auto why = evictor_.WhyNot(pod->uid); !why.empty()) {
        view.held.push_back({pod->workload.name_space + "/" + pod->name, name, std::move(why)});
      }
    }
  }
  std::sort(view.held.begin(), view.held.end(), [](const auto& left, const auto& right) {
    return std::tie(left.node, left.pod) < std::tie(right.node, right.pod);
  });
  return view;
}

/// Nodes join by themselves, and the scheduler places.
void ClusterNodes::SeeNodes(const platform::ProviderView& provider) { static_cast<void>(provider); }

void ClusterNodes::SetPlacement(
    const std::map<platform::WorkloadId, engine::Placement>& placement) {
  static_cast<void>(placement);
}

/// The wish is repeated; the same complaint is not.
platform::NodePlatform::Done ClusterNodes::Noting(const std::string& node,
                                                  platform::NodePlatform::Done done) {
  return [this, node, done = std::move(done)](common::Result<void> result) {
    const auto problem = result ? std::string() : result.error().what;
    if (std::exchange(mark_problem_, problem) != problem && !problem.empty()) {
      common::log::Warning("node is not marked as it should be",
                           {{"node", node}, {"why", problem}});
    }
    if (done) {
      done(std::move(result));
    }
  };
}

void ClusterNodes::DrainNode(const std::string& node, const platform::Drain& drain,
                             platform::NodePlatform::Done done) {
  const auto* const entry = index_.Find(node);
  if (entry == nullptr) {
    done(common::Fail(std::errc::invalid_argument, "there is no node " + node));
    return;
  }
  const auto now = Now();
  DrainMark mark;
  mark.reason = drain.reason;
  mark.since = WallOf(now, entry->drain ? entry->drain->since : drain.since);
  if (drain.deadline) {
    mark.deadline = WallOf(now, *drain.deadline);
  }
  common::log::Info("node is emptied", {{"node", node}, {"reason", drain.reason}});
  marker_.Write(
      node, [mark](const ClusterNode& found) { return MarkPatch(found, mark); },
      Noting(node, std::move(done)));
}

void ClusterNodes::UncordonNode(const std::string& node, platform::NodePlatform::Done done) {
  const auto* const entry = index_.Find(node);
  if (entry == nullptr || !entry->drain) {
    done({});
    return;
  }
  common::log::Info("node takes pods again", {{"node", node}});
  marker_.Write(node, UnmarkPatch, Noting(node, std::move(done)));
}

void ClusterNodes::KeepPlaceholders(
    const std::string& policy, const std::vector<engine::capacity::Placeholder>& placeholders) {
  keeper_.Keep(policy, placeholders);
}

platform::ProviderView ClusterNodes::List() const {
  platform::ProviderView view;
  view.nodes = index_.Provided();
  view.problem = Problem();
  view.seen_at = executor_.Monotonic();
  return view;
}

void ClusterNodes::Add(const platform::NodeOrder& order, platform::NodeProvider::Done done) {
  static_cast<void>(order);
  done(Refusal{Refusal::Why::kFailed, kMadeByOthers});
}

void ClusterNodes::Remove(const std::string& node, platform::NodeProvider::Done done) {
  static_cast<void>(node);
  done(Refusal{Refusal::Why::kFailed, kMadeByOthers});
}

}  // namespace scaler::kubernetes::nodes
