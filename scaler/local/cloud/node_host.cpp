#include "scaler/local/cloud/node_host.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/log.h"
#include "common/replace_file.h"
#include "scaler/local/cloud/agent_process.h"

namespace scaler::local::cloud {
namespace {

using common::Result;
using std::chrono::milliseconds;

constexpr auto kClearAgain = milliseconds(20);
constexpr auto kClearingIsLong = std::chrono::seconds(5);
constexpr auto kLook = milliseconds(1000);
constexpr auto kLongestPause = milliseconds(30'000);
/// The agent's own part of a node, as a DaemonSet's pod would be.
constexpr const char* kAgentCgroup = "/trimtab-agent";

}  // namespace

NodeHost::NodeHost(common::Executor& executor, const Spec& spec, const Store& store,
                   Cgroups cgroups, std::function<void(const std::string&)> cleared)
    : executor_(executor),
      spec_(spec),
      store_(store),
      cgroups_(std::move(cgroups)),
      cleared_(std::move(cleared)) {}

std::string NodeHost::CgroupOf(const std::string& node) const {
  return spec_.cgroup_parent + "/" + node;
}

void NodeHost::Reconcile(const std::vector<Node>& nodes) {
  std::set<std::string> there;
  for (const auto& node : nodes) {
    there.insert(node.name);
    auto& work = work_[node.name];
    work.node = node;
    if (!node.going) {
      if (!work.timer) {
        Keep(work);
      }
    } else if (!work.clearing) {
      work.clearing = true;
      work.told = false;
      work.clearing_since = executor_.Monotonic();
      Clear(node.name);
    }
  }
  std::erase_if(work_, [&](const auto& entry) { return !there.contains(entry.first); });
}

void NodeHost::Make(Work& work) {
  const auto& node = work.node;
  const Resources limits{.cpu_request_cores = node.kind.cpu_cores,
                         .memory_request_bytes = {},
                         .cpu_limit_cores = node.kind.cpu_cores,
                         .memory_limit_bytes = static_cast<std::uint64_t>(node.kind.memory_bytes)};
  const auto cgroup = CgroupOf(node.name);
  const auto made =
      cgroups_.Prepare(cgroup).and_then([&] { return cgroups_.Create(cgroup, limits); });
  work.made = made.has_value();
  if (!made && !std::exchange(work.told, true)) {
    common::log::Error("a node cannot be made",
                       {{"node", node.name}, {"error", made.error().what}});
  }
}

void NodeHost::Keep(Work& work) {
  if (!work.made) {
    Make(work);
  }
  auto next = kLook;
  if (work.made && work.node.running_at && !spec_.agent.command.empty()) {
    KeepAgent(work);
    next = std::max(next, work.agent_pause);
  } else if (work.made) {
    // Nothing more until it runs, which Reconcile is told.
    work.timer.reset();
    return;
  }
  work.timer = executor_.After(next, [this, &work] { Keep(work); });
}

void NodeHost::KeepAgent(Work& work) {
  const auto& node = work.node;
  const auto cgroup = CgroupOf(node.name) + kAgentCgroup;
  if (!cgroups_.Processes(cgroup).empty()) {
    work.agent_pause = milliseconds(0);
    return;
  }
  const auto directory = store_.NodeDirectory(node.name);
  const AgentFiles files{directory / "agent.yaml", directory / "agent", directory / "agent.log"};
  std::error_code ignored;
  std::filesystem::create_directories(files.state, ignored);
  const auto started =
      common::ReplaceFile(files.config, AgentConfig(spec_, node), common::Survives::kOurEnd)
          .and_then([&] { return cgroups_.Create(cgroup, {}); })
          .and_then([&] {
            return StartIn(cgroups_, cgroup, AgentCommand(spec_, node, files), files.log);
          });
  if (!started || work.agent_pause > milliseconds(0)) {
    common::log::Warning("the agent of a node does not stay",
                         {{"node", node.name},
                          {"log", files.log.string()},
                          {"error", started ? "it ended" : started.error().what}});
  }
  work.agent_pause =
      std::clamp(work.agent_pause * 2, milliseconds(kLook), milliseconds(kLongestPause));
}

void NodeHost::Clear(const std::string& node) {
  const auto cgroup = CgroupOf(node);
  cgroups_.KillAll(cgroup);
  const auto removed = cgroups_.RemoveAll(cgroup);
  auto& work = work_[node];
  if (removed) {
    std::error_code ignored;
    std::filesystem::remove_all(store_.NodeDirectory(node), ignored);
    work.timer = executor_.After(milliseconds(0), [this, node] { cleared_(node); });
    return;
  }
  if (executor_.Monotonic() - work.clearing_since > kClearingIsLong &&
      !std::exchange(work.told, true)) {
    common::log::Warning("what a node had is hard to remove",
                         {{"node", node}, {"error", removed.error().what}});
  }
  work.timer = executor_.After(kClearAgain, [this, node] { Clear(node); });
}

}  // namespace scaler::local::cloud
