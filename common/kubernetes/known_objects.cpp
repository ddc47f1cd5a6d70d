#include "common/kubernetes/known_objects.h"

#include <algorithm>

namespace common::kubernetes {

KnownObjects::Before KnownObjects::Put(const ObjectView& object) {
  const auto uid = std::hash<std::string_view>()(object.uid);
  if (const auto found = objects_.find(Name{object.name_space, object.name});
      found != objects_.end()) {
    const bool same = found->uid == uid;
    found->uid = uid;
    found->listing = listing_;
    return same ? Before::kSame : Before::kAnother;
  }
  auto name_space = name_spaces_.find(object.name_space);
  if (name_space == name_spaces_.end()) {
    name_space = name_spaces_.emplace(object.name_space, 0).first;
  }
  ++name_space->second;
  objects_.insert({&*name_space, std::string(object.name), uid, listing_});
  return Before::kNothing;
}

bool KnownObjects::Forget(const ObjectKey& key) {
  const auto found = objects_.find(Name{key.name_space, key.name});
  if (found == objects_.end()) {
    return false;
  }
  objects_.erase(found);
  const auto name_space = name_spaces_.find(key.name_space);
  if (--name_space->second == 0) {
    name_spaces_.erase(name_space);
  }
  return true;
}

std::vector<ObjectKey> KnownObjects::Unlisted() const {
  std::vector<ObjectKey> unlisted;
  for (const auto& known : objects_) {
    if (known.listing != listing_) {
      unlisted.push_back({known.name_space->first, known.name});
    }
  }
  std::sort(unlisted.begin(), unlisted.end());
  return unlisted;
}

}  // namespace common::kubernetes
