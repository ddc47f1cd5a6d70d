#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/executor.h"
#include "support/fake_api/json.h"
#include "support/fake_api/kinds.h"

namespace tests {

/// What an API server keeps: objects by collection with one count of versions, and what happened.
class ApiStore {
 public:
  using Key = std::pair<std::string, std::string>;  ///< Namespace and name.
  using Kept = std::shared_ptr<const json::Object>;

  struct Change {
    std::uint64_t version = 0;
    Kept before;  ///< Null: it is new.
    Kept after;   ///< Null: it is gone; `last` says how it was, with the version of its end.
    Kept last;
  };
  struct Collection {
    std::string path;
    ApiKind kind;
    std::map<Key, Kept> objects;
    std::deque<Change> changes;
  };

  ApiStore(const common::Executor& executor,
           std::function<void(const Collection&, const Change&)> on_change)
      : executor_(executor), on_change_(std::move(on_change)) {}

  Collection& Serve(const std::string& path, ApiKind kind);
  [[nodiscard]] Collection* Find(const std::string& path);

  /// Null where there is none.
  [[nodiscard]] static Kept Get(const Collection& collection, const Key& key);

  /// Makes or replaces the object that its metadata names. What the server alone says (uid,
  /// version, times, generation) is taken from the old one or made. The same content makes no new
  /// version. One that is being deleted and has no finalizer any more goes.
  Kept Save(Collection& collection, json::Object object);
  void Erase(Collection& collection, const Key& key);

  /// Forgets what happened.
  void Compact();

  [[nodiscard]] std::uint64_t Version() const { return version_; }
  [[nodiscard]] std::uint64_t Compacted() const { return compacted_; }

  /// As the server sends it alone: with kind and apiVersion.
  [[nodiscard]] static std::string Whole(const Collection& collection, const json::Object& object);

  /// "2026-11-21T03:10:12Z".
  [[nodiscard]] std::string Now() const;

 private:
  void Tell(Collection& collection, Change change);

  const common::Executor& executor_;
  std::function<void(const Collection&, const Change&)> on_change_;
  std::map<std::string, Collection> collections_;
  std::uint64_t version_ = 100;
  std::uint64_t compacted_ = 0;
  std::uint64_t uids_ = 0;
};

/// Namespace and name of an object.
[[nodiscard]] ApiStore::Key KeyOf(const json::Object& object);

}  // namespace tests
