#include "scaler/local/local_platform.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "common/file_system.h"
#include "common/io_loop.h"
#include "common/lifecycle/append.h"
#include "common/lifecycle/compact.h"
#include "common/log.h"
#include "common/text.h"
#include "scaler/local/host.h"
#include "scaler/local/nodes.h"
#include "scaler/local/replica_set.h"
#include "scaler/local/spawn.h"

namespace scaler::local {
namespace {

namespace fs = std::filesystem;
namespace log = common::log;
using common::Result;
using std::chrono::milliseconds;

/// Beyond the grace periods: for the shims to tidy up, and HAProxy to let go of its servers.
constexpr milliseconds kStopMargin = std::chrono::seconds(10);

Result<void> MakeDirectories(const fs::path& state) {
  for (const char* const name : {"replicas", "workloads", "logs"}) {
    std::error_code error;
    fs::create_directories(state / name, error);
    if (error) {
      return tl::make_unexpected(
          common::Error{error, (state / name).string() + ": " + error.message()});
    }
  }
  return {};
}

Result<fs::path> FindShim(const fs::path& configured) {
  std::error_code error;
  auto shim = configured.empty()
                  ? fs::read_symlink("/proc/self/exe", error).parent_path() / "trimtab-shim"
                  : fs::absolute(configured, error);
  if (::access(shim.c_str(), X_OK) != 0) {
    return common::FailErrno("the shim of the local platform, " + shim.string());
  }
  return shim;
}

/// Finds and prepares the cgroups, or says once why replicas run without.
std::optional<Cgroups> PrepareCgroups(const fs::path& root, const std::string& parent) {
  auto cgroups = Cgroups::Find(root);
  const auto prepared =
      cgroups ? cgroups->Prepare(parent) : Result<void>(tl::make_unexpected(cgroups.error()));
  if (!prepared) {
    log::Warning("replicas run without cgroups: no limits, and no OOM kill can be told",
                 {{"reason", prepared.error().what}});
    return std::nullopt;
  }
  return std::move(*cgroups);
}

/// The workloads that the lifecycle file declares already.
std::set<std::string> Declared(const fs::path& lifecycle) {
  std::set<std::string> declared;
  std::ifstream file(lifecycle);
  for (std::string line; std::getline(file, line);) {
    if (line.find("\"declared\"") == std::string::npos) {
      continue;
    }
    const auto record = common::lifecycle::Decode(line);
    if (record && record->event == common::lifecycle::Event::kDeclared) {
      declared.insert(record->workload);
    }
  }
  return declared;
}

/// The number at the end of a replica's id.
std::optional<std::uint64_t> NumberOf(const std::string& replica, const std::string& workload) {
  return replica.size() > workload.size() + 1 && replica.starts_with(workload)
             ? common::ParseUnsigned(std::string_view(replica).substr(workload.size() + 1))
             : std::nullopt;
}

}  // namespace

class LocalPlatform::Impl {
 public:
  Impl(common::IoLoop& loop, const Spec& spec, const fs::path& state, const fs::path& lifecycle,
       const fs::path& shim, const fs::path& root, common::UniqueFd lock)
      : spec_(spec),
        lock_(std::move(lock)),
        host_{.loop = loop,
              .state = state,
              .lifecycle = lifecycle,
              .shim = shim,
              .root = root,
              .cgroup_parent = spec.cgroup_parent,
              .cgroups = PrepareCgroups(root, spec.cgroup_parent),
              .ports = Ports(spec.ports),
              .changed = [this] { Changed(); }} {
    if (spec.cloud_socket) {
      nodes_ = std::make_unique<Nodes>(loop, state / "nodes.json", spec.cgroup_parent,
                                       host_.cgroups, [this] { Changed(); });
      host_.nodes = nodes_.get();
    }
    std::map<std::string, std::string> managed;
    for (const auto& workload : spec.workloads) {
      sets_.emplace(workload.name, std::make_unique<ReplicaSet>(host_, workload));
      managed.emplace(workload.backend, workload.name + "-");
    }
    if (spec.haproxy_socket) {
      ingress_ = std::make_unique<Ingress>(
          loop, *spec.haproxy_socket, std::move(managed),
          Ingress::Listener{
              .serves = [this](const ServerId& id) { Tell(id, &Replica::OnServes); },
              .drained = [this](const ServerId& id) { Tell(id, &Replica::OnDrained); }});
      host_.ingress = ingress_.get();
    }
    CompactLifecycle();
    Declare();
    AdoptAll();
    for (const auto& [name, set] : sets_) {
      set->Reconcile();
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() = default;

  [[nodiscard]] platform::Workloads List() const {
    platform::Workloads workloads;
    for (const auto& [name, set] : sets_) {
      if (!retired_.contains(name)) {
        workloads.push_back(std::make_shared<const platform::Workload>(set->Describe()));
      }
    }
    return workloads;
  }

  Result<void> Scale(const platform::WorkloadId& workload, int replicas) {
    const auto found = sets_.find(workload.name);
    if (workload.name_space != kNamespace || found == sets_.end() ||
        retired_.contains(workload.name)) {
      return common::Fail(std::errc::invalid_argument,
                          "no workload " + platform::ToString(workload));
    }
    if (replicas < 0) {
      return common::Fail(std::errc::invalid_argument,
                          fmt::format("{}: {} replicas", workload.name, replicas));
    }
    return found->second->Scale(replicas);
  }

  void OnChange(std::function<void()> changed) { listener_ = std::move(changed); }

  /// Null: there are none.
  [[nodiscard]] Nodes* TheNodes() const { return nodes_.get(); }

  [[nodiscard]] platform::HostView ListNodes() const {
    platform::HostView view;
    if (nodes_ == nullptr) {
      return view;
    }
    view.nodes = nodes_->List();
    for (const auto& [name, set] : sets_) {
      view.workloads.push_back(set->Asks());
      set->AddPods(view.pods);
    }
    return view;
  }

  /// What a node had is lost now, not when it is next looked at.
  void SeeNodes(const platform::ProviderView& provider) {
    if (nodes_ != nullptr) {
      nodes_->See(provider);
      for (const auto& [name, set] : sets_) {
        set->Reconcile();
      }
    }
  }

  void Stop(std::function<void()> done) {
    stopped_ = std::move(done);
    if (spec_.on_exit == OnExit::kKeep) {
      sets_.clear();
      ingress_.reset();
      host_.loop.Post([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) {
          FinishStop();
        }
      });
      return;
    }
    milliseconds longest{};
    for (const auto& [name, set] : sets_) {
      longest = std::max(longest, set->Spec().grace_period);
      set->StopAll();
    }
    stop_timer_ = host_.loop.After(2 * longest + kStopMargin, [this] {
      log::Error("not every replica has ended in time");
      FinishStop();
    });
    Changed();
    AwaitEmpty();
  }

 private:
  /// HAProxy's servers go without telling anybody, so this looks again.
  void AwaitEmpty() {
    const bool empty = std::all_of(sets_.begin(), sets_.end(),
                                   [](const auto& set) { return set.second->Empty(); });
    if (!empty || (ingress_ != nullptr && !ingress_->Empty())) {
      empty_timer_ = host_.loop.After(milliseconds(20), [this] { AwaitEmpty(); });
      return;
    }
    if (host_.cgroups && nodes_ == nullptr) {  // Nodes are their provider's.
      if (const auto removed = host_.cgroups->RemoveTree(spec_.cgroup_parent); !removed) {
        log::Warning("cannot remove the cgroup", {{"reason", removed.error().what}});
      }
    }
    host_.loop.Post([this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) {
        FinishStop();
      }
    });
  }

  void FinishStop() {
    stop_timer_.reset();
    empty_timer_.reset();
    if (const auto done = std::exchange(stopped_, nullptr)) {
      done();
    }
  }

  /// Now and every minute: the file must not grow for ever.
  void CompactLifecycle() {
    if (const auto done = common::lifecycle::CompactIfLarge(host_.lifecycle); !done) {
      log::Warning("the lifecycle file grows: it cannot be compacted",
                   {{"reason", done.error().what}});
    }
    compact_timer_ = host_.loop.After(std::chrono::minutes(1), [this] { CompactLifecycle(); });
  }

  void Declare() {
    const auto declared = Declared(host_.lifecycle);
    for (const auto& workload : spec_.workloads) {
      if (declared.contains(workload.name)) {
        continue;
      }
      common::lifecycle::Record record;
      record.time = host_.loop.Wall();
      record.name_space = kNamespace;
      record.workload = workload.name;
      record.container = workload.name;
      if (const auto appended = common::lifecycle::Append(host_.lifecycle, record); !appended) {
        log::Error("cannot declare a workload",
                   {{"workload", workload.name}, {"reason", appended.error().what}});
      }
    }
  }

  void AdoptAll() {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(host_.state / "replicas", error)) {
      if (entry.path().extension() == ".launch") {
        files.push_back(entry.path());
      }
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      Adopt(file);
    }
  }

  void Adopt(const fs::path& file) {
    const auto launch = common::FileSystem("/").Read(file).and_then(DecodeLaunch);
    const auto number = launch ? NumberOf(file.stem().string(), launch->workload) : std::nullopt;
    if (!number) {
      log::Error("cannot adopt a replica",
                 {{"file", file.string()},
                  {"reason", launch ? "its name is not one of ours" : launch.error().what}});
      return;
    }
    auto& set = sets_[launch->workload];
    if (set == nullptr) {
      // Its workload is no longer configured: it is taken over only to be let go.
      log::Info("letting a replica go whose workload is no longer configured",
                {{"replica", launch->replica}});
      WorkloadSpec retired;
      retired.name = launch->workload;
      retired.backend = launch->workload;
      retired.grace_period = launch->grace_period;
      retired_.insert(launch->workload);
      set = std::make_unique<ReplicaSet>(host_, retired);
      set->StopAll();
    }
    set->Adopt(*number, *launch);
  }

  void Tell(const ServerId& id, void (Replica::*what)()) {
    for (const auto& [name, set] : sets_) {
      if (Replica* const replica = set->Find(id)) {
        (replica->*what)();
        return;
      }
    }
  }

  /// Gathers all changes of one turn of the loop. Called from within replicas, which must not be
  /// removed under their own feet.
  void Changed() {
    if (std::exchange(change_pending_, true)) {
      return;
    }
    host_.loop.Post([this, alive = std::weak_ptr<bool>(alive_)] {
      if (alive.expired()) {
        return;
      }
      change_pending_ = false;
      for (const auto& [name, set] : sets_) {
        set->Reconcile();
      }
      if (listener_) {
        listener_();
      }
    });
  }

  const Spec spec_;
  common::UniqueFd lock_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Host host_;
  bool change_pending_ = false;
  std::set<std::string> retired_;
  std::function<void()> listener_;
  std::function<void()> stopped_;
  std::unique_ptr<common::Timer> compact_timer_;
  std::unique_ptr<common::Timer> stop_timer_;
  std::unique_ptr<common::Timer> empty_timer_;
  std::unique_ptr<Nodes> nodes_;
  std::unique_ptr<Ingress> ingress_;
  std::map<std::string, std::unique_ptr<ReplicaSet>> sets_;
};

Result<std::unique_ptr<LocalPlatform>> LocalPlatform::Open(common::IoLoop& loop, const Spec& spec,
                                                           const LocalOptions& options) {
  std::error_code error;
  const auto state = fs::absolute(options.state, error);
  const auto lifecycle =
      spec.lifecycle.empty() ? state / "lifecycle.jsonl" : fs::absolute(spec.lifecycle, error);
  if (auto made = MakeDirectories(state); !made) {
    return tl::make_unexpected(made.error());
  }
  auto shim = FindShim(options.shim);
  if (!shim) {
    return tl::make_unexpected(shim.error());
  }
  auto lock = Lock(state / "platform.lock");
  if (!lock) {
    return tl::make_unexpected(
        common::Error{lock.error().code,
                      "another local platform uses the state directory: " + lock.error().what});
  }
  return std::unique_ptr<LocalPlatform>(new LocalPlatform(
      std::make_unique<Impl>(loop, spec, state, lifecycle, *shim, options.root, std::move(*lock))));
}

LocalPlatform::LocalPlatform(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LocalPlatform::~LocalPlatform() = default;

platform::Workloads LocalPlatform::List() const { return impl_->List(); }

void LocalPlatform::Scale(const platform::WorkloadId& workload, int replicas,
                          std::function<void(Result<void>)> done) {
  done(impl_->Scale(workload, replicas));
}

void LocalPlatform::OnChange(std::function<void()> changed) { impl_->OnChange(std::move(changed)); }

platform::HostView LocalPlatform::ListNodes() const { return impl_->ListNodes(); }

void LocalPlatform::SeeNodes(const platform::ProviderView& provider) { impl_->SeeNodes(provider); }

void LocalPlatform::SetPlacement(
    const std::map<platform::WorkloadId, engine::Placement>& placement) {
  if (auto* const nodes = impl_->TheNodes()) {
    nodes->SetPlacement(placement);
  }
}

void LocalPlatform::DrainNode(const std::string& node, const platform::Drain& drain,
                              platform::NodePlatform::Done done) {
  auto* const nodes = impl_->TheNodes();
  done(nodes != nullptr ? nodes->Drain(node, drain)
                        : common::Fail(std::errc::not_supported, "there are no nodes"));
}

void LocalPlatform::UncordonNode(const std::string& node, platform::NodePlatform::Done done) {
  auto* const nodes = impl_->TheNodes();
  done(nodes != nullptr ? nodes->Uncordon(node)
                        : common::Fail(std::errc::not_supported, "there are no nodes"));
}

void LocalPlatform::Stop(std::function<void()> done) { impl_->Stop(std::move(done)); }

}  // namespace scaler::local
