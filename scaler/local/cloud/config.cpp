#include "scaler/local/cloud/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "common/yaml/parse.h"

namespace scaler::local::cloud {
namespace {

using common::yaml::Value;
using std::chrono::milliseconds;

/// Room in the names of cgroups for "-ZONE-NUMBER".
constexpr std::size_t kLongestName = 40;
constexpr int kMostNodes = 10'000;
constexpr int kMostPods = 1'000;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Becomes part of paths.
bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && IsLowerOrDigit(name.front()) &&
         IsLowerOrDigit(name.back()) && std::all_of(name.begin(), name.end(), [](char c) {
           return IsLowerOrDigit(c) || c == '-';
         });
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

std::vector<std::string> ReadZones(const Value& value) {
  auto zones = value.Strings();
  std::set<std::string> seen;
  for (const auto& zone : zones) {
    if (!IsName(zone)) {
      value.Problem(fmt::format("'{}' is no name of a zone: small letters, digits and '-'", zone));
    } else if (!seen.insert(zone).second) {
      value.Problem(fmt::format("names the zone {} twice", zone));
    }
  }
  if (value.Present() && zones.empty() && value.List().empty()) {
    value.Problem("names no zone");
  }
  return zones;
}

double Within(const Value& value, double least, double most, std::string_view what) {
  const auto amount = value.Quantity();
  if (amount && (*amount < least || *amount > most)) {
    value.Problem(std::string(what));
  }
  return amount.value_or(0);
}

/// What a node of the pool is.
void ReadNode(const Value& value, PoolSpec& pool) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  pool.kind.cpu_cores =
      Within(map->Required("cpu"), 0.01, 100'000, "a node's cpu lies between 10m and 100k");
  pool.kind.memory_bytes = Within(map->Required("memory"), 16.0 * 1024 * 1024, 1e15,
                                  "a node's memory lies between 16Mi and 1P");
  Take(map->Optional("pods").Int(1, kMostPods), pool.kind.pods);
  for (const auto& [key, label] : map->Optional("labels").StringMap()) {
    pool.kind.labels.push_back({key, label});
  }
  const auto taints = map->Optional("taints");
  pool.kind.taints = taints.Strings();
  for (const auto& taint : pool.kind.taints) {
    if (taint.find('=') == std::string::npos || taint.front() == '=') {
      taints.Problem(fmt::format("'{}' is no taint; write key=value", taint));
    }
  }
  Take(map->Optional("instanceType").String(), pool.instance_type);
  map->Finish();
}

void ReadBoot(const Value& value, PoolSpec& pool) {
  if (auto map = value.AsMap()) {
    Take(map->Optional("time").Duration(milliseconds(0), std::chrono::hours(1)), pool.boot_time);
    Take(map->Optional("jitter").Duration(milliseconds(0), std::chrono::hours(1)),
         pool.boot_jitter);
    map->Finish();
  }
}

PoolSpec ReadPool(const std::string& name, const Value& value) {
  PoolSpec pool;
  pool.name = name;
  pool.instance_type = name;
  if (!IsName(name)) {
    value.Problem(
        fmt::format("a pool's name has at most {} small letters, digits and '-'", kLongestName));
  }
  auto map = value.AsMap();
  if (!map) {
    return pool;
  }
  Take(map->Required("capacityType")
           .Enum<CapacityType>(
               {{"on-demand", CapacityType::kOnDemand}, {"spot", CapacityType::kSpot}}),
       pool.type);
  pool.zones = ReadZones(map->Required("zones"));
  ReadNode(map->Required("node"), pool);
  Take(map->Required("pricePerHour").Number(0, 1e6), pool.kind.price_per_hour);
  Take(map->Required("quota").Int(0, kMostNodes), pool.quota);
  ReadBoot(map->Optional("boot"), pool);
  Take(map->Optional("metadata")
           .Enum<Protocol>({{"none", Protocol::kNone},
                            {"aws", Protocol::kAws},
                            {"gcp", Protocol::kGcp},
                            {"azure", Protocol::kAzure}}),
       pool.metadata);
  map->Finish();
  return pool;
}

PortRange ReadPorts(const Value& value, PortRange ports) {
  if (auto map = value.AsMap()) {
    Take(map->Required("first").Int(1024, 65535), ports.first);
    Take(map->Required("last").Int(1024, 65535), ports.last);
    map->Finish();
    if (ports.first >= ports.last) {
      value.Problem("a node needs two ports: the first must be below the last");
    }
  }
  return ports;
}

AgentSpec ReadAgent(const Value& value) {
  AgentSpec agent;
  auto map = value.AsMap();
  if (!map) {
    return agent;
  }
  const auto command = map->Required("command");
  agent.command = command.Strings();
  if (command.Present() && agent.command.empty() && command.List().empty()) {
    command.Problem("names no program");
  }
  if (const auto lifecycle = map->Optional("lifecycle").String()) {
    agent.lifecycle = *lifecycle;
  }
  if (const auto targets = map->Optional("targets").String()) {
    agent.targets = *targets;
  }
  const auto least = milliseconds(50);
  Take(map->Optional("signalInterval").Duration(least, std::chrono::seconds(2)),
       agent.signal_interval);
  Take(map->Optional("metadataInterval").Duration(least, std::chrono::seconds(60)),
       agent.metadata_interval);
  map->Finish();
  return agent;
}

void ReadAll(common::yaml::Map& map, Spec& spec) {
  if (const auto socket = map.Optional("socket").String()) {
    spec.socket = *socket;
  }
  const auto parent = map.Optional("cgroupParent");
  Take(parent.String(), spec.cgroup_parent);
  if (!IsRelativePath(spec.cgroup_parent)) {
    parent.Problem("a path below each controller's mount, such as trimtab");
  }
  spec.ports = ReadPorts(map.Optional("ports"), spec.ports);
  Take(map.Optional("onExit").Enum<OnExit>({{"keep", OnExit::kKeep}, {"stop", OnExit::kStop}}),
       spec.on_exit);
  const auto seed = map.Optional("seed").Int(0);
  spec.seed = static_cast<std::uint64_t>(seed.value_or(1));
  spec.agent = ReadAgent(map.Optional("agent"));
  for (const auto& [name, pool] : map.Required("pools").Entries()) {
    spec.pools.push_back(ReadPool(name, pool));
  }
  std::sort(spec.pools.begin(), spec.pools.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  map.Finish();
}

}  // namespace

common::Result<Spec> ReadConfig(const std::filesystem::path& file) {
  common::yaml::Problems problems(file.string());
  Spec spec;
  if (auto map = common::yaml::ParseConfiguration(file, problems)) {
    ReadAll(*map, spec);
  }
  if (!problems.Empty()) {
    return tl::make_unexpected(problems.AsError());
  }
  return spec;
}

}  // namespace scaler::local::cloud
