#include "scaler/kubernetes/workloads/cluster_platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "common/log.h"

namespace scaler::kubernetes::workloads {
namespace {

constexpr auto kPods = "/api/v1/pods";
/// What will not run again is no replica.
constexpr auto kPodsThatMayRun = "fieldSelector=status.phase!%3DSucceeded,status.phase!%3DFailed";
constexpr auto kKeda = "keda.sh/v1alpha1";
constexpr auto kScaledObjects = "scaledobjects";
constexpr auto kHorizontalPodAutoscalers = "/apis/autoscaling/v2/horizontalpodautoscalers";

std::string ScalerName(const std::string& kind, std::string_view name_space,
                       std::string_view name) {
  return fmt::format("{} {}/{}", kind, name_space, name);
}

}  // namespace

ClusterPlatform::ClusterPlatform(common::Executor& executor, common::kubernetes::Client& client,
                                 std::vector<KindName> kinds)
    : executor_(executor),
      client_(client),
      writer_(executor, client, *inventory_, [this] { Tell(); }),
      kinds_(std::move(kinds)) {}

void ClusterPlatform::Start(std::function<void()> on_synced) {
  on_synced_ = std::move(on_synced);
  LookForKeda();
  AddScaler(kHorizontalPodAutoscalers, "HorizontalPodAutoscaler");
  AddScalable(Deployments());
  AddScalable(StatefulSets());
  for (const auto& kind : kinds_) {
    LookFor(kind);
  }
  AddReplicaSets();
  AddPods();
}

void ClusterPlatform::Add(const std::string& path, const std::string& selector,
                          std::function<void(const View&, bool live)> on_put,
                          std::function<void(const Key&)> on_gone) {
  auto& watch = watches_[path];
  common::kubernetes::WatchHandlers handlers;
  handlers.on_put = [this, &watch, on_put = std::move(on_put)](const View& object) {
    if (!object.uid.empty()) {
      on_put(object, watch.watcher->Synced());
      Tell();
    }
  };
  handlers.on_gone = [this, on_gone = std::move(on_gone)](const Key& key) {
    on_gone(key);
    Tell();
  };
  handlers.on_synced = [this] { OnSynced(); };
  handlers.on_trouble = [&watch, path](const std::string& problem) {
    if (!problem.empty()) {
      // One gap is nothing to be warned of, and what lasts is in the status.
      common::log::Info("the API server is asked again", {{"path", path}, {"why", problem}});
    }
    watch.problem = problem.empty() ? "" : path + " is out of date: " + problem;
  };
  common::kubernetes::WatchOptions options;
  options.seed = std::random_device()();
  watch.watcher = std::make_unique<common::kubernetes::Watcher>(
      executor_, client_, common::kubernetes::Resource{path, selector}, std::move(handlers),
      options);
  watch.watcher->Start();
}

void ClusterPlatform::AddScalable(const Kind& kind) {
  Add(
      PathOf(kind), {},
      [this, kind](const View& object, bool) {
        inventory_->PutScalable(kind, object, decoder_.Scalable(object.json));
      },
      [this, kind](const Key& key) { inventory_->ForgetScalable(kind, key); });
}

/// One that is controlled stands between its pods and who controls it; another is scaled itself.
void ClusterPlatform::AddReplicaSets() {
  Add(
      PathOf(ReplicaSets()), {},
      [this](const View& object, bool) {
        const Key key{std::string(object.name_space), std::string(object.name)};
        if (const auto owner = decoder_.Owner(object.json); !owner.empty()) {
          inventory_->ForgetScalable(ReplicaSets(), key);
          inventory_->PutBetween(ReplicaSets(), object, owner);
        } else {
          inventory_->ForgetBetween(ReplicaSets(), key);
          inventory_->PutScalable(ReplicaSets(), object, decoder_.Scalable(object.json));
        }
      },
      [this](const Key& key) {
        inventory_->ForgetScalable(ReplicaSets(), key);
        inventory_->ForgetBetween(ReplicaSets(), key);
      });
}

void ClusterPlatform::AddPods() {
  Add(
      kPods, kPodsThatMayRun,
      [this](const View& object, bool live) {
        inventory_->PutPod(object, decoder_.Pod(object.json),
                           {executor_.Wall(), executor_.Monotonic(), live});
        if (others_.on_put) {
          others_.on_put(object);
        }
      },
      [this](const Key& key) {
        inventory_->ForgetPod(key);
        if (others_.on_gone) {
          others_.on_gone(key);
        }
      });
}

void ClusterPlatform::AddScaler(const std::string& path, const std::string& kind) {
  Add(
      path, {},
      [this, kind](const View& object, bool) {
        inventory_->PutScaler(ScalerName(kind, object.name_space, object.name),
                              std::string(object.name_space), decoder_.Target(object.json));
      },
      [this, kind](const Key& key) {
        inventory_->ForgetScaler(ScalerName(kind, key.name_space, key.name));
      });
}

/// Others may install what we look for while we run; it is there for good then.
void ClusterPlatform::Look(const std::string& what, const std::string& group_version,
                           std::function<bool(const std::vector<ServedResource>&)> found) {
  auto& probe = probes_[what];
  probe = std::make_unique<GroupProbe>(executor_, client_, group_version);
  probe->Start(
      [&probe = *probe, found = std::move(found)](const std::vector<ServedResource>& resources) {
        if (found(resources)) {
          probe.Stop();
        }
      },
      [this] { OnSynced(); });
}

void ClusterPlatform::LookForKeda() {
  Look(kKeda, kKeda, [this](const std::vector<ServedResource>& resources) {
    const bool served = std::any_of(resources.begin(), resources.end(),
                                    [](const auto& one) { return one.plural == kScaledObjects; });
    if (served) {
      AddScaler(PathOf({kKeda, kScaledObjects, "ScaledObject"}), "ScaledObject");
    }
    return served;
  });
}

void ClusterPlatform::LookFor(const KindName& name) {
  Look(name.group_version + " " + name.name, name.group_version,
       [this, name](const std::vector<ServedResource>& resources) {
         const auto found = std::find_if(resources.begin(), resources.end(), [&](const auto& one) {
           return one.kind == name.name && one.has_scale;
         });
         if (found != resources.end()) {
           AddScalable({name.group_version, found->plural, name.name});
         }
         return found != resources.end();
       });
}

void ClusterPlatform::OnSynced() {
  if (const auto pods = watches_.find(kPods);
      others_.on_synced && pods != watches_.end() && pods->second.watcher->Synced()) {
    others_.on_synced();
  }
  const bool all = std::all_of(probes_.begin(), probes_.end(),
                               [](const auto& probe) { return probe.second->Answered(); }) &&
                   std::all_of(watches_.begin(), watches_.end(),
                               [](const auto& watch) { return watch.second.watcher->Synced(); });
  if (all && on_synced_) {
    std::exchange(on_synced_, {})();
  }
  Tell();
}

/// Many events that come together are told once.
void ClusterPlatform::Tell() {
  if (tell_ || !changed_) {
    return;
  }
  tell_ = executor_.After(std::chrono::milliseconds(0), [this] {
    tell_.reset();
    if (inventory_->TakeChanged() && changed_) {
      changed_();
    }
  });
}

platform::Workloads ClusterPlatform::List() const { return inventory_->List(); }

void ClusterPlatform::Scale(const platform::WorkloadId& workload, int replicas,
                            std::function<void(common::Result<void>)> done) {
  writer_.Scale(workload, replicas, std::move(done));
}

std::vector<std::string> ClusterPlatform::Problems() const {
  std::vector<std::string> problems;
  for (const auto& [what, probe] : probes_) {
    if (!probe->Answered()) {
      problems.push_back("whether the server has " + what + " is not known yet" +
                         (probe->Problem().empty() ? "" : ": " + probe->Problem()));
    }
  }
  for (const auto& [path, watch] : watches_) {
    if (!watch.problem.empty()) {
      problems.push_back(watch.problem);
    } else if (!watch.watcher->Synced()) {
      problems.push_back(path + " is not known yet");
    }
  }
  return problems;
}

}  // namespace scaler::kubernetes::workloads
