#include "support/fake_api/store.h"

#include <initializer_list>
#include <utility>

namespace tests {
namespace {

using json::Object;

/// In the order in which servers write it.
Object MetadataOf(const Object& object) {
  Object ordered;
  const auto* const metadata = object.if_contains("metadata");
  if (metadata == nullptr || !metadata->is_object()) {
    return ordered;
  }
  const auto& given = metadata->get_object();
  for (const auto* const first : {"name", "namespace", "uid", "resourceVersion", "generation"}) {
    if (const auto* const value = given.if_contains(first)) {
      ordered[first] = *value;
    }
  }
  for (const auto& [key, value] : given) {
    ordered[key] = value;
  }
  return ordered;
}

bool WantsTheSame(const Object& left, const Object& right) {
  const auto wanted = [](Object object) {
    for (const auto* const other : {"metadata", "status"}) {
      object.erase(other);
    }
    return object;
  };
  return wanted(left) == wanted(right);
}

bool HasFinalizers(const Object& object) {
  const auto* const finalizers = json::At(object, "metadata.finalizers");
  return finalizers != nullptr && finalizers->is_array() && !finalizers->get_array().empty();
}

}  // namespace

ApiStore::Key KeyOf(const Object& object) {
  return {json::TextAt(object, "metadata.namespace"), json::TextAt(object, "metadata.name")};
}

ApiStore::Collection& ApiStore::Serve(const std::string& path, ApiKind kind) {
  auto& collection = collections_[path];
  collection.path = path;
  collection.kind = std::move(kind);
  return collection;
}

ApiStore::Collection* ApiStore::Find(const std::string& path) {
  const auto found = collections_.find(path);
  return found == collections_.end() ? nullptr : &found->second;
}

ApiStore::Kept ApiStore::Get(const Collection& collection, const Key& key) {
  const auto found = collection.objects.find(key);
  return found == collection.objects.end() ? nullptr : found->second;
}

std::string ApiStore::Now() const {
  auto text = common::FormatRfc3339(executor_.Wall());
  return text.substr(0, text.find('.')) + "Z";
}

ApiStore::Kept ApiStore::Save(Collection& collection, Object object) {
  const auto key = KeyOf(object);
  const auto old = Get(collection, key);
  Object fresh{{"metadata", MetadataOf(object)}};
  for (const auto& [name, value] : object) {
    if (name != "metadata" && name != "kind" && name != "apiVersion") {
      fresh[name] = value;
    }
  }
  auto& metadata = json::Into(fresh, "metadata");
  const auto keep = [&](const char* name, json::Value made) {
    const auto* const had = old ? json::At(*old, std::string("metadata.") + name) : nullptr;
    metadata[name] = had != nullptr ? *had : std::move(made);
  };
  keep("uid", json::Value(old ? "" : "uid-" + std::to_string(++uids_)));
  keep("creationTimestamp", json::Value(Now()));
  if (collection.kind.has_generation) {
    const auto* const had = old ? json::At(*old, "metadata.generation") : nullptr;
    const auto generation = had != nullptr ? had->to_number<std::int64_t>() : 0;
    metadata["generation"] = generation + (old && WantsTheSame(*old, fresh) ? 0 : 1);
  }
  metadata["resourceVersion"] = old ? *json::At(*old, "metadata.resourceVersion") : json::Value("");
  if (old && *old == fresh) {
    return old;
  }
  metadata["resourceVersion"] = std::to_string(++version_);
  fresh["metadata"] = MetadataOf(fresh);
  auto kept = std::make_shared<const Object>(std::move(fresh));
  if (old && !json::TextAt(*kept, "metadata.deletionTimestamp").empty() && !HasFinalizers(*kept) &&
      HasFinalizers(*old)) {
    collection.objects.erase(key);
    Tell(collection, {version_, old, nullptr, kept});
    return kept;
  }
  collection.objects[key] = kept;
  Tell(collection, {version_, old, kept, nullptr});
  return kept;
}

void ApiStore::Erase(Collection& collection, const Key& key) {
  const auto old = Get(collection, key);
  if (!old) {
    return;
  }
  Object last = *old;
  json::Into(last, "metadata")["resourceVersion"] = std::to_string(++version_);
  collection.objects.erase(key);
  Tell(collection, {version_, old, nullptr, std::make_shared<const Object>(std::move(last))});
}

void ApiStore::Tell(Collection& collection, Change change) {
  collection.changes.push_back(change);
  on_change_(collection, change);
}

void ApiStore::Compact() {
  compacted_ = version_;
  for (auto& [path, collection] : collections_) {
    collection.changes.clear();
  }
}

std::string ApiStore::Whole(const Collection& collection, const Object& object) {
  if (collection.kind.kind.empty()) {
    return json::Write(object);
  }
  Object whole{{"kind", collection.kind.kind}, {"apiVersion", collection.kind.api_version}};
  for (const auto& [name, value] : object) {
    whole[name] = value;
  }
  return json::Write(whole);
}

}  // namespace tests
