#include "scaler/local/cloud/agent_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "common/json_writer.h"
#include "common/text.h"
#include "common/unique_fd.h"
#include "scaler/local/cloud/cloud.h"
#include "scaler/local/expand.h"

namespace scaler::local::cloud {
namespace {

const char* ProviderOf(Protocol protocol) {
  switch (protocol) {
    case Protocol::kAws:
      return "aws";
    case Protocol::kGcp:
      return "gcp";
    case Protocol::kAzure:
      return "azure";
    case Protocol::kNone:
      break;
  }
  return "none";
}

void WriteMetadata(common::JsonWriter& out, const Spec& spec, const Node& node) {
  out.Key("metadata").BeginObject();
  out.Key("provider").String(ProviderOf(node.metadata));
  if (node.metadata != Protocol::kNone) {
    out.Key("address").String(fmt::format("http://127.0.0.1:{}", MetadataPort(spec, node)));
    out.Key("interval").String(common::FormatDuration(spec.agent.metadata_interval));
  }
  out.EndObject();
}

/// Only what may be called between fork and exec, but for Join, which this program, having one
/// thread, may call too.
[[noreturn]] void Become(const Cgroups& cgroups, const std::string& cgroup,
                         std::vector<char*>& arguments, int log) {
  ::setsid();
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::close_range(3, ~0U, 0);
  for (int number = 1; number < NSIG; ++number) {
    ::signal(number, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  if (const auto joined = cgroups.Join(cgroup); !joined) {
    fmt::print(stderr, "cannot join the node: {}\n", joined.error().what);
    ::_exit(126);
  }
  ::execvp(arguments.front(), arguments.data());
  fmt::print(stderr, "cannot run {}: error {}\n", arguments.front(), errno);
  ::_exit(127);
}

}  // namespace

std::string AgentConfig(const Spec& spec, const Node& node) {
  common::JsonWriter out;
  out.BeginObject();
  out.Key("node").BeginObject();
  out.Key("name").String(node.name);
  out.Key("zone").String(node.zone);
  out.Key("capacityType").String(node.type == CapacityType::kSpot ? "spot" : "on-demand");
  out.Key("instanceType").String(node.instance_type);
  out.Key("pool").String(node.pool);
  out.Key("cgroup").String(spec.cgroup_parent + "/" + node.name);
  WriteMetadata(out, spec, node);
  out.EndObject();
  out.Key("signalInterval").String(common::FormatDuration(spec.agent.signal_interval));
  if (spec.agent.lifecycle) {
    out.Key("sources").BeginObject();
    out.Key("lifecycle").BeginObject().Key("path").String(spec.agent.lifecycle->string());
    out.EndObject().EndObject();
  }
  out.EndObject();
  return out.Take() + "\n";
}

std::vector<std::string> AgentCommand(const Spec& spec, const Node& node, const AgentFiles& files) {
  const std::map<std::string, std::string> variables = {
      {"CONFIG", files.config.string()},
      {"STATE", files.state.string()},
      {"NODE", node.name},
      {"PORT", std::to_string(AgentPort(spec, node))}};
  std::vector<std::string> command;
  for (const auto& word : spec.agent.command) {
    command.push_back(Expand(word, variables));
  }
  return command;
}

common::Result<pid_t> StartIn(const Cgroups& cgroups, const std::string& cgroup,
                              const std::vector<std::string>& command,
                              const std::filesystem::path& log) {
  const common::UniqueFd output(
      ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!output) {
    return common::FailErrno(log.string());
  }
  auto words = command;
  std::vector<char*> arguments;
  for (auto& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const auto pid = ::fork();
  if (pid < 0) {
    return common::FailErrno("cannot start " + command.front());
  }
  if (pid == 0) {
    Become(cgroups, cgroup, arguments, output.Get());
  }
  return pid;
}

}  // namespace scaler::local::cloud
