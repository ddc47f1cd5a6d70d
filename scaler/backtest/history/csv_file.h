#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace scaler::backtest::history {

/// One value of a row, valid until the next row is read.
struct Field {
  std::string_view text;
  std::size_t column = 1;  ///< Of its first byte in the line, from 1.
};

/// Reads a CSV file by the row, gzipped or not, in bounded memory: a row has at most 64 MiB.
/// Commas part values; one in double quotes may hold commas, and a quote as two of them. Rows end
/// with LF or CRLF; empty ones are passed over.
class CsvFile {
 public:
  /// Reads the header too.
  [[nodiscard]] static common::Result<CsvFile> Open(const std::filesystem::path& path);

  [[nodiscard]] const std::vector<std::string>& Header() const { return header_; }

  /// The next row, which has as many fields as the header. False: there is none.
  [[nodiscard]] common::Result<bool> Next(std::vector<Field>& row);

  /// An error at a place of the row that was read last: "file:line:col: what".
  [[nodiscard]] common::Error At(std::size_t column, const std::string& what) const;
  [[nodiscard]] common::Error AtLine(std::size_t line, std::size_t column,
                                     const std::string& what) const;

  /// Of the row that was read last, from 1.
  [[nodiscard]] std::size_t Line() const { return line_number_; }

  /// A number of the row, finite and not negative; else an error at its place.
  [[nodiscard]] common::Result<double> Amount(const Field& field) const;

  /// Share of the file's bytes that have been read.
  [[nodiscard]] double Progress() const;

 private:
  struct Stream;

  CsvFile(std::string name, std::shared_ptr<Stream> stream);

  [[nodiscard]] common::Result<bool> ReadLine();
  [[nodiscard]] common::Result<void> Split(std::vector<Field>& row);
  [[nodiscard]] common::Result<std::size_t> TakeQuoted(std::size_t from, Field& field);

  std::string name_;
  std::shared_ptr<Stream> stream_;
  std::string line_;
  std::size_t line_number_ = 0;
  std::vector<std::string> header_;
  std::deque<std::string> unquoted_;  ///< Fields whose text is not in the line as it is.
};

}  // namespace scaler::backtest::history
