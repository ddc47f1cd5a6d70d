#include "scaler/local/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

namespace scaler::local {
namespace {

using common::yaml::Map;
using common::yaml::Value;
using std::chrono::milliseconds;

/// Room in names of files, cgroups and HAProxy's servers for "-<number>.<attempt>".
constexpr std::size_t kLongestName = 63;
constexpr int kMostReplicas = 10'000;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// As Kubernetes names things: the name becomes part of paths and of HAProxy's commands.
bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && IsLowerOrDigit(name.front()) &&
         IsLowerOrDigit(name.back()) && std::all_of(name.begin(), name.end(), [](char c) {
           return IsLowerOrDigit(c) || c == '-' || c == '.';
         });
}

/// What HAProxy itself takes as the name of a proxy.
bool IsProxyName(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z') ||
           std::string_view("-_.:").find(c) != std::string_view::npos;
  });
}

bool IsUrlPath(std::string_view path) {
  return path.substr(0, 1) == "/" && path.size() <= 1024 &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

bool IsRelativePath(const std::filesystem::path& path) {
  return !path.empty() && path.is_relative() &&
         std::none_of(path.begin(), path.end(),
                      [](const auto& part) { return part.empty() || part == "." || part == ".."; });
}

template <typename T>
void Take(std::optional<T> from, T& to) {
  if (from) {
    to = std::move(*from);
  }
}

std::optional<double> Cores(const Value& value) {
  const auto cores = value.Quantity();
  if (cores && (*cores < 0.001 || *cores > 100'000)) {
    value.Problem("a cpu quantity lies between 1m and 100k");
    return std::nullopt;
  }
  return cores;
}

std::optional<std::uint64_t> Bytes(const Value& value) {
  const auto bytes = value.Quantity();
  if (bytes && (*bytes < 64.0 * 1024 || *bytes > 1e15)) {
    value.Problem("a memory quantity lies between 64Ki and 1P");
    return std::nullopt;
  }
  return bytes ? std::optional(static_cast<std::uint64_t>(std::llround(*bytes))) : std::nullopt;
}

/// `requests:` or `limits:`.
void ReadAmounts(const Value& value, std::optional<double>& cores,
                 std::optional<std::uint64_t>& bytes) {
  if (auto map = value.AsMap()) {
    cores = Cores(map->Optional("cpu"));
    bytes = Bytes(map->Optional("memory"));
    map->Finish();
  }
}

Resources ReadResources(const Value& value) {
  Resources resources;
  if (auto map = value.AsMap()) {
    ReadAmounts(map->Optional("requests"), resources.cpu_request_cores,
                resources.memory_request_bytes);
    ReadAmounts(map->Optional("limits"), resources.cpu_limit_cores, resources.memory_limit_bytes);
    map->Finish();
    const auto check = [&](const auto& request, const auto& limit, std::string_view name) {
      if (request && limit && *request > *limit) {
        value.Problem(fmt::format("requests more {} than its limit", name));
      }
    };
    check(resources.cpu_request_cores, resources.cpu_limit_cores, "cpu");
    check(resources.memory_request_bytes, resources.memory_limit_bytes, "memory");
  }
  return resources;
}

HealthSpec ReadHealth(const Value& value) {
  HealthSpec health;
  if (auto map = value.AsMap()) {
    const auto path = map->Optional("path");
    Take(path.String(), health.path);
    if (!health.path.empty() && !IsUrlPath(health.path)) {
      path.Problem("a path begins with / and holds neither blanks nor control characters");
    }
    Take(map->Optional("period").Duration(milliseconds(10)), health.period);
    Take(map->Optional("timeout").Duration(milliseconds(10)), health.timeout);
    Take(map->Optional("failureThreshold").Int(1, 1000), health.failure_threshold);
    Take(map->Optional("startTimeout").Duration(milliseconds(100)), health.start_timeout);
    map->Finish();
  }
  return health;
}

RestartSpec ReadRestart(const Value& value) {
  RestartSpec restart;
  if (auto map = value.AsMap()) {
    Take(map->Optional("initialBackoff").Duration(milliseconds(10)), restart.initial_back_off);
    Take(map->Optional("maxBackoff").Duration(milliseconds(10)), restart.max_back_off);
    map->Finish();
    if (restart.initial_back_off > restart.max_back_off) {
      value.Problem("initialBackoff is longer than maxBackoff");
    }
  }
  return restart;
}

std::vector<std::string> ReadCommand(const Value& value) {
  auto command = value.Strings();
  if (value.Present() && command.empty() && value.List().empty()) {
    value.Problem("names no program");
  }
  return command;
}

std::map<std::string, std::string> ReadEnv(const Value& value) {
  auto env = value.StringMap();
  for (const auto& [name, text] : env) {
    if (name.find('=') != std::string::npos) {
      value.Problem(fmt::format("'{}' is no name of a variable", name));
    }
  }
  return env;
}

WorkloadSpec ReadWorkload(const std::string& name, const Value& value) {
  WorkloadSpec workload;
  workload.name = name;
  workload.backend = name;
  if (!IsName(name)) {
    value.Problem(fmt::format("a workload's name has at most {} small letters, digits, '-' and '.'",
                              kLongestName));
  }
  auto map = value.AsMap();
  if (!map) {
    return workload;
  }
  workload.labels = map->Optional("labels").StringMap();
  workload.command = ReadCommand(map->Required("command"));
  workload.env = ReadEnv(map->Optional("env"));
  workload.resources = ReadResources(map->Optional("resources"));
  workload.health = ReadHealth(map->Optional("health"));
  workload.restart = ReadRestart(map->Optional("restart"));
  Take(map->Optional("gracePeriod").Duration(), workload.grace_period);
  const auto backend = map->Optional("backend");
  Take(backend.String(), workload.backend);
  if (backend.Present() && !IsProxyName(workload.backend)) {
    backend.Problem("a backend's name has letters, digits, '-', '_', '.' and ':'");
  }
  Take(map->Optional("replicas").Int(0, kMostReplicas), workload.replicas);
  map->Finish();
  return workload;
}

std::vector<WorkloadSpec> ReadWorkloads(const Value& value) {
  std::vector<WorkloadSpec> workloads;
  std::set<std::string> backends;
  for (const auto& [name, entry] : value.Entries()) {
    workloads.push_back(ReadWorkload(name, entry));
    if (!backends.insert(workloads.back().backend).second) {
      entry.Problem(
          fmt::format("another workload has the backend '{}' already", workloads.back().backend));
    }
  }
  std::sort(workloads.begin(), workloads.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  return workloads;
}

PortRange ReadPorts(const Value& value) {
  PortRange ports;
  if (auto map = value.AsMap()) {
    Take(map->Required("first").Int(1, 65535), ports.first);
    Take(map->Required("last").Int(1, 65535), ports.last);
    map->Finish();
    if (ports.first > ports.last) {
      value.Problem("the first port is above the last");
    }
  }
  return ports;
}

/// Of `haproxy:` or `cloud:`.
std::optional<std::filesystem::path> ReadSocket(const Value& value) {
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  const auto socket = map->Required("socket").String();
  map->Finish();
  return socket ? std::optional<std::filesystem::path>(*socket) : std::nullopt;
}

}  // namespace

Spec ReadSpec(const Value& local) {
  Spec spec;
  auto map = local.AsMap();
  if (!map) {
    return spec;
  }
  const auto parent = map->Optional("cgroupParent");
  Take(parent.String(), spec.cgroup_parent);
  if (!IsRelativePath(spec.cgroup_parent)) {
    parent.Problem("a path below each controller's mount, such as trimtab");
  }
  if (const auto lifecycle = map->Optional("lifecycle").String()) {
    spec.lifecycle = *lifecycle;
  }
  spec.ports = ReadPorts(map->Optional("ports"));
  spec.haproxy_socket = ReadSocket(map->Optional("haproxy"));
  spec.cloud_socket = ReadSocket(map->Optional("cloud"));
  Take(map->Optional("onExit").Enum<OnExit>({{"keep", OnExit::kKeep}, {"stop", OnExit::kStop}}),
       spec.on_exit);
  spec.workloads = ReadWorkloads(map->Optional("workloads"));
  map->Finish();
  return spec;
}

}  // namespace scaler::local
