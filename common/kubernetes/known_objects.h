#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/kubernetes/object.h"

namespace common::kubernetes {

/// Which objects of a kind there are, and in which list each was last: all that it takes to see
/// that one is gone or was made anew. There are tens of thousands, so each takes as little room as
/// it can: its namespace is kept once, and of its uid a hash. Not thread-safe.
class KnownObjects {
 public:
  enum class Before {
    kNothing,  ///< There was none of this name.
    kSame,
    kAnother,  ///< One of this name with another uid, which is gone.
  };

  /// From now on what is put is in another list than what was put before.
  void BeginListing() { ++listing_; }

  /// The object is there; says what was known under its name.
  Before Put(const ObjectView& object);

  /// False: there was none.
  bool Forget(const ObjectKey& key);

  /// What was not put since BeginListing, by key.
  [[nodiscard]] std::vector<ObjectKey> Unlisted() const;

  [[nodiscard]] std::size_t Size() const { return objects_.size(); }

 private:
  struct Name {
    std::string_view name_space;
    std::string_view name;

    friend bool operator==(const Name&, const Name&) = default;
  };
  struct Known {
    const std::pair<const std::string, std::size_t>* name_space;
    std::string name;
    mutable std::uint64_t uid;  ///< Its hash. No part of the key, as what follows.
    mutable std::uint64_t listing;
  };
  struct Naming {
    using is_transparent = void;

    [[nodiscard]] static Name Of(const Known& known) {
      return {known.name_space->first, known.name};
    }
    [[nodiscard]] static Name Of(const Name& name) { return name; }
  };
  struct Hash : Naming {
    std::size_t operator()(const auto& object) const {
      const auto [name_space, name] = Of(object);
      const std::hash<std::string_view> hash;
      return hash(name) * 31 + hash(name_space);
    }
  };
  struct Same : Naming {
    bool operator()(const auto& left, const auto& right) const { return Of(left) == Of(right); }
  };

  std::uint64_t listing_ = 0;
  std::map<std::string, std::size_t, std::less<>> name_spaces_;  ///< With how many objects.
  std::unordered_set<Known, Hash, Same> objects_;
};

}  // namespace common::kubernetes
