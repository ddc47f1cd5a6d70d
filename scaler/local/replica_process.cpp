#include "scaler/local/replica_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "common/file_system.h"
#include "common/io_loop.h"
#include "common/lifecycle/append.h"
#include "common/log.h"
#include "common/replace_file.h"
#include "common/text.h"
#include "scaler/local/expand.h"
#include "scaler/local/spawn.h"

namespace scaler::local {
namespace {

namespace log = common::log;
using common::Result;
using common::lifecycle::EndReason;

/// Ends what is left in it. Blocks for what SIGKILL takes, at most 100 ms; only for the rare case
/// that a shim was killed.
void ClearCgroup(const Cgroups& cgroups, const std::string& cgroup) {
  for (int i = 0; i < 50; ++i) {
    for (const pid_t pid : cgroups.Processes(cgroup)) {
      ::kill(pid, SIGKILL);
    }
    if (cgroups.Remove(cgroup)) {
      return;
    }
    ::usleep(2000);
  }
}

void RecordLoss(const Host& host, const WorkloadSpec& spec, const ReplicaState& state) {
  log::Error("the shim of a replica ended without a word", {{"replica", state.replica}});
  if (host.cgroups && !state.cgroup.empty()) {
    ClearCgroup(*host.cgroups, state.cgroup);
  }
  common::lifecycle::Record record;
  record.event = common::lifecycle::Event::kEnd;
  record.time = host.loop.Wall();
  record.name_space = kNamespace;
  record.workload = spec.name;
  record.container = spec.name;
  record.replica = state.replica;
  record.attempt = state.attempt;
  record.pid = state.pid;
  record.cgroup = state.cgroup;
  record.reason = EndReason::kUnknown;
  if (const auto appended = common::lifecycle::Append(host.lifecycle, record); !appended) {
    log::Error("cannot record an end",
               {{"replica", state.replica}, {"reason", appended.error().what}});
  }
}

}  // namespace

Launch MakeLaunch(const Host& host, const WorkloadSpec& spec, const AttemptId& id,
                  const std::string& node, int port, std::chrono::milliseconds back_off) {
  const std::map<std::string, std::string> own = {
      {"PORT", std::to_string(port)}, {"REPLICA", id.replica}, {"WORKLOAD", spec.name}};
  auto variables = own;
  for (const auto& [name, value] : spec.env) {
    variables.insert_or_assign(name, Expand(value, own));
  }
  Launch launch;
  launch.name_space = kNamespace;
  launch.workload = spec.name;
  launch.replica = id.replica;
  launch.attempt = id.attempt;
  launch.port = port;
  for (const auto& argument : spec.command) {
    launch.command.push_back(Expand(argument, variables));
  }
  launch.env = std::move(variables);
  launch.node = node;
  if (host.cgroups) {
    const auto slice = node.empty() ? host.cgroup_parent : host.cgroup_parent + "/" + node;
    launch.cgroup = fmt::format("{}/{}.{}", slice, id.replica, id.attempt);
  }
  launch.resources = spec.resources;
  launch.root = host.root;
  launch.lifecycle = host.lifecycle;
  launch.state = host.ReplicaFile(id.replica, ".json");
  launch.log = host.LogFile(id.replica);
  launch.grace_period = spec.grace_period;
  launch.back_off = back_off;
  return launch;
}

Result<pid_t> StartShim(const Host& host, const Launch& launch) {
  const auto lock_file = host.ReplicaFile(launch.replica, ".lock");
  const auto launch_file = host.ReplicaFile(launch.replica, ".launch");
  // The lock is taken here and handed on, so that there is no moment at which the replica lives
  // and nobody holds it.
  const auto lock = Lock(lock_file);
  if (!lock) {
    return tl::make_unexpected(lock.error());
  }
  if (::ftruncate(lock->Get(), 0) != 0) {
    return common::FailErrno(lock_file.string());
  }
  return common::ReplaceFile(launch_file, Encode(launch), common::Survives::kOurEnd).and_then([&] {
    return SpawnShim(host.shim, launch_file, launch.log, lock->Get());
  });
}

bool ShimLives(const Host& host, const std::string& replica) {
  return !Lock(host.ReplicaFile(replica, ".lock")).has_value();
}

std::optional<pid_t> ShimPid(const Host& host, const std::string& replica) {
  const auto content = common::FileSystem("/").Read(host.ReplicaFile(replica, ".lock"));
  std::string_view text = content ? std::string_view(*content) : std::string_view();
  const auto pid = common::ParseUnsigned(common::TakeLine(text));
  return pid && *pid > 0 && std::in_range<pid_t>(*pid) ? std::optional(static_cast<pid_t>(*pid))
                                                       : std::nullopt;
}

std::optional<ReplicaState> ReadState(const Host& host, const AttemptId& id) {
  const auto state = common::FileSystem("/")
                         .Read(host.ReplicaFile(id.replica, ".json"))
                         .and_then(DecodeReplicaState);
  return state && state->attempt == id.attempt ? std::optional(*state) : std::nullopt;
}

std::optional<ReplicaEnd> CollectEnd(const Host& host, const WorkloadSpec& spec,
                                     const AttemptId& id) {
  const auto state = ReadState(host, id);
  if (!state) {
    return std::nullopt;
  }
  if (!state->end) {
    RecordLoss(host, spec, *state);
  }
  return state->end.value_or(
      ReplicaEnd{.reason = EndReason::kUnknown, .status = {}, .time = host.loop.Wall()});
}

void RemoveFiles(const Host& host, const std::string& replica) {
  std::error_code ignored;
  for (const char* const extension : {".json", ".launch", ".lock"}) {
    std::filesystem::remove(host.ReplicaFile(replica, extension), ignored);
  }
}

}  // namespace scaler::local
