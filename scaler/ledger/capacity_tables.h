#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scaler/ledger/ledger.h"
#include "scaler/ledger/sqlite.h"

/// Private to this folder.
namespace scaler::ledger {

/// What version 2 of the file has and version 1 had not.
[[nodiscard]] common::Result<void> MakeCapacityTables(const Database& database);

/// Within the transaction of the caller. The oldest lines go when they are larger than `most`
/// together; the newest stays, however large it is.
[[nodiscard]] common::Result<void> WriteCapacity(const Database& database, const Batch& batch,
                                                 std::uint64_t most, const common::Clock& clock);

[[nodiscard]] common::Result<std::optional<codec::CapacityMemory>> LoadCapacityMemory(
    const Database& database);

[[nodiscard]] common::Result<std::vector<CapacityEntry>> ReadCapacityLines(const Database& database,
                                                                           const Query& query);

}  // namespace scaler::ledger
