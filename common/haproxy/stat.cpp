#include "common/haproxy/stat.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.h"

namespace common::haproxy {
namespace {

/// The next field of a line of CSV; a quoted one may hold commas and doubled quotes.
std::string TakeField(std::string_view& line) {
  std::string field;
  bool quoted = false;
  while (!line.empty()) {
    const char c = line.front();
    if (c == ',' && !quoted) {
      line.remove_prefix(1);
      break;
    }
    if (c == '"' && quoted && line.substr(0, 2) == "\"\"") {
      field += c;
      line.remove_prefix(1);
    } else if (c == '"') {
      quoted = !quoted;
    } else {
      field += c;
    }
    line.remove_prefix(1);
  }
  return field;
}

std::vector<std::string> Fields(std::string_view line) {
  std::vector<std::string> fields;
  while (!line.empty()) {
    fields.push_back(TakeField(line));
  }
  return fields;
}

std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    if (const auto word = TakeWord(line); !word.empty()) {
      words.emplace_back(word);
    }
  }
  return words;
}

/// A header and one line under it, read by the names of the columns.
class Row {
 public:
  Row(const std::vector<std::string>& header, std::vector<std::string> fields)
      : header_(header), fields_(std::move(fields)) {}

  [[nodiscard]] std::string Text(std::string_view column) const {
    const auto found = std::find(header_.begin(), header_.end(), column);
    const auto index = static_cast<std::size_t>(found - header_.begin());
    return index < fields_.size() ? fields_[index] : std::string();
  }
  [[nodiscard]] std::uint64_t Number(std::string_view column) const {
    return ParseUnsigned(Text(column)).value_or(0);
  }

 private:
  const std::vector<std::string>& header_;
  std::vector<std::string> fields_;
};

bool HasAll(const std::vector<std::string>& header,
            std::initializer_list<std::string_view> columns) {
  return std::all_of(columns.begin(), columns.end(), [&](std::string_view column) {
    return std::find(header.begin(), header.end(), column) != header.end();
  });
}

tl::unexpected<Error> NoAnswerOf(std::string_view command, std::string_view answer) {
  return Fail(std::errc::bad_message, "HAProxy: this is no answer to '" + std::string(command) +
                                          "': " + QuoteJson(answer.substr(0, 80)));
}

StatLine ToStatLine(const Row& row) {
  return {.proxy = row.Text("pxname"),
          .server = row.Text("svname"),
          .status = row.Text("status"),
          .stot = row.Number("stot"),
          .req_tot = row.Number("req_tot"),
          .scur = row.Number("scur"),
          .qcur = row.Number("qcur"),
          .econ = row.Number("econ"),
          .eresp = row.Number("eresp"),
          .wretr = row.Number("wretr"),
          .wredis = row.Number("wredis"),
          .hrsp_2xx = row.Number("hrsp_2xx"),
          .hrsp_4xx = row.Number("hrsp_4xx"),
          .hrsp_5xx = row.Number("hrsp_5xx")};
}

/// What follows "Key: " on a line of its own.
std::optional<std::string_view> FindValue(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.substr(0, key.size()) == key && line.substr(key.size(), 2) == ": ") {
      return line.substr(key.size() + 2);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<StatLine>> ParseStat(std::string_view answer) {
  std::string_view rest = answer;
  const std::string_view first = TakeLine(rest);
  if (first.substr(0, 2) != "# ") {
    return NoAnswerOf("show stat", answer);
  }
  const auto header = Fields(first.substr(2));
  if (!HasAll(header, {"pxname", "svname", "status", "stot", "scur", "qcur"})) {
    return NoAnswerOf("show stat", answer);
  }
  std::vector<StatLine> lines;
  while (!rest.empty()) {
    if (const auto line = TakeLine(rest); !line.empty()) {
      lines.push_back(ToStatLine(Row(header, Fields(line))));
    }
  }
  return lines;
}

Result<Info> ParseInfo(std::string_view answer) {
  const auto pid = ParseUnsigned(FindValue(answer, "Pid").value_or(""));
  const auto uptime = ParseUnsigned(FindValue(answer, "Uptime_sec").value_or(""));
  if (!pid || !std::in_range<std::int64_t>(*pid) || !uptime) {
    return NoAnswerOf("show info", answer);
  }
  return Info{.pid = static_cast<std::int64_t>(*pid),
              .uptime_seconds = *uptime,
              .version = std::string(FindValue(answer, "Version").value_or(""))};
}

Result<std::vector<ServerState>> ParseServersState(std::string_view answer) {
  std::string_view rest = answer;
  if (TakeLine(rest) != "1") {  // the version of the format
    return NoAnswerOf("show servers state", answer);
  }
  const std::string_view first = TakeLine(rest);
  const auto header = Words(first.substr(std::min<std::size_t>(first.size(), 2)));
  if (!HasAll(header, {"be_name", "srv_name", "srv_addr", "srv_port", "srv_admin_state"})) {
    return NoAnswerOf("show servers state", answer);
  }
  std::vector<ServerState> servers;
  while (!rest.empty()) {
    const auto line = TakeLine(rest);
    if (line.empty()) {
      continue;
    }
    const Row row(header, Words(line));
    servers.push_back({.backend = row.Text("be_name"),
                       .server = row.Text("srv_name"),
                       .address = row.Text("srv_addr"),
                       .port = row.Number("srv_port"),
                       .admin_state = row.Number("srv_admin_state")});
  }
  return servers;
}

}  // namespace common::haproxy
