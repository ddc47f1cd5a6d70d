#include "scaler/kubernetes/nodes/placeholder_manifest.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "common/json_writer.h"
#include "scaler/kubernetes/nodes/cluster_pod.h"

namespace scaler::kubernetes::nodes {
namespace {

using common::JsonWriter;
using engine::capacity::Placeholder;

constexpr std::size_t kLongestName = 40;

/// FNV-1a, which is the same in every build.
std::uint32_t Digest(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  return hash;
}

/// The name as it may stand in labels and names; two that differ stay two.
std::string SafeName(const std::string& name) {
  std::string safe;
  for (const char c : name.substr(0, kLongestName)) {
    const bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool upper = c >= 'A' && c <= 'Z';
    safe += lower ? c : upper ? static_cast<char>(c - 'A' + 'a') : '-';
  }
  return safe == name && safe.back() != '-' ? safe : fmt::format("{}-{:08x}", safe, Digest(name));
}

void WriteLabels(const std::string& name, JsonWriter& json) {
  json.BeginObject();
  json.Key("app.kubernetes.io/name").String(kPlaceholderName);
  json.Key("app.kubernetes.io/instance").String(name);
  json.Key("app.kubernetes.io/part-of").String("trimtab");
  json.Key("app.kubernetes.io/managed-by").String("trimtab-scaler");
  json.EndObject();
}

void WriteContainer(const Placeholder& placeholder, const PlaceholderOptions& options,
                    JsonWriter& json) {
  json.BeginObject().Key("name").String("placeholder").Key("image").String(options.image);
  json.Key("resources").BeginObject().Key("requests").BeginObject();
  const auto milli = static_cast<std::int64_t>(std::ceil(placeholder.cpu_cores * 1000 - 1e-6));
  json.Key("cpu").String(fmt::format("{}m", milli));
  json.Key("memory").String(fmt::format("{:.0f}", std::ceil(placeholder.memory_bytes)));
  json.EndObject().EndObject();
  json.Key("securityContext").BeginObject();
  json.Key("allowPrivilegeEscalation").Bool(false).Key("readOnlyRootFilesystem").Bool(true);
  json.Key("capabilities").BeginObject().Key("drop").BeginArray().String("ALL").EndArray();
  json.EndObject().EndObject().EndObject();
}

/// Where there is no zone for it, evenly over zones as far as there is room: spare in one zone is
/// better than none.
void WriteSpread(const std::string& name, JsonWriter& json) {
  json.Key("topologySpreadConstraints").BeginArray().BeginObject();
  json.Key("maxSkew").Integer(1).Key("topologyKey").String("topology.kubernetes.io/zone");
  json.Key("whenUnsatisfiable").String("ScheduleAnyway");
  json.Key("labelSelector").BeginObject().Key("matchLabels").BeginObject();
  json.Key("app.kubernetes.io/instance").String(name);
  json.EndObject().EndObject().EndObject().EndArray();
}

void WriteTolerations(const std::vector<std::string>& taints, JsonWriter& json) {
  json.Key("tolerations").BeginArray();
  for (const auto& taint : taints) {
    const auto sign = taint.find('=');
    json.BeginObject().Key("key").String(taint.substr(0, sign)).Key("operator").String("Equal");
    json.Key("value").String(sign == std::string::npos ? "" : taint.substr(sign + 1)).EndObject();
  }
  json.EndArray();
}

std::string TemplateOf(const Placeholder& placeholder, const PlaceholderOptions& options) {
  const auto name = SafeName(placeholder.name);
  JsonWriter json;
  json.BeginObject().Key("metadata").BeginObject().Key("labels");
  WriteLabels(name, json);
  json.Key("annotations").BeginObject();
  json.Key("cluster-autoscaler.kubernetes.io/safe-to-evict").String("true");
  json.EndObject().EndObject().Key("spec").BeginObject();
  json.Key("priorityClassName").String(options.priority_class);
  json.Key("terminationGracePeriodSeconds").Integer(0);
  json.Key("automountServiceAccountToken").Bool(false).Key("enableServiceLinks").Bool(false);
  json.Key("securityContext").BeginObject();
  json.Key("runAsNonRoot").Bool(true).Key("runAsUser").Integer(65535);
  json.Key("seccompProfile").BeginObject().Key("type").String("RuntimeDefault").EndObject();
  json.EndObject();
  if (placeholder.zone.empty()) {
    WriteSpread(name, json);
  } else {
    json.Key("nodeSelector").BeginObject();
    json.Key("topology.kubernetes.io/zone").String(placeholder.zone).EndObject();
  }
  WriteTolerations(placeholder.tolerations, json);
  json.Key("containers").BeginArray();
  WriteContainer(placeholder, options, json);
  json.EndArray().EndObject().EndObject();
  return json.Take();
}

std::string OwnersOf(const PlaceholderOwner& owner) {
  JsonWriter json;
  json.BeginArray();
  if (!owner.uid.empty()) {
    json.BeginObject().Key("apiVersion").String("trimtab.io/v1alpha1");
    json.Key("kind").String("CapacityPolicy").Key("name").String(owner.name);
    json.Key("uid").String(owner.uid).EndObject();
  }
  json.EndArray();
  return json.Take();
}

}  // namespace

std::string DeploymentNameOf(const Placeholder& placeholder) {
  return fmt::format("{}-{}", kPlaceholderName, SafeName(placeholder.name));
}

std::string PlaceholderManifest::Json(const std::string& resource_version) const {
  const auto instance = name.substr(kPlaceholderName.size() + 1);
  JsonWriter json;
  json.BeginObject().Key("apiVersion").String("apps/v1").Key("kind").String("Deployment");
  json.Key("metadata").BeginObject().Key("name").String(name);
  json.Key("namespace").String(name_space);
  if (!resource_version.empty()) {
    json.Key("resourceVersion").String(resource_version);
  }
  json.Key("labels");
  WriteLabels(instance, json);
  json.Key("annotations").BeginObject().Key(kContentAnnotation).String(content);
  json.Key("trimtab.io/capacity-policy").String(policy).EndObject();
  json.Key("ownerReferences").Raw(owner_references).EndObject();
  json.Key("spec").BeginObject().Key("replicas").Integer(replicas);
  json.Key("revisionHistoryLimit").Integer(0);
  json.Key("strategy").BeginObject().Key("type").String("Recreate").EndObject();
  json.Key("selector").BeginObject().Key("matchLabels").BeginObject();
  json.Key("app.kubernetes.io/name").String(kPlaceholderName);
  json.Key("app.kubernetes.io/instance").String(instance).EndObject().EndObject();
  json.Key("template").Raw(pod_template).EndObject().EndObject();
  return json.Take();
}

PlaceholderManifest ManifestOf(const Placeholder& placeholder, const PlaceholderOwner& owner,
                               const PlaceholderOptions& options) {
  PlaceholderManifest manifest;
  manifest.name = DeploymentNameOf(placeholder);
  manifest.replicas = placeholder.pods;
  manifest.owner_references = OwnersOf(owner);
  manifest.pod_template = TemplateOf(placeholder, options);
  manifest.policy = owner.name;
  manifest.name_space = options.name_space;
  manifest.content = fmt::format(
      "{:08x}", Digest(manifest.owner_references + manifest.policy + "\n" + manifest.pod_template));
  return manifest;
}

}  // namespace scaler::kubernetes::nodes
