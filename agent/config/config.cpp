#include "agent/config/config.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/http/address.h"
#include "common/yaml/parse.h"

namespace agent::config {
namespace {

using common::yaml::Map;
using common::yaml::Problems;
using common::yaml::Value;

constexpr auto kShortestInterval = std::chrono::milliseconds(50);
// The scaler takes an agent that is silent for longer than a few seconds for lost.
constexpr auto kLongestInterval = std::chrono::milliseconds(2000);
constexpr std::size_t kMostTenantsToldOneByOne = 2000;

/// Where each cloud's service is, as seen from a node.
constexpr const char* kUsualMetadata = "http://169.254.169.254";

std::optional<interruption::WatcherOptions> ReadMetadata(const Value& value) {
  using interruption::Provider;
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  interruption::WatcherOptions options;
  const auto provider = map->Required("provider")
                            .Enum<std::optional<Provider>>({{"none", std::nullopt},
                                                            {"aws", Provider::kAws},
                                                            {"gcp", Provider::kGcp},
                                                            {"azure", Provider::kAzure}});
  const auto given = map->Optional("address");
  options.address = given.String().value_or(kUsualMetadata);
  const auto address = common::http::ParseAddress(options.address);
  if (!address) {
    given.Problem(address.error().what);
  } else if (address->tls) {
    given.Problem("metadata services speak no TLS; write http://HOST");
  }
  options.interval = map->Optional("interval")
                         .Duration(std::chrono::milliseconds(50), std::chrono::seconds(60))
                         .value_or(options.interval);
  options.deadline = map->Optional("deadline")
                         .Duration(std::chrono::milliseconds(50), std::chrono::seconds(10))
                         .value_or(options.deadline);
  map->Finish();
  if (!provider || !*provider) {
    return std::nullopt;
  }
  options.provider = **provider;
  return options;
}

/// A path below each controller's mount, without anything that leads out of it.
std::string ReadSlice(const Value& value) {
  const auto slice = value.String().value_or("");
  const std::filesystem::path path = slice;
  const bool leads_out = std::any_of(path.begin(), path.end(), [](const auto& part) {
    return part.empty() || part == "." || part == "..";
  });
  if (path.is_absolute() || leads_out) {
    value.Problem("a path below each controller's mount, such as trimtab/node-1");
  }
  return slice;
}

Node ReadNode(const Value& value) {
  Node node;
  if (auto map = value.AsMap()) {
    node.name = map->Optional("name").String().value_or("");
    node.zone = map->Optional("zone").String().value_or("");
    node.capacity_type =
        map->Optional("capacityType")
            .Enum<std::string>(
                {{"on-demand", "on-demand"}, {"spot", "spot"}, {"reserved", "reserved"}})
            .value_or("");
    node.instance_type = map->Optional("instanceType").String().value_or("");
    node.pool = map->Optional("pool").String().value_or("");
    node.cgroup = ReadSlice(map->Optional("cgroup"));
    node.metadata = ReadMetadata(map->Optional("metadata"));
    map->Finish();
  }
  return node;
}

std::optional<Kubernetes> ReadKubernetes(const Value& value) {
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  Kubernetes kubernetes;
  kubernetes.node_name = map->Optional("nodeName").String().value_or("");
  kubernetes.kubeconfig = map->Optional("kubeconfig").String().value_or("");
  const auto context = map->Optional("context");
  kubernetes.context = context.String().value_or("");
  if (!kubernetes.context.empty() && kubernetes.kubeconfig.empty()) {
    context.Problem("a context is one of a kubeconfig, which is not given");
  }
  map->Finish();
  return kubernetes;
}

requests::Tenant ReadTenant(const std::string& id, const Value& value) {
  requests::Tenant tenant;
  tenant.id = id;
  if (auto map = value.AsMap()) {
    tenant.hosts = map->Required("hosts").Strings();
    tenant.backend = map->Optional("backend").String().value_or("");
    map->Finish();
  }
  return tenant;
}

/// The one key of a source, "path" or "socket".
std::optional<std::filesystem::path> ReadSource(const Value& value, std::string_view key) {
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  const auto path = map->Required(key).String();
  map->Finish();
  return path ? std::optional<std::filesystem::path>(*path) : std::nullopt;
}

void ReadLifecycle(const Value& value, Config& config) {
  if (auto map = value.AsMap()) {
    if (const auto path = map->Required("path").String()) {
      config.lifecycle = *path;
    }
    config.tell_containers = map->Optional("containers").Bool().value_or(true);
    map->Finish();
  }
}

void ReadSources(const Value& value, Config& config) {
  if (auto map = value.AsMap()) {
    config.access_log = ReadSource(map->Optional("accessLog"), "path");
    config.haproxy_socket = ReadSource(map->Optional("haproxy"), "socket");
    ReadLifecycle(map->Optional("lifecycle"), config);
    map->Finish();
  }
}

/// Says for each tenant by itself why it cannot be beside those before it. Takes a registry a
/// tenant, so only where something is wrong, and not for very many.
void TellTenantProblems(const std::vector<std::pair<std::string, Value>>& entries,
                        const std::vector<requests::Tenant>& tenants) {
  std::vector<requests::Tenant> good;
  for (std::size_t index = 0; index < tenants.size(); ++index) {
    good.push_back(tenants[index]);
    if (const auto registry = requests::TenantRegistry::Make(good); !registry) {
      entries[index].second.Problem(registry.error().what);
      good.pop_back();
    }
  }
}

void ReadTenants(const Value& value, Config& config) {
  const auto entries = value.Entries();
  std::vector<requests::Tenant> tenants;
  for (const auto& [id, tenant] : entries) {
    tenants.push_back(ReadTenant(id, tenant));
  }
  auto registry = requests::TenantRegistry::Make(tenants);
  if (registry) {
    config.tenants = std::move(*registry);
  } else if (tenants.size() <= kMostTenantsToldOneByOne) {
    TellTenantProblems(entries, tenants);
  } else {
    value.Problem(registry.error().what);
  }
}

}  // namespace

common::Result<Config> ReadConfig(const std::filesystem::path& path) {
  Problems problems(path.string());
  Config config;
  if (auto map = common::yaml::ParseConfiguration(path, problems)) {
    config.node = ReadNode(map->Optional("node"));
    config.signal_interval = map->Optional("signalInterval")
                                 .Duration(kShortestInterval, kLongestInterval)
                                 .value_or(config.signal_interval);
    ReadSources(map->Optional("sources"), config);
    ReadTenants(map->Optional("tenants"), config);
    config.kubernetes = ReadKubernetes(map->Optional("kubernetes"));
    map->Finish();
  }
  if (!problems.Empty()) {
    return tl::make_unexpected(problems.AsError());
  }
  return config;
}

}  // namespace agent::config
