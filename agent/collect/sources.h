#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "agent/collect/oom_ledger.h"
#include "agent/collect/snapshot.h"
#include "agent/interruption/watcher.h"
#include "agent/kubernetes/pods_view.h"
#include "agent/requests/registry.h"
#include "common/clock.h"
#include "common/result.h"

namespace agent::collect {

/// Who knows this node's pods. Both are called by the thread that reads, and return at once.
struct PodSource {
  std::function<std::shared_ptr<const kubernetes::PodsView>()> latest;
  /// Is told what their cgroups count.
  std::function<void(kubernetes::OomKillCounts)> observe;
};

/// Where to read. What is empty is not read, and nothing is told of it.
struct SourceOptions {
  std::filesystem::path root = "/";  ///< Above /proc and the cgroup mounts.
  std::optional<std::filesystem::path> access_log = {};
  std::filesystem::path checkpoint = {};  ///< Of the access log; empty: none is kept.
  std::optional<std::filesystem::path> haproxy_socket = {};
  std::optional<std::filesystem::path> lifecycle = {};
  std::shared_ptr<const requests::TenantRegistry> tenants = {};
  OomKills earlier_oom_kills = {};
  /// The node is this part of the machine, a path below each controller's mount: of its own CPU and
  /// memory and of containers below it is told, and not of the machine's, nor of what is counted by
  /// workload, which must not end with a node. Empty: the node is the machine.
  std::string slice = {};
  /// False: restarts and OOM kills are counted, and of the containers others tell.
  bool tell_containers = true;
  /// What the cloud says of the node; empty: nobody is asked.
  std::function<interruption::Watched()> watched = {};
  std::optional<PodSource> pods = {};
};

/// All that the agent reads, and the last that it found. Belongs to one thread, and blocks it for
/// as long as reading takes: at most a fraction of a second, when HAProxy hangs.
class Sources {
 public:
  /// Fails where the machine has no inotify instance left for the access log.
  [[nodiscard]] static common::Result<std::unique_ptr<Sources>> Open(SourceOptions options,
                                                                     const common::Clock& clock);
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;
  ~Sources();

  /// Readable when PollAccessLog has something to do; -1 without an access log.
  [[nodiscard]] int AccessLogDescriptor() const;

  struct LogPoll {
    bool more = false;  ///< Poll again soon.
    /// A tenant that had nothing in flight got a request: worth telling at once.
    bool urgent = false;
  };
  LogPoll PollAccessLog();

  /// Reads the machine and this program.
  void ReadNode();

  /// Reads what the signals carry: containers, restarts, requests.
  void ReadSignals();

  /// What is known now, as a value.
  [[nodiscard]] Snapshot Take();

  /// Makes what the access log told so far survive a restart. Does nothing without a checkpoint.
  [[nodiscard]] common::Result<void> SaveCheckpoint();

  /// What must be given to the next Sources as `earlier_oom_kills`.
  [[nodiscard]] const OomKills& TotalOomKills() const;

 private:
  struct Impl;
  explicit Sources(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace agent::collect
