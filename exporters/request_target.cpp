#include "exporters/request_target.h"

#include <algorithm>

#include "exporters/router.h"

namespace exporters {
namespace {

/// Nothing that a handler could take for a way out of its folder, or a log for its end of line.
bool IsPlainPath(std::string_view path) {
  const bool strange = std::any_of(path.begin(), path.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < ' ' || letter == '\x7f' || letter == '\\';
  });
  return path.starts_with('/') && !strange && path.find("/../") == std::string_view::npos &&
         !path.ends_with("/..");
}

}  // namespace

std::optional<RequestTarget> ParseRequestTarget(std::string_view target) {
  if (!target.starts_with('/')) {
    const auto scheme_end = target.find("://");
    const auto slash =
        scheme_end == std::string_view::npos ? scheme_end : target.find('/', scheme_end + 3);
    if (slash == std::string_view::npos) {
      return std::nullopt;
    }
    target.remove_prefix(slash);
  }
  target = target.substr(0, target.find('#'));
  const auto question = std::min(target.find('?'), target.size());
  RequestTarget parsed{.path = DecodeUrl(target.substr(0, question), false),
                       .query = ParseQuery(target.substr(std::min(question + 1, target.size())))};
  return IsPlainPath(parsed.path) ? std::optional(std::move(parsed)) : std::nullopt;
}

}  // namespace exporters
