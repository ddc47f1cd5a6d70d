#pragma once

#include <functional>
#include <string>
#include <utility>

#include "support/fake_api/fake_api.h"
#include "support/fake_api/selector.h"
#include "support/fake_api/store.h"
#include "support/fake_api/writes.h"

namespace tests {

struct FakeApi::Parts {
  Parts(const common::Executor& executor,
        std::function<void(const ApiStore::Collection&, const ApiStore::Change&)> on_change)
      : store(executor, std::move(on_change)), writes(store) {}

  ApiStore store;
  ApiWrites writes;
};

/// A request under way, or a watch.
struct FakeApi::Open {
  /// The line that tells of a change; empty: this watch does not see it.
  [[nodiscard]] std::string LineOf(const ApiStore::Change& change) const;

  common::kubernetes::WireEvents events;
  bool over = false;
  const ApiStore::Collection* collection = nullptr;  ///< Of a watch.
  std::string name_space;                            ///< Empty: all.
  ApiSelector selector;
};

}  // namespace tests
