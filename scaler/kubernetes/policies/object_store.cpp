#include "scaler/kubernetes/policies/object_store.h"

#include <functional>
#include <memory>
#include <utility>

#include "scaler/policy/directory.h"

namespace scaler::kubernetes::policies {
namespace {

ObjectRef RefOf(ObjectKind kind, std::string_view name_space, std::string_view name) {
  return {kind, std::string(name_space), std::string(name)};
}

}  // namespace

bool ObjectStore::Put(ObjectKind kind, const common::kubernetes::ObjectView& object) {
  const auto ref = RefOf(kind, object.name_space, object.name);
  const auto parts = ReadParts(object.json);
  const auto generation = parts ? parts->generation : 0;
  const auto spec = parts ? parts->spec : std::string_view();
  auto* known = Find(ref);
  const bool is_new = known == nullptr || known->uid != object.uid ||
                      known->generation != generation || generation == 0;
  if (is_new) {
    StoredObject stored{
        std::string(object.uid), generation, ReadObject(ref, spec, kObjectRank), {}};
    known = &objects_.insert_or_assign(ref, std::move(stored)).first->second;
  }
  known->seen = parts ? ReadStatus(parts->status) : SeenStatus{};
  return is_new;
}

void ObjectStore::Gone(ObjectKind kind, const common::kubernetes::ObjectKey& key) {
  objects_.erase(RefOf(kind, key.name_space, key.name));
}

bool ObjectStore::PutConfigMap(const common::kubernetes::ObjectView& map) {
  auto& stored =
      maps_[common::kubernetes::ObjectKey{std::string(map.name_space), std::string(map.name)}];
  // The server counts no generations of ConfigMaps; those of policies change seldom.
  const auto fingerprint = std::hash<std::string_view>()(map.json);
  if (fingerprint == stored.fingerprint) {
    return false;
  }
  stored = {fingerprint, ReadConfigMap(map, kConfigMapRank)};
  return true;
}

void ObjectStore::GoneConfigMap(const common::kubernetes::ObjectKey& key) { maps_.erase(key); }

void ObjectStore::ReadFiles(const std::filesystem::path& directory) {
  const auto paths = policy::ListPolicyFiles(directory);
  if (!paths) {
    // What it held stays in force, and this source says why.
    policy::Source source{.rank = kFileRank,
                          .documents = std::make_shared<const policy::Documents>(),
                          .problems = common::yaml::Problems(directory.string())};
    source.problems.Add({}, {}, paths.error().what);
    std::erase_if(files_,
                  [&](const auto& file) { return file.problems.File() == directory.string(); });
    files_.push_back(std::move(source));
    return;
  }
  files_.clear();
  for (const auto& path : *paths) {
    files_.push_back(policy::ReadSource(path, "", kFileRank));
  }
}

std::vector<const policy::Source*> ObjectStore::Sources() const {
  std::vector<const policy::Source*> sources;
  sources.reserve(objects_.size() + files_.size());
  for (const auto& [ref, object] : objects_) {
    sources.push_back(&object.source);
  }
  for (const auto& [key, map] : maps_) {
    for (const auto& source : map.sources) {
      sources.push_back(&source);
    }
  }
  for (const auto& file : files_) {
    sources.push_back(&file);
  }
  return sources;
}

StoredObject* ObjectStore::Find(const ObjectRef& ref) {
  const auto found = objects_.find(ref);
  return found == objects_.end() ? nullptr : &found->second;
}

}  // namespace scaler::kubernetes::policies
