#include "scaler/config/config.h"

#include <set>
#include <utility>

#include "common/yaml/parse.h"
#include "scaler/local/config.h"

namespace scaler::config {
namespace {

/// "host:port", with https:// or http:// before it or not.
bool IsAddress(std::string text) {
  if (const auto scheme = text.find("://"); scheme != std::string::npos) {
    if (text.substr(0, scheme) != "https" && text.substr(0, scheme) != "http") {
      return false;
    }
    text.erase(0, scheme + 3);
  }
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    return false;
  }
  return text.find_first_not_of("0123456789", colon + 1) == std::string::npos &&
         text.size() - colon - 1 <= 5 && std::stoul(text.substr(colon + 1)) <= 65535;
}

std::vector<std::string> ReadAgents(const common::yaml::Value& value) {
  std::vector<std::string> agents;
  std::set<std::string> seen;
  for (const auto& item : value.List()) {
    const auto address = item.String();
    if (!address) {
      continue;
    }
    if (!IsAddress(*address)) {
      item.Problem("expected host:port, such as 127.0.0.1:9105, found '" + *address + "'");
    } else if (!seen.insert(*address).second) {
      item.Problem("is listed twice; its requests would count twice");
    }
    agents.push_back(*address);
  }
  return agents;
}

std::optional<PrometheusConfig> ReadPrometheus(const common::yaml::Value& value) {
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  PrometheusConfig config;
  const auto given = map->Required("address");
  const auto address = given.String();
  if (address && !IsAddress(*address)) {
    given.Problem("expected host:port, such as 127.0.0.1:9090, found '" + *address + "'");
  }
  config.address = address.value_or("");
  config.interval = map->Optional("interval")
                        .Duration(std::chrono::seconds(1), std::chrono::hours(1))
                        .value_or(config.interval);
  config.deadline = map->Optional("deadline")
                        .Duration(std::chrono::milliseconds(100), std::chrono::minutes(1))
                        .value_or(config.deadline);
  map->Finish();
  return config;
}

std::vector<ScaledKind> ReadScaledKinds(const common::yaml::Value& value) {
  constexpr std::size_t kMost = 50;
  std::vector<ScaledKind> kinds;
  for (const auto& item : value.List()) {
    auto map = item.AsMap();
    if (!map) {
      continue;
    }
    const auto version = map->Required("apiVersion");
    ScaledKind kind{version.String().value_or("a/b"), map->Required("kind").String().value_or("")};
    const auto slash = kind.api_version.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == kind.api_version.size()) {
      version.Problem("expected group/version, such as argoproj.io/v1alpha1, found '" +
                      kind.api_version + "'");
    }
    map->Finish();
    kinds.push_back(std::move(kind));
  }
  if (kinds.size() > kMost) {
    value.Problem("more than 50 kinds");
  }
  return kinds;
}

KubernetesConfig ReadKubernetes(const common::yaml::Value& value) {
  constexpr double kMostPerSecond = 10'000;
  constexpr int kLargestBurst = 100'000;
  KubernetesConfig config;
  if (value.Kind() == common::yaml::Node::Kind::kNothing) {
    return config;
  }
  auto map = value.AsMap();
  if (!map) {
    return config;
  }
  config.kubeconfig = map->Optional("kubeconfig").String().value_or("");
  config.context = map->Optional("context").String().value_or("");
  config.name_space = map->Optional("namespace").String().value_or("");
  const auto rate = map->Optional("requestsPerSecond").Number(1, kMostPerSecond);
  config.rate.per_second = rate.value_or(config.rate.per_second);
  if (const auto given = map->Optional("placeholders")) {
    if (auto placeholders = given.AsMap()) {
      config.placeholder_image = placeholders->Optional("image").String().value_or("");
      config.placeholder_priority_class =
          placeholders->Optional("priorityClass").String().value_or("");
      placeholders->Finish();
    }
  }
  config.leader_election = map->Optional("leaderElection").Bool().value_or(config.leader_election);
  config.agent_label = map->Optional("agentLabel").String().value_or(config.agent_label);
  config.agent_port = map->Optional("agentPort").Int(1, 65535).value_or(config.agent_port);
  if (const auto kinds = map->Optional("scaledKinds")) {
    config.scaled_kinds = ReadScaledKinds(kinds);
  }
  config.rate.burst = map->Optional("burst").Int(4, kLargestBurst).value_or(config.rate.burst);
  map->Finish();
  return config;
}

}  // namespace

common::Result<Config> ReadConfig(const std::filesystem::path& file) {
  common::yaml::Problems problems(file.string());
  Config config;
  if (auto map = common::yaml::ParseConfiguration(file, problems)) {
    if (const auto agents = map->Optional("agents")) {
      config.agents = ReadAgents(agents);
    }
    if (const auto prometheus = map->Optional("prometheus")) {
      config.prometheus = ReadPrometheus(prometheus);
    }
    if (const auto local = map->Optional("local")) {
      config.local = local::ReadSpec(local);
    }
    if (const auto kubernetes = map->Optional("kubernetes")) {
      config.kubernetes = ReadKubernetes(kubernetes);
    }
    map->Finish();
  }
  if (!problems.Empty()) {
    return tl::make_unexpected(problems.AsError());
  }
  return config;
}

}  // namespace scaler::config
