#include "support/fake_api/target.h"

#include <algorithm>
#include <vector>

namespace tests {
namespace {

int Digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && Digit(text[i + 1]) >= 0 &&
        Digit(text[i + 2]) >= 0) {
      plain += static_cast<char>(Digit(text[i + 1]) * 16 + Digit(text[i + 2]));
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

std::map<std::string, std::string> QueryOf(std::string_view rest) {
  std::map<std::string, std::string> query;
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto sign = pair.find('=');
    query.emplace(Unescape(pair.substr(0, sign)),
                  sign == std::string_view::npos ? std::string() : Unescape(pair.substr(sign + 1)));
  }
  return query;
}

std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // The slash.
    const auto segment = path.substr(0, path.find('/'));
    segments.emplace_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

}  // namespace

std::optional<ApiTarget> ParseTarget(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  if (!path.starts_with('/')) {
    return std::nullopt;
  }
  auto parts = Segments(path);
  if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); })) {
    return std::nullopt;
  }
  ApiTarget parsed;
  std::size_t at = 0;
  if (parts.size() >= 3 && parts[0] == "api") {
    parsed.api_version = parts[1];
    at = 2;
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    parsed.group = parts[1];
    parsed.api_version = parts[1] + "/" + parts[2];
    at = 3;
  } else {
    return std::nullopt;
  }
  const bool of_namespace = parts[at] == "namespaces" && parts.size() >= at + 3 &&
                            parts[at + 2] != "status" && parts[at + 2] != "finalize";
  if (of_namespace) {
    parsed.name_space = parts[at + 1];
    at += 2;
  }
  if (parts.size() > at + 3) {
    return std::nullopt;
  }
  parsed.resource = parts[at];
  parsed.name = parts.size() > at + 1 ? parts[at + 1] : "";
  parsed.sub = parts.size() > at + 2 ? parts[at + 2] : "";
  parsed.collection =
      (parsed.group.empty() ? "/api/" : "/apis/") + parsed.api_version + "/" + parsed.resource;
  if (path.size() < target.size()) {
    parsed.query = QueryOf(target.substr(path.size() + 1));
  }
  return parsed;
}

}  // namespace tests
