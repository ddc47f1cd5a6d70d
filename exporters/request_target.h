#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace exporters {

struct RequestTarget {
  std::string path;
  std::map<std::string, std::string> query;
};

/// The target of a request line: "/path?query" or "http://host/path?query". Nothing where it is
/// neither, or where the decoded path holds a control character, a backslash or a "..".
[[nodiscard]] std::optional<RequestTarget> ParseRequestTarget(std::string_view target);

}  // namespace exporters
