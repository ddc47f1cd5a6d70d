#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "scaler/policy/read_kinds.h"
#include "scaler/policy/reading.h"

namespace scaler::policy {
namespace {

using common::yaml::Map;
using common::yaml::Value;
using engine::capacity::CapacityType;
using engine::capacity::Pool;
using engine::capacity::Shape;
using engine::capacity::Spare;
using engine::capacity::SpotRules;
using namespace std::chrono_literals;

constexpr std::size_t kMostPools = 64;
constexpr std::size_t kMostShapes = 64;
constexpr int kMostNodes = 10'000;

/// What names a group of nodes at each of those who make nodes; '?' where it may be left out.
struct Provider {
  std::string_view name;
  std::initializer_list<std::string_view> keys;
};

const std::array<Provider, 5>& Providers() {
  static const std::array<Provider, 5> kProviders = {{
      {"aws", {"autoScalingGroup", "region?"}},
      {"gcp", {"project", "zone", "instanceGroup"}},
      {"azure", {"subscription?", "resourceGroup", "scaleSet"}},
      {"clusterApi", {"namespace", "machineDeployment"}},
      {"local", {"group"}},
  }};
  return kProviders;
}

void ReadProviderKeys(const Provider& provider, const Value& value, Pool& pool) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  for (auto key : provider.keys) {
    const bool optional = key.ends_with('?');
    key.remove_suffix(optional ? 1 : 0);
    if (const auto text = ReadString(optional ? map->Optional(key) : map->Required(key))) {
      pool.provider.emplace(fmt::format("{}.{}", provider.name, key), *text);
    }
  }
  map->Finish();
}

void ReadProvider(const Value& value, Pool& pool) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  int given = 0;
  for (const auto& provider : Providers()) {
    if (const auto keys = map->Optional(provider.name)) {
      ReadProviderKeys(provider, keys, pool);
      ++given;
    }
  }
  map->Finish();
  if (given != 1) {
    value.Problem("expected one of aws, gcp, azure, clusterApi, local");
  }
}

void ReadNodes(const Value& value, Pool& pool) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto least = map->Optional("min");
  const auto most = map->Required("max");
  map->Finish();
  const auto min = least.Int(0, kMostNodes);
  const auto max = most.Int(0, kMostNodes);
  pool.min_nodes = min.value_or(0);
  pool.max_nodes = max.value_or(0);
  if (min && max && *min > *max) {
    least.Problem(fmt::format("must be at most max ({}), found {}", *max, *min));
  }
}

Pool ReadPool(const std::string& name, const Value& value) {
  Pool pool;
  pool.name = name;
  if (auto map = value.AsMap()) {
    pool.type = map->Optional("capacityType")
                    .Enum<CapacityType>(
                        {{"on-demand", CapacityType::kOnDemand}, {"spot", CapacityType::kSpot}})
                    .value_or(pool.type);
    ReadNodes(map->Required("nodes"), pool);
    ReadProvider(map->Required("provider"), pool);
    map->Finish();
  }
  return pool;
}

Shape ReadShape(const std::string& name, const Value& value) {
  Shape shape;
  shape.name = name;
  if (auto map = value.AsMap()) {
    shape.cpu_cores = ReadAmount(map->Required("cpu")).value_or(0);
    shape.memory_bytes = ReadAmount(map->Required("memory")).value_or(0);
    shape.count = map->Required("count").Int(1, kMostReplicas).value_or(0);
    map->Finish();
  }
  return shape;
}

template <typename T, typename Read>
std::vector<T> ReadByName(const Value& value, std::size_t most, const Read& read) {
  std::vector<T> all;
  if (value) {
    for (const auto& [name, given] : ReadNamed(value, most)) {
      all.push_back(read(name, given));
    }
  }
  std::sort(all.begin(), all.end(),
            [](const T& left, const T& right) { return left.name < right.name; });
  return all;
}

void ReadSurvive(const Value& value, std::optional<engine::capacity::Survive>& survive) {
  if (auto map = value.AsMap()) {
    (void)map->Required("loss").Enum<int>({{"largestNode", 1}});
    const bool per_zone =
        map->Optional("per").Enum<bool>({{"zone", true}, {"cluster", false}}).value_or(false);
    map->Finish();
    survive = engine::capacity::Survive{.per_zone = per_zone};
  }
}

void ReadSpare(const Value& value, CapacityPolicy& policy) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  auto& spare = policy.terms.spare;
  const auto survive = map->Optional("survive");
  const auto shapes = map->Optional("shapes");
  const auto schedules = map->Optional("schedules");
  ReadSurvive(survive, spare.survive);
  spare.shapes = ReadByName<Shape>(shapes, kMostShapes, ReadShape);
  ReadSchedules(schedules, policy.schedules);
  spare.by = map->Optional("by")
                 .Enum<Spare::By>({{"placeholderPods", Spare::By::kPlaceholderPods},
                                   {"nodeGroups", Spare::By::kNodeGroups}})
                 .value_or(spare.by);
  map->Finish();
  if (!survive && !shapes) {
    value.Problem("expected survive or shapes: what must still fit");
  }
}

void ReadSpot(const Value& value, std::optional<SpotRules>& spot) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  SpotRules rules{
      .share = 1, .min_dedicated_nodes = 0, .fallback_after = 60s, .return_after = 30min};
  const auto share = map->Optional("share");
  const auto given = share.Percent();
  if (given && *given > 1) {
    share.Problem("must be at most 100%");
  }
  rules.share = given.value_or(rules.share);
  rules.min_dedicated_nodes =
      map->Optional("minDedicatedNodes").Int(0, kMostNodes).value_or(rules.min_dedicated_nodes);
  rules.fallback_after =
      map->Optional("fallbackAfter").Duration(1s, 24h).value_or(rules.fallback_after);
  rules.return_after =
      map->Optional("returnAfter").Duration(1s, 7 * 24h).value_or(rules.return_after);
  map->Finish();
  spot = rules;
}

void ReadDisruption(const Value& value, engine::capacity::Disruption& disruption) {
  if (auto map = value.AsMap()) {
    disruption.nodes_at_once =
        map->Optional("nodesAtOnce").Int(1, kMostNodes).value_or(disruption.nodes_at_once);
    disruption.nodes_per_hour =
        map->Optional("nodesPerHour").Int(0, kMostNodes).value_or(disruption.nodes_per_hour);
    map->Finish();
  }
}

}  // namespace

CapacityPolicy ReadCapacity(Map& document) {
  CapacityPolicy policy;
  ReadMetadata(document.Required("metadata"), policy.terms.name, nullptr);
  const auto spec = document.Required("spec");
  auto map = spec.AsMap();
  if (!map) {
    return policy;
  }
  const auto pools = map->Optional("pools");
  policy.terms.pools = ReadByName<Pool>(pools, kMostPools, ReadPool);
  if (pools.Kind() == common::yaml::Node::Kind::kMap && pools.Entries().empty()) {
    pools.Problem("expected at least one pool");
  }
  ReadSpare(map->Optional("spare"), policy);
  if (!pools && policy.terms.spare.by != Spare::By::kPlaceholderPods) {
    spec.Problem(
        "expected pools, or spare.by: placeholderPods where somebody else makes the nodes");
  }
  ReadSpot(map->Optional("spot"), policy.terms.spot);
  ReadDisruption(map->Optional("disruption"), policy.terms.disruption);
  map->Finish();
  return policy;
}

}  // namespace scaler::policy
