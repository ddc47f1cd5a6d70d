#include "scaler/local/expand.h"

namespace scaler::local {

std::string Expand(std::string_view text, const std::map<std::string, std::string>& variables) {
  std::string expanded;
  while (!text.empty()) {
    if (text.substr(0, 2) == "$$") {
      expanded += '$';
      text.remove_prefix(2);
      continue;
    }
    const auto end = text.substr(0, 2) == "$(" ? text.find(')') : std::string_view::npos;
    if (end == std::string_view::npos) {
      expanded += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto found = variables.find(std::string(text.substr(2, end - 2)));
    expanded += found == variables.end() ? text.substr(0, end + 1) : found->second;
    text.remove_prefix(end + 1);
  }
  return expanded;
}

}  // namespace scaler::local
