#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace scaler::ledger {

/// One SQLite connection. Not thread-safe.
class Database {
 public:
  enum class Access { kReadWrite, kReadOnly };

  [[nodiscard]] static common::Result<Database> Open(const std::string& file, Access access);
  Database(Database&& other) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database& operator=(Database&&) = delete;
  ~Database();

  /// Runs statements that answer nothing.
  [[nodiscard]] common::Result<void> Run(const char* sql) const;

  /// The first column of the first row; 0 where there is none.
  [[nodiscard]] common::Result<std::int64_t> Number(const char* sql) const;

  [[nodiscard]] sqlite3* Get() const { return handle_; }

  /// The last failure, with the file's name and what to do where that is known.
  [[nodiscard]] tl::unexpected<common::Error> Failure() const;

 private:
  Database(sqlite3* handle, std::string file);
  sqlite3* handle_ = nullptr;
  std::string file_;
};

/// One prepared statement. Parameters and columns count as in SQLite: from 1 and from 0.
class Statement {
 public:
  [[nodiscard]] static common::Result<Statement> Prepare(const Database& database, const char* sql);
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  void Bind(int parameter, std::int64_t value);
  void Bind(int parameter, std::string_view value);

  /// True while there is a row.
  [[nodiscard]] common::Result<bool> Step();
  void Reset();

  [[nodiscard]] std::int64_t Integer(int column) const;
  [[nodiscard]] std::string_view Text(int column) const;  ///< Valid until the next Step.

 private:
  Statement(const Database& database, sqlite3_stmt* handle);
  const Database* database_;
  sqlite3_stmt* handle_;
};

}  // namespace scaler::ledger
