#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/kubernetes/object.h"
#include "scaler/kubernetes/policies/object.h"
#include "scaler/kubernetes/policies/status.h"

namespace scaler::kubernetes::policies {

/// Of a name that several give, the object holds, then the ConfigMap, then the file.
enum Rank { kObjectRank, kConfigMapRank, kFileRank };

/// A policy object, as it was last read.
struct StoredObject {
  std::string uid;
  std::int64_t generation = 0;
  policy::Source source;
  SeenStatus seen;
};

/// Everything that policies are read from, each read once a version. Pure; belongs to one thread.
class ObjectStore {
 public:
  /// True where its spec is another: what only wrote the status changes no policy.
  [[nodiscard]] bool Put(ObjectKind kind, const common::kubernetes::ObjectView& object);
  void Gone(ObjectKind kind, const common::kubernetes::ObjectKey& key);

  /// True where it says something else than before.
  [[nodiscard]] bool PutConfigMap(const common::kubernetes::ObjectView& map);
  void GoneConfigMap(const common::kubernetes::ObjectKey& key);

  /// What the directory holds now: *.yaml and *.yml; policies in it must name their namespace.
  void ReadFiles(const std::filesystem::path& directory);

  /// Valid until the next change.
  [[nodiscard]] std::vector<const policy::Source*> Sources() const;

  [[nodiscard]] const std::map<ObjectRef, StoredObject>& Objects() const { return objects_; }

  /// Null where there is none.
  [[nodiscard]] StoredObject* Find(const ObjectRef& ref);

 private:
  struct Map {
    std::size_t fingerprint = 0;
    std::vector<policy::Source> sources;
  };

  std::map<ObjectRef, StoredObject> objects_;
  std::map<common::kubernetes::ObjectKey, Map> maps_;
  std::vector<policy::Source> files_;
};

}  // namespace scaler::kubernetes::policies
