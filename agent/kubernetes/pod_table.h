#pragma once

#include <map>
#include <string>
#include <string_view>

#include "agent/kubernetes/pods_view.h"
#include "agent/kubernetes/restart_book.h"
#include "common/kubernetes/object.h"

namespace agent::kubernetes {

/// What a watch of this node's pods adds up to. Pure.
class PodTable {
 public:
  explicit PodTable(RestartBook book) : book_(std::move(book)) {}

  /// A pod as the API gives it. Fails as ParsePod does; then the pod is what it was.
  [[nodiscard]] common::Result<void> Put(std::string_view json, const RestartBook::Now& now);
  void Remove(const common::kubernetes::ObjectKey& key, const RestartBook::Now& now);

  [[nodiscard]] RestartBook& Book() { return book_; }
  [[nodiscard]] const RestartBook& Book() const { return book_; }

  /// All but how the API server is heard.
  [[nodiscard]] PodsView View() const;

 private:
  struct Entry {
    RunningPod pod;
    std::map<std::string, std::string> waiting;  ///< By container.
  };

  RestartBook book_;
  std::map<common::kubernetes::ObjectKey, Entry> pods_;
};

}  // namespace agent::kubernetes
