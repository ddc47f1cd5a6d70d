#include "support/fake_api/writes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "support/fake_api/validate.h"

namespace tests {
namespace {

using json::Object;

ApiAnswer UnknownFormat(const char* known) {
  return Refuse(415, "UnsupportedMediaType",
                std::string("the body of the request was in an unknown format - accepted media "
                            "types include: ") +
                    known);
}

/// A whole object is to name its kind.
std::optional<ApiAnswer> WrongKind(const Object& object, const ApiKind& kind) {
  if (json::TextAt(object, "kind").empty() || json::TextAt(object, "apiVersion").empty()) {
    return BadRequest("Object 'Kind' or 'apiVersion' is missing");
  }
  if (!kind.kind.empty() && (json::TextAt(object, "kind") != kind.kind ||
                             json::TextAt(object, "apiVersion") != kind.api_version)) {
    return BadRequest(
        fmt::format("the API version in the data ({}, {}) does not match the "
                    "expected API version ({}, {})",
                    json::TextAt(object, "apiVersion"), json::TextAt(object, "kind"),
                    kind.api_version, kind.kind));
  }
  return std::nullopt;
}

/// What may not differ between where it is sent and what it says; empty in it: taken from there.
std::optional<ApiAnswer> Misdirected(Object& object, const ApiTarget& target) {
  auto& metadata = json::Into(object, "metadata");
  const auto [name_space, name] = KeyOf(object);
  if (!target.name.empty() && !name.empty() && name != target.name) {
    return BadRequest(fmt::format(
        "the name of the object ({}) does not match the name on the URL ({})", name, target.name));
  }
  if (!name_space.empty() && name_space != target.name_space) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  if (!target.name_space.empty()) {
    metadata["namespace"] = target.name_space;
  }
  return std::nullopt;
}

/// The versions that the writer goes by are those of now.
std::optional<ApiAnswer> Stale(const Object& given, const Object& old, const ApiTarget& target) {
  const auto version = json::TextAt(given, "metadata.resourceVersion");
  if (!version.empty() && version != json::TextAt(old, "metadata.resourceVersion")) {
    return Modified(target);
  }
  const auto uid = json::TextAt(given, "metadata.uid");
  if (!uid.empty() && uid != json::TextAt(old, "metadata.uid")) {
    return Conflict(target, fmt::format("Precondition failed: UID in precondition: {}, UID in "
                                        "object meta: {}",
                                        uid, json::TextAt(old, "metadata.uid")));
  }
  return std::nullopt;
}

void Copy(const Object& from, Object& to, const char* key) {
  const auto* const value = from.if_contains(key);
  if (value != nullptr) {
    to[key] = *value;
  } else {
    to.erase(key);
  }
}

/// What a writer cannot change.
void KeepServersOwn(const Object& old, Object& changed) {
  const auto& had = old.at("metadata").get_object();
  auto& metadata = json::Into(changed, "metadata");
  for (const auto* const own : {"name", "namespace", "uid", "creationTimestamp", "generation",
                                "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    Copy(had, metadata, own);
  }
}

}  // namespace

std::string ContentTypeOf(const common::kubernetes::WireRequest& request) {
  const auto found = request.headers.find("Content-Type");
  return found == request.headers.end() ? "" : found->second;
}

std::optional<json::Object> ParseBody(const std::string& body) {
  boost::system::error_code error;
  auto value = boost::json::parse(body, error);
  return error || !value.is_object() ? std::nullopt
                                     : std::optional<Object>(std::move(value.get_object()));
}

ApiAnswer ApiWrites::Carry(const Wire& request, const ApiTarget& target, Collection& collection) {
  const auto& method = request.method;
  if (collection.kind.namespaced == target.name_space.empty() ||
      (target.name.empty() && !target.sub.empty())) {
    return NotFound(target);
  }
  if (target.sub == "eviction" && collection.kind.kind == "Pod") {
    return Evict(request, target, collection);
  }
  if (!target.sub.empty() && !(target.sub == "status" && collection.kind.has_status) &&
      !(target.sub == "scale" && collection.kind.has_scale)) {
    return Refuse(404, "NotFound", "the server could not find the requested resource");
  }
  const bool one = !target.name.empty();
  if ((method == "POST") == one || (target.sub == "scale" && method == "DELETE") ||
      (target.sub == "status" && method == "DELETE") ||
      (method != "GET" && method != "POST" && method != "PUT" && method != "PATCH" &&
       method != "DELETE")) {
    return Refuse(405, "MethodNotAllowed",
                  "the server does not allow this method on the requested resource");
  }
  if (method == "POST") {
    return Create(request, target, collection);
  }
  const auto object = ApiStore::Get(collection, {target.name_space, target.name});
  if (!object) {
    return NotFound(target);
  }
  if (target.sub == "scale") {
    return Scale(request, target, collection);
  }
  if (method == "GET") {
    return {200, ApiStore::Whole(collection, *object)};
  }
  return method == "DELETE" ? Delete(request, target, collection)
                            : Change(request, target, collection);
}

ApiAnswer ApiWrites::Create(const Wire& request, ApiTarget target, Collection& collection) {
  if (ContentTypeOf(request) != "application/json") {
    return UnknownFormat("application/json");
  }
  auto object = ParseBody(request.body);
  if (!object) {
    return BadRequest("the object provided is unrecognized: no JSON object");
  }
  if (auto wrong = WrongKind(*object, collection.kind)) {
    return *wrong;
  }
  if (auto wrong = Misdirected(*object, target)) {
    return *wrong;
  }
  auto& metadata = json::Into(*object, "metadata");
  if (!json::TextAt(*object, "metadata.resourceVersion").empty()) {
    return BadRequest("resourceVersion should not be set on objects to be created");
  }
  const auto prefix = json::TextAt(*object, "metadata.generateName");
  if (KeyOf(*object).second.empty() && !prefix.empty()) {
    metadata["name"] = fmt::format("{}{:05}", prefix, ++generated_);
  }
  target.name = KeyOf(*object).second;
  if (target.name.empty()) {
    return Invalid(target, collection.kind.kind,
                   "metadata.name: Required value: name or generateName is required");
  }
  if (const auto problem = ProblemOf(collection, *object)) {
    return Invalid(target, collection.kind.kind, *problem);
  }
  if (auto* const spaces = store_.Find("/api/v1/namespaces");
      spaces && collection.kind.namespaced) {
    const auto space = ApiStore::Get(*spaces, {"", target.name_space});
    if (!space) {
      return Refuse(404, "NotFound",
                    fmt::format(R"(namespaces "{}" not found)", target.name_space));
    }
    if (!json::TextAt(*space, "metadata.deletionTimestamp").empty()) {
      return Refuse(
          403, "Forbidden",
          fmt::format(
              R"({} "{}" is forbidden: unable to create new content in namespace {} because)"
              " it is being terminated",
              target.Qualified(), target.name, target.name_space));
    }
  }
  if (ApiStore::Get(collection, KeyOf(*object))) {
    return Refuse(409, "AlreadyExists",
                  fmt::format(R"({} "{}" already exists)", target.Qualified(), target.name));
  }
  for (const auto* const own : {"uid", "creationTimestamp", "generation", "deletionTimestamp"}) {
    metadata.erase(own);
  }
  if (collection.kind.has_status) {
    object->erase("status");
  }
  if (collection.kind.has_scale && json::At(*object, "spec.replicas") == nullptr) {
    json::Into(*object, "spec")["replicas"] = 1;
  }
  return {201, ApiStore::Whole(collection, *store_.Save(collection, std::move(*object)))};
}

ApiAnswer ApiWrites::Change(const Wire& request, const ApiTarget& target, Collection& collection) {
  const auto old = ApiStore::Get(collection, {target.name_space, target.name});
  const bool is_patch = request.method == "PATCH";
  if (is_patch && ContentTypeOf(request) != "application/merge-patch+json") {
    return UnknownFormat("application/merge-patch+json");
  }
  if (!is_patch && ContentTypeOf(request) != "application/json") {
    return UnknownFormat("application/json");
  }
  auto given = ParseBody(request.body);
  if (!given) {
    return BadRequest("the object provided is unrecognized: no JSON object");
  }
  if (auto wrong = is_patch ? std::nullopt : WrongKind(*given, collection.kind)) {
    return *wrong;
  }
  if (auto wrong = Misdirected(*given, target)) {
    return *wrong;
  }
  if (!is_patch && json::TextAt(*given, "metadata.resourceVersion").empty()) {
    return Invalid(target, collection.kind.kind,
                   "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update");
  }
  if (auto stale = Stale(*given, *old, target)) {
    return *stale;
  }
  Object changed = is_patch ? *old : *given;
  if (is_patch) {
    json::MergePatch(changed, *given);
  }
  KeepServersOwn(*old, changed);
  if (target.sub == "status") {
    Object other = *old;
    Copy(changed, other, "status");
    changed = std::move(other);
  } else if (collection.kind.has_status) {
    Copy(*old, changed, "status");
  }
  if (const auto problem = ProblemOf(collection, changed)) {
    return Invalid(target, collection.kind.kind, *problem);
  }
  if (const auto problem = ProblemOfChange(collection, *old, changed)) {
    return Invalid(target, collection.kind.kind, *problem);
  }
  return {200, ApiStore::Whole(collection, *store_.Save(collection, std::move(changed)))};
}

}  // namespace tests
