#include "scaler/ledger/ledger.h"

#include <algorithm>
#include <utility>

#include "scaler/ledger/capacity_tables.h"
#include "scaler/ledger/sqlite.h"

namespace scaler::ledger {
namespace {

using common::Fail;
using common::Result;

constexpr std::int64_t kSchemaVersion = 2;

constexpr const char* kSchema = R"(
  CREATE TABLE states(workload TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE decisions(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workload TEXT NOT NULL,
    committed_ms INTEGER NOT NULL,
    monotonic_ns INTEGER NOT NULL,
    line TEXT NOT NULL);
  CREATE INDEX decisions_of_workload ON decisions(workload, id);
  PRAGMA user_version = 1;
)";

Result<void> CheckVersion(const Database& database, bool may_create) {
  const auto version = database.Number("PRAGMA user_version");
  if (!version) {
    return tl::make_unexpected(version.error());
  }
  if (*version == kSchemaVersion) {
    return {};
  }
  if (may_create && *version < kSchemaVersion) {
    return (*version == 0 ? database.Run(kSchema) : Result<void>()).and_then([&] {
      return MakeCapacityTables(database);
    });
  }
  return Fail(std::errc::not_supported,
              "the ledger has version " + std::to_string(*version) + " and this program reads " +
                  std::to_string(kSchemaVersion) + ": use the program that wrote it");
}

}  // namespace

class Ledger::Impl {
 public:
  Impl(Database database, Limits limits) : database_(std::move(database)), limits_(limits) {}

  [[nodiscard]] const Database& Db() const { return database_; }

  Result<void> LoadSize() {
    return database_.Number("SELECT coalesce(sum(length(line)), 0) FROM decisions")
        .map([this](std::int64_t size) { lines_bytes_ = static_cast<std::uint64_t>(size); });
  }

  Result<void> Write(const Batch& batch, const common::Clock& clock) {
    return database_.Run("BEGIN IMMEDIATE")
        .and_then([&] { return WriteStates(batch); })
        .and_then([&] { return WriteLines(batch, clock); })
        .and_then([&] { return DropOldest(); })
        .and_then([&] { return WriteCapacity(database_, batch, limits_.capacity_bytes, clock); })
        .and_then([&] { return database_.Run("COMMIT"); });
  }

  /// Undoes a Write that failed, so that the next one may begin.
  void Rollback() {
    if (!database_.Run("ROLLBACK") || !LoadSize()) {
      // Nothing was open, or the file cannot be read either; the next Write will say so.
      return;
    }
  }

 private:
  Result<void> WriteStates(const Batch& batch) {
    auto insert = Statement::Prepare(database_, "INSERT OR REPLACE INTO states VALUES(?, ?)");
    if (!insert) {
      return tl::make_unexpected(insert.error());
    }
    for (const auto& [workload, state] : batch.states) {
      insert->Bind(1, workload);
      insert->Bind(2, codec::EncodeState(state));
      if (const auto done = insert->Step(); !done) {
        return tl::make_unexpected(done.error());
      }
      insert->Reset();
    }
    return {};
  }

  Result<void> WriteLines(const Batch& batch, const common::Clock& clock) {
    auto insert = Statement::Prepare(database_,
                                     "INSERT INTO decisions(workload, committed_ms, monotonic_ns, "
                                     "line) VALUES(?, ?, ?, ?)");
    if (!insert) {
      return tl::make_unexpected(insert.error());
    }
    for (const auto& line : batch.lines) {
      const auto text = codec::EncodeLine(line);
      insert->Bind(1, line.workload);
      insert->Bind(2, clock.Wall().time_since_epoch().count());
      insert->Bind(3, clock.Monotonic().time_since_epoch().count());
      insert->Bind(4, text);
      if (const auto done = insert->Step(); !done) {
        return tl::make_unexpected(done.error());
      }
      insert->Reset();
      lines_bytes_ += text.size();
    }
    return {};
  }

  /// Keeps the lines under their cap; a hundredth more goes at once, so that it happens rarely.
  /// Looks at no more than what goes.
  Result<void> DropOldest() {
    if (lines_bytes_ <= limits_.lines_bytes) {
      return {};
    }
    auto oldest =
        Statement::Prepare(database_, "SELECT id, length(line) FROM decisions ORDER BY id");
    if (!oldest) {
      return tl::make_unexpected(oldest.error());
    }
    const auto kept = limits_.lines_bytes / 100 * 99;
    auto left = lines_bytes_;
    std::int64_t last = 0;
    while (left > kept) {
      const auto row = oldest->Step();
      if (!row) {
        return tl::make_unexpected(row.error());
      }
      if (!*row) {
        break;
      }
      last = oldest->Integer(0);
      left -= std::min(left, static_cast<std::uint64_t>(oldest->Integer(1)));
    }
    oldest->Reset();
    auto remove = Statement::Prepare(database_, "DELETE FROM decisions WHERE id <= ?");
    if (!remove) {
      return tl::make_unexpected(remove.error());
    }
    remove->Bind(1, last);
    return remove->Step().map([&](bool) { lines_bytes_ = left; });
  }

  Database database_;
  Limits limits_;
  std::uint64_t lines_bytes_ = 0;
};

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::Open(const std::filesystem::path& file, Limits limits) {
  auto database = Database::Open(file.string(), Database::Access::kReadWrite);
  if (!database) {
    return tl::make_unexpected(database.error());
  }
  // NORMAL survives the death of the process; only a power cut may take the last second. The cache
  // (8 MiB) would be as large as it may be for good after the first lines of ten thousand
  // workloads; what it does not hold of their states (20 MiB) is read again from the system's own.
  const auto ready =
      database
          ->Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192")
          .and_then([&] { return CheckVersion(*database, true); });
  if (!ready) {
    return tl::make_unexpected(ready.error());
  }
  auto impl = std::make_unique<Impl>(std::move(*database), limits);
  return impl->LoadSize().map([&] { return std::unique_ptr<Ledger>(new Ledger(std::move(impl))); });
}

Result<std::unique_ptr<Ledger>> Ledger::OpenReadOnly(const std::filesystem::path& file) {
  auto database = Database::Open(file.string(), Database::Access::kReadOnly);
  if (!database) {
    return tl::make_unexpected(database.error());
  }
  if (const auto version = CheckVersion(*database, false); !version) {
    return tl::make_unexpected(version.error());
  }
  return std::unique_ptr<Ledger>(
      new Ledger(std::make_unique<Impl>(std::move(*database), Limits{})));
}

Result<void> Ledger::Commit(const Batch& batch, const common::Clock& clock) {
  auto written = impl_->Write(batch, clock);
  if (!written) {
    impl_->Rollback();
  }
  return written;
}

Result<std::map<std::string, engine::State>> Ledger::LoadStates(
    std::vector<std::string>& problems) const {
  auto select = Statement::Prepare(impl_->Db(), "SELECT workload, state FROM states");
  if (!select) {
    return tl::make_unexpected(select.error());
  }
  std::map<std::string, engine::State> states;
  for (;;) {
    const auto row = select->Step();
    if (!row) {
      return tl::make_unexpected(row.error());
    }
    if (!*row) {
      return states;
    }
    auto state = codec::DecodeState(select->Text(1));
    if (state) {
      states.emplace(select->Text(0), std::move(*state));
    } else {
      problems.push_back(std::string(select->Text(0)) + ": " + state.error().what);
    }
  }
}

Result<std::map<std::string, engine::Decision>> Ledger::LoadChanges() const {
  auto select = Statement::Prepare(
      impl_->Db(),
      "SELECT workload, line FROM decisions WHERE id IN (SELECT max(id) FROM decisions "
      "WHERE json_extract(line, '$.decision.outcome') NOT IN ('kept', 'held') GROUP BY workload)");
  if (!select) {
    return tl::make_unexpected(select.error());
  }
  std::map<std::string, engine::Decision> changes;
  for (;;) {
    const auto row = select->Step();
    if (!row) {
      return tl::make_unexpected(row.error());
    }
    if (!*row) {
      return changes;
    }
    // One that an older version wrote in words of its own is no loss: it is only shown.
    if (auto line = codec::DecodeLine(select->Text(1))) {
      changes.emplace(select->Text(0), std::move(line->decision));
    }
  }
}

Result<std::vector<Entry>> Ledger::Read(const Query& query) const {
  const std::string matching =
      "SELECT id, workload, committed_ms, monotonic_ns, line FROM decisions "
      "WHERE id > ?1 AND (?2 = '' OR workload = ?2) ORDER BY id";
  const auto sql = query.after_id ? matching + " LIMIT ?3"
                                  : "SELECT * FROM (" + matching + " DESC LIMIT ?3) ORDER BY id";
  auto select = Statement::Prepare(impl_->Db(), sql.c_str());
  if (!select) {
    return tl::make_unexpected(select.error());
  }
  select->Bind(1, query.after_id.value_or(0));
  select->Bind(2, query.workload);
  select->Bind(3, static_cast<std::int64_t>(query.limit));
  std::vector<Entry> entries;
  for (;;) {
    const auto row = select->Step();
    if (!row) {
      return tl::make_unexpected(row.error());
    }
    if (!*row) {
      return entries;
    }
    auto line = codec::DecodeLine(select->Text(4));
    if (!line) {
      return tl::make_unexpected(line.error());
    }
    entries.push_back({select->Integer(0), std::string(select->Text(1)),
                       common::WallTime(std::chrono::milliseconds(select->Integer(2))),
                       common::MonotonicTime(std::chrono::nanoseconds(select->Integer(3))),
                       std::move(*line)});
  }
}

Result<std::optional<codec::CapacityMemory>> Ledger::LoadCapacity() const {
  return LoadCapacityMemory(impl_->Db());
}

Result<std::vector<CapacityEntry>> Ledger::ReadCapacity(const Query& query) const {
  return ReadCapacityLines(impl_->Db(), query);
}

}  // namespace scaler::ledger
