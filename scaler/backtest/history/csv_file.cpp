#include "scaler/backtest/history/csv_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>
#include <utility>

#include "common/text.h"

namespace scaler::backtest::history {
namespace {

using common::Result;

constexpr std::size_t kLongestLine = 64U << 20U;
constexpr unsigned kBufferBytes = 1U << 16U;

}  // namespace

struct CsvFile::Stream {
  gzFile file = nullptr;
  std::array<char, kBufferBytes> buffer{};
  std::size_t at = 0;
  std::size_t end = 0;
  std::uintmax_t bytes = 0;  ///< Of the file, as it is stored; 0: not known.

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (file != nullptr) {
      ::gzclose(file);
    }
  }
};

CsvFile::CsvFile(std::string name, std::shared_ptr<Stream> stream)
    : name_(std::move(name)), stream_(std::move(stream)) {}

Result<CsvFile> CsvFile::Open(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return common::Fail(std::errc::is_a_directory, path.string() + ": is a directory");
  }
  auto stream = std::make_shared<Stream>();
  errno = 0;
  stream->file = ::gzopen(path.c_str(), "rb");
  if (stream->file == nullptr) {
    return common::FailErrno(path.string(), errno == 0 ? ENOMEM : errno);
  }
  const auto bytes = std::filesystem::file_size(path, ignored);
  stream->bytes = ignored ? 0 : bytes;
  CsvFile csv(path.string(), std::move(stream));
  std::vector<Field> header;
  const auto read = csv.Next(header);
  if (!read) {
    return tl::make_unexpected(read.error());
  }
  if (!*read) {
    return common::Fail(std::errc::invalid_argument, path.string() + ": is empty");
  }
  for (const auto& field : header) {
    csv.header_.emplace_back(field.text);
  }
  return csv;
}

Result<bool> CsvFile::Next(std::vector<Field>& row) {
  do {
    const auto read = ReadLine();
    if (!read || !*read) {
      return read;
    }
  } while (line_.empty());
  if (const auto split = Split(row); !split) {
    return tl::make_unexpected(split.error());
  }
  if (!header_.empty() && row.size() != header_.size()) {
    return tl::make_unexpected(
        At(row.size() > header_.size() ? row[header_.size()].column : line_.size() + 1,
           fmt::format("the header has {} columns, this row {}", header_.size(), row.size())));
  }
  return true;
}

common::Error CsvFile::At(std::size_t column, const std::string& what) const {
  return AtLine(line_number_, column, what);
}

common::Error CsvFile::AtLine(std::size_t line, std::size_t column, const std::string& what) const {
  return {std::make_error_code(std::errc::invalid_argument),
          fmt::format("{}:{}:{}: {}", name_, line, column, what)};
}

Result<double> CsvFile::Amount(const Field& field) const {
  const auto amount = common::ParseDouble(field.text);
  // What is beyond this is no rate of anything, and sums of it would lose all else.
  constexpr double kMost = 1e15;
  if (!amount || *amount < 0 || *amount > kMost) {
    constexpr std::size_t kShown = 40;
    return tl::make_unexpected(
        At(field.column, fmt::format("expected a number that is not negative, found {}",
                                     common::QuoteJson(field.text.substr(0, kShown)))));
  }
  return *amount;
}

double CsvFile::Progress() const {
  const auto offset = ::gzoffset(stream_->file);
  return stream_->bytes == 0 || offset < 0
             ? 0
             : std::min(1.0, static_cast<double>(offset) / static_cast<double>(stream_->bytes));
}

Result<bool> CsvFile::ReadLine() {
  line_.clear();
  unquoted_.clear();
  ++line_number_;
  while (true) {
    if (stream_->at == stream_->end) {
      const int got = ::gzread(stream_->file, stream_->buffer.data(), kBufferBytes);
      int code = Z_OK;
      const char* const words = ::gzerror(stream_->file, &code);
      // A file that ends too early is read as far as it goes, and only then is an error.
      if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END)) {
        return tl::make_unexpected(At(1, std::string("cannot be read: ") + words));
      }
      if (got == 0) {
        break;
      }
      stream_->at = 0;
      stream_->end = static_cast<std::size_t>(got);
    }
    const char* const begin = stream_->buffer.data() + stream_->at;
    const auto* const end =
        static_cast<const char*>(std::memchr(begin, '\n', stream_->end - stream_->at));
    const auto length =
        end == nullptr ? stream_->end - stream_->at : static_cast<std::size_t>(end - begin);
    line_.append(begin, length);
    stream_->at += length + (end == nullptr ? 0 : 1);
    if (line_.size() > kLongestLine) {
      return tl::make_unexpected(At(kLongestLine, "the line is longer than 64 MiB"));
    }
    if (end != nullptr) {
      if (!line_.empty() && line_.back() == '\r') {
        line_.pop_back();
      }
      return true;
    }
  }
  return !line_.empty();
}

Result<void> CsvFile::Split(std::vector<Field>& row) {
  row.clear();
  std::size_t at = 0;
  while (true) {
    Field field{.text = {}, .column = at + 1};
    if (at < line_.size() && line_[at] == '"') {
      const auto after = TakeQuoted(at, field);
      if (!after) {
        return tl::make_unexpected(after.error());
      }
      at = *after;
    } else {
      const auto end = std::min(line_.find(',', at), line_.size());
      field.text = std::string_view(line_).substr(at, end - at);
      at = end;
    }
    row.push_back(field);
    if (at >= line_.size()) {
      return {};
    }
    ++at;  // The comma.
  }
}

/// Gives back where the comma or the end of the line is.
Result<std::size_t> CsvFile::TakeQuoted(std::size_t from, Field& field) {
  std::string text;
  std::size_t at = from + 1;
  while (true) {
    const auto quote = line_.find('"', at);
    if (quote == std::string::npos) {
      return tl::make_unexpected(At(from + 1, "the quote has no end"));
    }
    text.append(line_, at, quote - at);
    at = quote + 1;
    if (at >= line_.size() || line_[at] != '"') {
      break;
    }
    text.push_back('"');
    ++at;
  }
  if (at < line_.size() && line_[at] != ',') {
    return tl::make_unexpected(At(at + 1, "expected a comma after the quote"));
  }
  field.text = unquoted_.emplace_back(std::move(text));
  return at;
}

}  // namespace scaler::backtest::history
