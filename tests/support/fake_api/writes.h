#pragma once

#include <optional>
#include <string>

#include "common/kubernetes/transport.h"
#include "support/fake_api/answer.h"
#include "support/fake_api/store.h"
#include "support/fake_api/target.h"

namespace tests {

/// Empty: it does not say.
[[nodiscard]] std::string ContentTypeOf(const common::kubernetes::WireRequest& request);

/// Nothing where it is no JSON object.
[[nodiscard]] std::optional<json::Object> ParseBody(const std::string& body);

/// Everything about one object or to one: GET of one, POST, PUT, PATCH, DELETE, and what is under
/// it. Refuses what a server refuses. A PUT without a resourceVersion is refused for every kind,
/// though servers let some kinds be overwritten blindly: nothing of ours should.
class ApiWrites {
 public:
  explicit ApiWrites(ApiStore& store) : store_(store) {}

  [[nodiscard]] ApiAnswer Carry(const common::kubernetes::WireRequest& request,
                                const ApiTarget& target, ApiStore::Collection& collection);

 private:
  using Collection = ApiStore::Collection;
  using Wire = common::kubernetes::WireRequest;

  [[nodiscard]] ApiAnswer Create(const Wire& request, ApiTarget target, Collection& collection);
  [[nodiscard]] ApiAnswer Change(const Wire& request, const ApiTarget& target,
                                 Collection& collection);
  [[nodiscard]] ApiAnswer Scale(const Wire& request, const ApiTarget& target,
                                Collection& collection);
  [[nodiscard]] ApiAnswer Delete(const Wire& request, const ApiTarget& target,
                                 Collection& collection);
  [[nodiscard]] ApiAnswer Evict(const Wire& request, const ApiTarget& target,
                                Collection& collection);
  void Remove(Collection& collection, const ApiStore::Kept& object);

  ApiStore& store_;
  std::uint64_t generated_ = 0;  ///< Names made.
};

}  // namespace tests
