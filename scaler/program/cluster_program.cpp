#include "scaler/program/cluster_program.h"

#include <malloc.h>

#include <filesystem>
#include <functional>
#include <utility>

#include "common/log.h"
#include "scaler/kubernetes/leadership/identity.h"
#include "scaler/program/ask_loop.h"
#include "scaler/web/api.h"

namespace scaler::program {
namespace {

using common::Result;

/// While the loop has not begun the status page says so often what is missing.
constexpr auto kSayEvery = std::chrono::seconds(1);

/// A page of a list, with what reads it, takes twenty MiB for a moment, where no list can be had
/// whole: as blocks of their own they go back to the system at once, and leave no holes among what
/// stays.
constexpr int kLargeBlockBytes = 1 << 20;

void ExpectLargeBlocks() {
  // NOLINTBEGIN(concurrency-mt-unsafe): before there is another thread.
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlockBytes);
  ::mallopt(M_ARENA_MAX, 2);  // Threads that answer requests share one.
  // NOLINTEND(concurrency-mt-unsafe)
}

web::LostReplicas ByWorkload(const kubernetes::agents::NodeLosses& losses) {
  web::LostReplicas lost;
  for (const auto& [workload, count] : losses) {
    lost[{workload.first, workload.second}] = count;
  }
  return lost;
}

std::vector<signals::NodeAgent> NodeAgents(const std::vector<kubernetes::agents::FoundAgent>& all) {
  std::vector<signals::NodeAgent> agents;
  agents.reserve(all.size());
  for (const auto& each : all) {
    agents.push_back({each.address, each.node});
  }
  return agents;
}

std::vector<kubernetes::workloads::KindName> KindsOf(const config::KubernetesConfig& config) {
  std::vector<kubernetes::workloads::KindName> kinds;
  for (const auto& kind : config.scaled_kinds) {
    kinds.push_back({kind.api_version, kind.kind});
  }
  return kinds;
}

}  // namespace

Result<void> ClusterProgram::Start(const Options& options, const config::Config& config) {
  ExpectLargeBlocks();
  const std::filesystem::path state = options.state;
  freeze_ = std::make_unique<loop::FreezeSwitch>(state / "freeze.json");
  web::Backend backend{board_, io_, state / "ledger.sqlite", *freeze_,
                       [this] { io_.Post([this] { WakeLoop(); }); }};
  const bool alone = config.kubernetes && !config.kubernetes->leader_election;
  if (!alone) {
    backend.share_freeze = [this](const std::optional<loop::Freeze>& freeze) {
      return AskLoopFor(io_, [this, freeze](Answered answered) {
        if (shared_freeze_) {
          shared_freeze_->Write(freeze, std::move(answered));
        } else {
          answered(common::Fail(std::errc::timed_out, "the scaler starts or ends"));
        }
      });
    };
  }
  backend.want_empty = [this](const std::string& node, bool empty) {
    return AskLoop(io_, [this, node, empty] {
      return fleet_ ? fleet_->Want(node, empty)
                    : common::Fail(std::errc::timed_out, "the scaler starts or ends");
    });
  };
  backend.lost_with_node = [this] { return ByWorkload(lost_.Get()); };
  return exporters::ParseListenAddress(options.server.listen)
      .and_then([&](const exporters::ListenAddress& address) {
        return exporters::Server::Start(address, web::ScalerRoutes(backend),
                                        options.server.security);
      })
      .and_then([&](std::unique_ptr<exporters::Server> started) {
        server_ = std::move(started);
        return Open(options, config);
      })
      .map([&] {
        OpenPolicies(options.policies);
        nodes_->Start();
        OpenEvents();
        platform_->Start([this] { OnSynced(); });
        finder_->Start();
        losses_->Start();
        SayWhatIsAwaited();
      });
}

/// Everything that can be refused, before anything runs.
Result<void> ClusterProgram::Open(const Options& options, const config::Config& config) {
  const auto kubernetes = config.kubernetes.value_or(config::KubernetesConfig{});
  return api_.Open(io_, kubernetes)
      .and_then([&] {
        OpenElection(kubernetes);
        platform_ = std::make_unique<kubernetes::workloads::ClusterPlatform>(io_, *api_.client,
                                                                             KindsOf(kubernetes));
        OpenNodes(kubernetes);
        return ledger::Ledger::Open(std::filesystem::path(options.state) / "ledger.sqlite");
      })
      .and_then([&](std::unique_ptr<ledger::Ledger> opened) {
        ledger_ = std::move(opened);
        return inputs_.Open(io_, options, config);
      })
      .map([&] { OpenAgents(kubernetes); });
}

void ClusterProgram::OpenAgents(const config::KubernetesConfig& config) {
  kubernetes::agents::FinderOptions finding;
  finding.name_space = api_.name_space;
  finding.label = config.agent_label;
  finding.port = static_cast<std::uint16_t>(config.agent_port);
  finder_ = std::make_unique<kubernetes::agents::AgentFinder>(
      io_, *api_.client, std::move(finding), [this](const kubernetes::agents::FoundAgents& found) {
        inputs_.signals->SetClusterAgents(NodeAgents(found.agents), found.gone_nodes);
      });
  losses_ = std::make_unique<kubernetes::agents::NodeLossWatch>(io_, *api_.client, lost_);
}

/// The directory is for those who mount their policies; most have none.
void ClusterProgram::OpenPolicies(const std::string& directory) {
  kubernetes::policies::PolicyObjectsOptions options;
  options.name_space = api_.name_space;
  std::error_code ignored;
  if (std::filesystem::is_directory(directory, ignored)) {
    options.directory = directory;
  }
  policies_ = std::make_unique<kubernetes::policies::PolicyObjects>(io_, *api_.client, *platform_,
                                                                    std::move(options));
  policies_->Start();
  status_ = std::make_unique<kubernetes::policies::StatusWriter>(
      io_, *api_.client, *policies_, board_,
      [this] { return !succession_ || succession_->MayWrite(); });
  status_->Start();
}

void ClusterProgram::OpenEvents() {
  using kubernetes::events::Reference;
  kubernetes::events::RecorderOptions options;
  const auto identity = kubernetes::leadership::OwnIdentity();
  options.instance = identity.substr(0, identity.find('_'));
  recorder_ = std::make_unique<kubernetes::events::Recorder>(io_, *api_.client, std::move(options));
  announcer_ = std::make_unique<kubernetes::events::Announcer>(
      io_, *recorder_, *policies_, board_,
      [this](const platform::WorkloadId& id) -> std::optional<Reference> {
        const auto* const found = platform_->Find(id);
        if (found == nullptr) {
          return std::nullopt;
        }
        return Reference{found->kind.group_version, found->kind.name, found->key.name_space,
                         found->key.name, found->uid};
      },
      [this] { return !succession_ || succession_->MayWrite(); });
  announcer_->Start();
}

void ClusterProgram::OpenElection(const config::KubernetesConfig& config) {
  if (!config.leader_election) {
    common::log::Warning("without leaderElection there must be only one scaler in the cluster");
    return;
  }
  kubernetes::leadership::ElectorOptions elector;
  elector.name_space = api_.name_space;
  elector.identity = kubernetes::leadership::OwnIdentity();
  elector.seed = static_cast<std::uint32_t>(std::hash<std::string>()(elector.identity));
  shared_freeze_ = std::make_unique<kubernetes::leadership::SharedFreeze>(
      *api_.client, io_, *freeze_, elector.name_space, elector.lease, [this] { WakeLoop(); });
  elector.saw = [this](std::string_view lease) { shared_freeze_->Saw(lease); };
  kubernetes::leadership::CheckpointOptions checkpoint;
  checkpoint.name_space = api_.name_space;
  succession_ = std::make_unique<kubernetes::leadership::Succession>(
      io_, *api_.client, std::move(elector), std::move(checkpoint));
  api_.may_write = [this] { return succession_ && succession_->MayWrite(); };
}

/// Nodes are made by others: they are emptied when they will go, and spare is kept by placeholders.
void ClusterProgram::OpenNodes(const config::KubernetesConfig& config) {
  kubernetes::nodes::PlaceholderOptions placeholders;
  placeholders.name_space = api_.name_space;
  if (!config.placeholder_image.empty()) {
    placeholders.image = config.placeholder_image;
  }
  if (!config.placeholder_priority_class.empty()) {
    placeholders.priority_class = config.placeholder_priority_class;
  }
  nodes_ = std::make_unique<kubernetes::nodes::ClusterNodes>(
      io_, *api_.client, std::move(placeholders),
      [this] { return !succession_ || succession_->Leads(); });
  platform_->SharePods({.on_put = [this](const auto& object) { nodes_->PutPod(object); },
                        .on_gone = [this](const auto& key) { nodes_->ForgetPod(key); },
                        .on_synced = [this] { nodes_->PodsSynced(); },
                        .on_trouble = {}});
}

/// From within an event of a watch: what follows is none of its business.
void ClusterProgram::OnSynced() {
  io_.Post([this] {
    if (platform_) {
      common::log::Info("everything of the cluster has been heard of",
                        {{"workloads", std::to_string(platform_->List().size())}});
      Begin();
    }
  });
}

void ClusterProgram::Begin() {
  awaited_.reset();
  loop_ = std::make_unique<loop::Loop>(io_, *platform_, *inputs_.signals, *ledger_, *freeze_,
                                       board_, loop::LoopOptions{}, inputs_.external.get());
  fleet_ = std::make_unique<fleet::Fleet>(io_, *nodes_, *nodes_);
  fleet_->SetNotices([this] {
    return nodes_->Notices(fleet::NoticesOf(inputs_.signals->Notices()),
                           inputs_.signals->HeardNodes());
  });
  loop_->UseFleet(*fleet_);
  if (succession_) {
    loop_->UseLeadership(succession_->View());
  }
  result_ = loop_->Start(policies_->First());
  heap_ = std::make_unique<HeapKeeper>(io_);
  if (result_) {
    policies_->Watch(*loop_);
    if (succession_) {
      succession_->Start(*loop_);
    }
  } else {
    io_.Stop();
  }
}

void ClusterProgram::WakeLoop() {
  if (loop_) {
    loop_->Wake();
  }
}

void ClusterProgram::SayWhatIsAwaited() {
  auto status = std::make_shared<loop::Status>();
  status->problems = platform_->Problems();
  board_.Put(std::move(status));
  awaited_ = io_.After(kSayEvery, [this] { SayWhatIsAwaited(); });
}

Result<void> ClusterProgram::Run() {
  StopOnSignal();
  io_.Run();
  return result_;
}

void ClusterProgram::StopOnSignal() {
  io_.OnTerminationSignal([this](int number) {
    common::log::Info("stopping", {{"signal", std::to_string(number)}});
    if (!loop_ || !succession_ || std::exchange(stopping_, true)) {
      Close();  // Nothing to leave to another, or asked twice: at once.
      return;
    }
    // Nothing is done any more, and what is known is left to whoever leads next.
    succession_->Stop([this] { io_.Post([this] { Close(); }); });
  });
}

/// Nothing is heard and nothing is decided any more.
void ClusterProgram::Close() {
  awaited_.reset();
  heap_.reset();
  announcer_.reset();
  recorder_.reset();
  status_.reset();
  policies_.reset();
  succession_.reset();
  shared_freeze_.reset();
  loop_.reset();
  losses_.reset();
  finder_.reset();
  fleet_.reset();
  inputs_.Close();
  platform_.reset();
  nodes_.reset();
  io_.Stop();
}

}  // namespace scaler::program
