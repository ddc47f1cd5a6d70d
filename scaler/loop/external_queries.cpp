#include "scaler/loop/external_queries.h"

#include <array>
#include <utility>

namespace scaler::loop {
namespace {

bool IsWord(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_';
}

/// The word that begins at `at`; empty where there is none.
std::string_view WordAt(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && IsWord(text[end])) {
    ++end;
  }
  return text.substr(at, end - at);
}

void AppendEscaped(std::string_view value, std::string& to) {
  for (const char byte : value) {
    if (byte == '\n') {
      to += "\\n";
      continue;
    }
    if (byte == '"' || byte == '\'' || byte == '\\') {
      to += '\\';
    }
    to += byte;
  }
}

}  // namespace

std::string ExpandQuery(std::string_view query, const platform::WorkloadId& workload,
                        std::string_view tenant) {
  const std::array<std::pair<std::string_view, std::string_view>, 3> values = {
      {{"tenant", tenant}, {"namespace", workload.name_space}, {"workload", workload.name}}};
  std::string expanded;
  for (std::size_t at = 0; at < query.size(); ++at) {
    const auto word = query[at] == '$' ? WordAt(query, at + 1) : std::string_view();
    bool known = false;
    for (const auto& [name, value] : values) {
      if (!word.empty() && word == name) {
        AppendEscaped(value, expanded);
        at += word.size();
        known = true;
      }
    }
    if (!known) {
      expanded += query[at];
    }
  }
  return expanded;
}

void ExpandQueries(const platform::WorkloadId& workload, std::string_view tenant,
                   engine::Policy& policy) {
  for (auto& signal : policy.signals.external) {
    signal.query = ExpandQuery(signal.query, workload, tenant);
  }
}

}  // namespace scaler::loop
