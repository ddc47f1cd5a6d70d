#include <stdexcept>
#include <utility>

#include "support/fake_api/parts.h"

namespace tests {
namespace {

/// A test that writes none is wrong.
json::Object Parsed(const std::string& text) {
  auto value = boost::json::parse(text);
  return value.as_object();
}

}  // namespace

void FakeApi::Serve(const std::string& collection, ApiKind kind) {
  const auto target = ParseTarget(collection);
  if (!target || target->collection != collection) {
    throw std::invalid_argument("no collection over all namespaces: " + collection);
  }
  if (kind.api_version.empty()) {
    kind.api_version = target->api_version;
  }
  parts_->store.Serve(collection, std::move(kind));
}

void FakeApi::Put(const std::string& collection, const std::string& name_space,
                  const std::string& name, const std::string& spec) {
  json::Object metadata{{"name", name}};
  if (!name_space.empty()) {
    metadata["namespace"] = name_space;
  }
  parts_->store.Save(*parts_->store.Find(collection),
                     {{"metadata", std::move(metadata)}, {"spec", boost::json::parse(spec)}});
}

void FakeApi::PutObject(const std::string& collection, const std::string& object) {
  parts_->store.Save(*parts_->store.Find(collection), Parsed(object));
}

void FakeApi::Merge(const std::string& collection, const std::string& name_space,
                    const std::string& name, const std::string& patch) {
  auto& kept = *parts_->store.Find(collection);
  auto changed = *ApiStore::Get(kept, {name_space, name});
  json::MergePatch(changed, Parsed(patch));
  parts_->store.Save(kept, std::move(changed));
}

void FakeApi::Remove(const std::string& collection, const std::string& name_space,
                     const std::string& name) {
  parts_->store.Erase(*parts_->store.Find(collection), {name_space, name});
}

std::string FakeApi::Get(const std::string& collection, const std::string& name_space,
                         const std::string& name) const {
  const auto& kept = *parts_->store.Find(collection);
  const auto object = ApiStore::Get(kept, {name_space, name});
  return object ? ApiStore::Whole(kept, *object) : "";
}

std::vector<std::string> FakeApi::Names(const std::string& collection) const {
  std::vector<std::string> names;
  for (const auto& [key, object] : parts_->store.Find(collection)->objects) {
    names.push_back(key.first.empty() ? key.second : key.first + "/" + key.second);
  }
  return names;
}

void FakeApi::Compact() { parts_->store.Compact(); }

}  // namespace tests
