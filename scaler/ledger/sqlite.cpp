#include "scaler/ledger/sqlite.h"

#include <sqlite3.h>

#include <utility>

namespace scaler::ledger {
namespace {

std::errc CodeOf(int result) {
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return std::errc::device_or_resource_busy;
    case SQLITE_FULL:
      return std::errc::no_space_on_device;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return std::errc::permission_denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return std::errc::bad_message;
    default:
      return std::errc::io_error;
  }
}

const char* Advice(int result) {
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "; another scaler uses this state directory: stop it, or give --state another one";
    case SQLITE_FULL:
      return "; free some space on its disk";
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return "; check that its directory exists and can be written";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; move the file away to begin anew without history";
    default:
      return "";
  }
}

tl::unexpected<common::Error> FailWith(sqlite3* handle, const std::string& file) {
  const int result = sqlite3_extended_errcode(handle);
  return common::Fail(CodeOf(result), file + ": " + sqlite3_errmsg(handle) + Advice(result));
}

}  // namespace

Database::Database(sqlite3* handle, std::string file) : handle_(handle), file_(std::move(file)) {}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), file_(std::move(other.file_)) {}

Database::~Database() { sqlite3_close(handle_); }

common::Result<Database> Database::Open(const std::string& file, Access access) {
  sqlite3* handle = nullptr;
  const int flags = access == Access::kReadOnly ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int result = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(handle, file);
  if (result != SQLITE_OK) {
    return FailWith(handle, file);
  }
  sqlite3_busy_timeout(handle, 2000);
  return database;
}

common::Result<void> Database::Run(const char* sql) const {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Failure();
  }
  return {};
}

common::Result<std::int64_t> Database::Number(const char* sql) const {
  auto statement = Statement::Prepare(*this, sql);
  if (!statement) {
    return tl::make_unexpected(statement.error());
  }
  return statement->Step().map(
      [&](bool row) { return row ? statement->Integer(0) : std::int64_t{0}; });
}

tl::unexpected<common::Error> Database::Failure() const { return FailWith(handle_, file_); }

Statement::Statement(const Database& database, sqlite3_stmt* handle)
    : database_(&database), handle_(handle) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), handle_(std::exchange(other.handle_, nullptr)) {}

Statement::~Statement() { sqlite3_finalize(handle_); }

common::Result<Statement> Statement::Prepare(const Database& database, const char* sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v2(database.Get(), sql, -1, &handle, nullptr) != SQLITE_OK) {
    return database.Failure();
  }
  return Statement(database, handle);
}

void Statement::Bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(handle_, parameter, value);
}

void Statement::Bind(int parameter, std::string_view value) {
  sqlite3_bind_text64(handle_, parameter, value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
}

common::Result<bool> Statement::Step() {
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW || result == SQLITE_DONE) {
    return result == SQLITE_ROW;
  }
  return database_->Failure();
}

void Statement::Reset() { sqlite3_reset(handle_); }

std::int64_t Statement::Integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::Text(int column) const {
  const auto* const text = sqlite3_column_text(handle_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return {reinterpret_cast<const char*>(text), size};
}

}  // namespace scaler::ledger
