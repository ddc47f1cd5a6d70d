#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/known_objects.h"
#include "common/kubernetes/list_decoder.h"
#include "common/kubernetes/object.h"
#include "common/kubernetes/watch_decoder.h"

namespace common::kubernetes {

/// What is watched.
struct Resource {
  std::string path;           ///< "/apis/apps/v1/deployments", of all namespaces or of one.
  std::string selector = {};  ///< "labelSelector=...&fieldSelector=...", escaped; empty: all.
};

/// What becomes of the objects, on the executor's thread. They must not destroy the watcher.
struct WatchHandlers {
  /// The object is so now; the same state may come twice.
  std::function<void(const ObjectView&)> on_put;
  /// It is there no more, or was replaced by another of its name, of which on_put tells next.
  std::function<void(const ObjectKey&)> on_gone;
  /// Everything that there is has been told (again, after a gap).
  std::function<void()> on_synced;
  /// Why nothing is heard at the moment; empty when it is again.
  std::function<void(const std::string& problem)> on_trouble;
};

struct WatchOptions {
  int page_objects = 500;  ///< Of lists by pages.
  /// The server says something at least once a minute (a bookmark), where there is anything to say.
  /// Silence may be a broken connection: the watch goes on from where it is over another one.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(100);
  std::chrono::milliseconds first_back_off = std::chrono::milliseconds(500);
  std::chrono::milliseconds longest_back_off = std::chrono::seconds(30);
  std::uint32_t seed = 1;  ///< Of what spreads many watchers' attempts over time.
};

/// Knows all objects of a kind by a list and a watch, for as long as it lives.
///
/// A watch that ends goes on where it ended; what cannot be continued (410) is listed again, and
/// what is not in the new list is gone. So nothing is missed and no deletion is forgotten. Of the
/// objects it keeps little more than their names.
///
/// A list comes from the server's cache, whole, not older than what was heard last: pages are read
/// from etcd one after the other, which for tens of thousands of objects takes a minute. What that
/// fails with is tried again by pages.
class Watcher {
 public:
  Watcher(Executor& executor, Client& client, Resource resource, WatchHandlers handlers,
          WatchOptions options = {});
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void Start();

  /// All objects have been told once.
  [[nodiscard]] bool Synced() const { return synced_; }
  [[nodiscard]] std::size_t Objects() const { return known_.Size(); }

 private:
  void List();
  void ListFromCache();
  void OnListed(std::string_view bytes);
  void OnListEnd(const Outcome<void>& outcome);
  void ListPage(const std::string& next);
  void OnPage(Outcome<std::string> body);
  void Listed(const Result<PageHead>& head);
  void EndListing();
  void Watch();
  void OnBytes(std::string_view bytes);
  bool OnEvent(const WatchEvent& event);
  void OnWatchEnd(const Outcome<void>& outcome);
  void Put(const ObjectView& object);
  void Gone(const ObjectKey& key);
  void AwaitWord();
  void Again(bool from_the_list, const std::string& problem);
  void Trouble(const std::string& problem);
  [[nodiscard]] std::string Target(const std::string& query) const;

  Executor& executor_;
  Client& client_;
  Resource resource_;
  WatchHandlers handlers_;
  WatchOptions options_;
  std::mt19937 random_;
  KnownObjects known_;
  std::string version_;  ///< The watch goes on from here.
  bool synced_ = false;
  bool relist_ = false;                     ///< The watch said that it cannot be continued.
  int failures_ = 0;                        ///< In a row.
  std::optional<MonotonicTime> opened_at_;  ///< The last watch, if the server accepted it.
  std::string problem_;
  ListDecoder list_;
  WatchDecoder decoder_;
  std::unique_ptr<Pending> pending_;
  std::unique_ptr<Timer> idle_;
  std::unique_ptr<Timer> back_off_;
};

}  // namespace common::kubernetes
