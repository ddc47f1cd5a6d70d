#include "scaler/ledger/capacity_tables.h"

#include <algorithm>
#include <string>
#include <utility>

namespace scaler::ledger {
namespace {

using common::Result;

/// What one answer may hold: a line about a hundred thousand replicas is megabytes long.
constexpr std::size_t kMostBytesRead = std::size_t{32} << 20U;

Result<void> WriteLine(Statement& insert, const codec::CapacityLine& line,
                       const common::Clock& clock) {
  const auto text = codec::EncodeCapacityLine(line);
  insert.Bind(1, clock.Wall().time_since_epoch().count());
  insert.Bind(2, clock.Monotonic().time_since_epoch().count());
  insert.Bind(3, static_cast<std::int64_t>(text.size()));
  insert.Bind(4, text);
  auto done = insert.Step().map([](bool) {});
  insert.Reset();
  return done;
}

Result<void> DropOldest(const Database& database, std::uint64_t most) {
  const auto total = database.Number("SELECT coalesce(sum(bytes), 0) FROM capacity_decisions");
  if (!total || static_cast<std::uint64_t>(*total) <= most) {
    return total.map([](std::int64_t) {});
  }
  auto remove = Statement::Prepare(
      database,
      "DELETE FROM capacity_decisions WHERE id < (SELECT max(id) FROM capacity_decisions) AND id "
      "NOT IN (SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS later FROM "
      "capacity_decisions) WHERE later <= ?)");
  if (!remove) {
    return tl::make_unexpected(remove.error());
  }
  remove->Bind(1, static_cast<std::int64_t>(most / 10 * 9));
  return remove->Step().map([](bool) {});
}

}  // namespace

Result<void> MakeCapacityTables(const Database& database) {
  return database.Run(R"(
    CREATE TABLE IF NOT EXISTS capacity_decisions(
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      committed_ms INTEGER NOT NULL,
      monotonic_ns INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      line TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS capacity_memory(only INTEGER PRIMARY KEY CHECK(only = 1), memory TEXT NOT NULL);
    PRAGMA user_version = 2;
  )");
}

Result<void> WriteCapacity(const Database& database, const Batch& batch, std::uint64_t most,
                           const common::Clock& clock) {
  if (batch.capacity_memory) {
    auto insert =
        Statement::Prepare(database, "INSERT OR REPLACE INTO capacity_memory VALUES(1, ?)");
    if (!insert) {
      return tl::make_unexpected(insert.error());
    }
    const auto text = codec::EncodeCapacityMemory(*batch.capacity_memory);
    insert->Bind(1, text);
    if (const auto done = insert->Step(); !done) {
      return tl::make_unexpected(done.error());
    }
  }
  if (batch.capacity_lines.empty()) {
    return {};
  }
  auto insert = Statement::Prepare(database,
                                   "INSERT INTO capacity_decisions(committed_ms, monotonic_ns, "
                                   "bytes, line) VALUES(?, ?, ?, ?)");
  if (!insert) {
    return tl::make_unexpected(insert.error());
  }
  for (const auto& line : batch.capacity_lines) {
    if (auto done = WriteLine(*insert, line, clock); !done) {
      return done;
    }
  }
  return DropOldest(database, most);
}

Result<std::optional<codec::CapacityMemory>> LoadCapacityMemory(const Database& database) {
  auto select = Statement::Prepare(database, "SELECT memory FROM capacity_memory");
  if (!select) {
    return tl::make_unexpected(select.error());
  }
  const auto row = select->Step();
  if (!row) {
    return tl::make_unexpected(row.error());
  }
  if (!*row) {
    return std::optional<codec::CapacityMemory>();
  }
  return codec::DecodeCapacityMemory(select->Text(0)).map([](codec::CapacityMemory memory) {
    return std::optional(std::move(memory));
  });
}

Result<std::vector<CapacityEntry>> ReadCapacityLines(const Database& database, const Query& query) {
  const auto* const sql =
      query.after_id ? "SELECT id, committed_ms, monotonic_ns, line FROM capacity_decisions "
                       "WHERE id > ? ORDER BY id LIMIT ?"
                     : "SELECT id, committed_ms, monotonic_ns, line FROM capacity_decisions "
                       "WHERE id > ? ORDER BY id DESC LIMIT ?";
  auto select = Statement::Prepare(database, sql);
  if (!select) {
    return tl::make_unexpected(select.error());
  }
  select->Bind(1, query.after_id.value_or(0));
  select->Bind(2, static_cast<std::int64_t>(query.limit));
  std::vector<CapacityEntry> entries;
  for (std::size_t bytes = 0; bytes < kMostBytesRead;) {
    const auto row = select->Step();
    if (!row) {
      return tl::make_unexpected(row.error());
    }
    if (!*row) {
      break;
    }
    bytes += select->Text(3).size();
    auto line = codec::DecodeCapacityLine(select->Text(3));
    if (!line) {
      return tl::make_unexpected(line.error());
    }
    entries.push_back(
        {select->Integer(0), common::WallTime(std::chrono::milliseconds(select->Integer(1))),
         common::MonotonicTime(std::chrono::nanoseconds(select->Integer(2))), std::move(*line)});
  }
  if (!query.after_id) {
    std::reverse(entries.begin(), entries.end());
  }
  return entries;
}

}  // namespace scaler::ledger
