#pragma once

#include <optional>
#include <string>

#include "support/fake_api/json.h"
#include "support/fake_api/store.h"

namespace tests {

/// What a server would say is wrong with an object that somebody wants to keep; nothing where all
/// is well. Names, leases, config maps and numbers of replicas.
[[nodiscard]] std::optional<std::string> ProblemOf(const ApiStore::Collection& collection,
                                                   const json::Object& object);

}  // namespace tests
