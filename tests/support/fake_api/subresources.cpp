#include <algorithm>
#include <optional>
#include <utility>

#include "support/fake_api/writes.h"

namespace tests {
namespace {

using json::Object;

constexpr const char* kBudgets = "/apis/policy/v1/poddisruptionbudgets";

int NumberAt(const Object& object, std::string_view path) {
  const auto* const value = json::At(object, path);
  return value != nullptr && value->is_number() ? value->to_number<int>() : 0;
}

/// The labels that a selector wants, "a=1,b=2".
std::string SelectorOf(const Object& object) {
  std::string text;
  const auto* const labels = json::At(object, "spec.selector.matchLabels");
  if (labels != nullptr && labels->is_object()) {
    for (const auto& [key, value] : labels->get_object()) {
      text += (text.empty() ? "" : ",") + std::string(key) + "=" + std::string(value.as_string());
    }
  }
  return text;
}

/// autoscaling/v1; zeros are left out, as servers do.
Object ScaleOf(const Object& object) {
  Object metadata;
  for (const auto* const own :
       {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const auto* const value = object.at("metadata").get_object().if_contains(own)) {
      metadata[own] = *value;
    }
  }
  Object spec;
  if (const int replicas = NumberAt(object, "spec.replicas"); replicas != 0) {
    spec["replicas"] = replicas;
  }
  Object status{{"replicas", NumberAt(object, "status.replicas")}};
  if (const auto selector = SelectorOf(object); !selector.empty()) {
    status["selector"] = selector;
  }
  return {{"kind", "Scale"},
          {"apiVersion", "autoscaling/v1"},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)},
          {"status", std::move(status)}};
}

bool Selects(const Object& budget, const Object& pod) {
  const auto* const labels = json::At(budget, "spec.selector.matchLabels");
  const auto* const own = json::At(pod, "metadata.labels");
  if (labels == nullptr || !labels->is_object() || labels->get_object().empty()) {
    return false;
  }
  const auto& wanted = labels->get_object();
  return own != nullptr && own->is_object() &&
         std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
           const auto* const value = own->get_object().if_contains(label.key());
           return value != nullptr && *value == label.value();
         });
}

}  // namespace

ApiAnswer ApiWrites::Scale(const Wire& request, const ApiTarget& target, Collection& collection) {
  const auto old = ApiStore::Get(collection, {target.name_space, target.name});
  auto scale = ScaleOf(*old);
  if (request.method == "GET") {
    return {200, json::Write(scale)};
  }
  const bool is_patch = request.method == "PATCH";
  if (ContentTypeOf(request) != (is_patch ? "application/merge-patch+json" : "application/json")) {
    return Refuse(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
  }
  auto given = ParseBody(request.body);
  if (!given) {
    return BadRequest("the object provided is unrecognized: no JSON object");
  }
  if (!is_patch && (json::TextAt(*given, "kind") != "Scale" ||
                    json::TextAt(*given, "apiVersion") != "autoscaling/v1" ||
                    json::TextAt(*given, "metadata.name") != target.name)) {
    return BadRequest("no Scale of autoscaling/v1 of the name on the URL");
  }
  const auto version = json::TextAt(*given, "metadata.resourceVersion");
  if (!version.empty() && version != json::TextAt(*old, "metadata.resourceVersion")) {
    return Modified(target);
  }
  if (is_patch) {
    json::MergePatch(scale, *given);
  } else {
    scale = std::move(*given);
  }
  const auto* const wanted = json::At(scale, "spec.replicas");
  if (wanted != nullptr && !wanted->is_int64() && !wanted->is_uint64()) {
    return BadRequest("spec.replicas is no whole number");
  }
  const int replicas = NumberAt(scale, "spec.replicas");
  if (replicas < 0) {
    return Refuse(
        422, "Invalid",
        fmt::format(R"(Scale.autoscaling "{}" is invalid: spec.replicas: Invalid value: {}: must)"
                    " be greater than or equal to 0",
                    target.name, replicas));
  }
  Object changed = *old;
  json::Into(changed, "spec")["replicas"] = replicas;
  return {200, json::Write(ScaleOf(*store_.Save(collection, std::move(changed))))};
}

void ApiWrites::Remove(Collection& collection, const ApiStore::Kept& object) {
  const auto* const finalizers = json::At(*object, "metadata.finalizers");
  if (finalizers == nullptr || !finalizers->is_array() || finalizers->get_array().empty()) {
    store_.Erase(collection, KeyOf(*object));
    return;
  }
  Object going = *object;
  auto& metadata = json::Into(going, "metadata");
  if (!metadata.contains("deletionTimestamp")) {
    metadata["deletionTimestamp"] = store_.Now();
    store_.Save(collection, std::move(going));
  }
}

ApiAnswer ApiWrites::Delete(const Wire& request, const ApiTarget& target, Collection& collection) {
  const auto object = ApiStore::Get(collection, {target.name_space, target.name});
  if (!request.body.empty()) {
    const auto options = ParseBody(request.body);
    if (ContentTypeOf(request) != "application/json") {
      return Refuse(415, "UnsupportedMediaType", "DeleteOptions are JSON");
    }
    if (!options) {
      return BadRequest("no DeleteOptions");
    }
    for (const auto* const what : {"uid", "resourceVersion"}) {
      const auto wanted = json::TextAt(*options, std::string("preconditions.") + what);
      const auto is = json::TextAt(*object, std::string("metadata.") + what);
      if (!wanted.empty() && wanted != is) {
        return Conflict(target, fmt::format("the {} in the precondition ({}) does not match the "
                                            "{} in record ({}). The object might have been deleted "
                                            "and then recreated",
                                            what, wanted, what, is));
      }
    }
  }
  Remove(collection, object);
  return {200, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"})"};
}

/// Every budget that selects the pod must allow it; several are an error, as with a real one.
ApiAnswer ApiWrites::Evict(const Wire& request, const ApiTarget& target, Collection& collection) {
  if (request.method != "POST") {
    return Refuse(405, "MethodNotAllowed",
                  "the server does not allow this method on the requested resource");
  }
  const auto given = ParseBody(request.body);
  if (!given || json::TextAt(*given, "kind") != "Eviction" ||
      json::TextAt(*given, "apiVersion") != "policy/v1" ||
      json::TextAt(*given, "metadata.name") != target.name) {
    return BadRequest("no Eviction of policy/v1 of the name on the URL");
  }
  const auto pod = ApiStore::Get(collection, {target.name_space, target.name});
  if (!pod) {
    return NotFound(target);
  }
  auto* const budgets = store_.Find(kBudgets);
  ApiStore::Kept budget;
  if (budgets != nullptr) {
    for (const auto& [key, object] : budgets->objects) {
      if (key.first == target.name_space && Selects(*object, *pod)) {
        if (budget) {
          return Refuse(500, "InternalError",
                        "This pod has more than one PodDisruptionBudget, which the eviction "
                        "subresource does not support.");
        }
        budget = object;
      }
    }
  }
  if (budget) {
    const int allowed = NumberAt(*budget, "status.disruptionsAllowed");
    if (allowed <= 0) {
      const auto name = KeyOf(*budget).second;
      const auto message = fmt::format(
          "The disruption budget {} needs {} healthy pods and has {} currently", name,
          NumberAt(*budget, "status.desiredHealthy"), NumberAt(*budget, "status.currentHealthy"));
      return Refuse(
          429, "TooManyRequests",
          "Cannot evict pod as it would violate the pod's disruption budget.",
          fmt::format(R"({{"causes":[{{"reason":"DisruptionBudget","message":"{}"}}]}})", message));
    }
    Object changed = *budget;
    json::Into(changed, "status")["disruptionsAllowed"] = allowed - 1;
    store_.Save(*budgets, std::move(changed));
  }
  Remove(collection, pod);
  return {201,
          R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})"};
}

}  // namespace tests
