#include "tests/demo/stage/template.h"

namespace demo {

common::Result<std::string> FillTemplate(std::string_view text,
                                         const std::map<std::string, std::string>& values) {
  constexpr std::string_view kNameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  std::string filled;
  while (!text.empty()) {
    const auto begin = text.find('@');
    filled += text.substr(0, begin);
    if (begin == std::string_view::npos) {
      break;
    }
    text.remove_prefix(begin);
    const auto end = text.find_first_not_of(kNameLetters, 1);
    if (end == std::string_view::npos || end == 1 || text[end] != '@') {
      filled += '@';
      text.remove_prefix(1);
      continue;
    }
    const std::string name(text.substr(1, end - 1));
    const auto value = values.find(name);
    if (value == values.end()) {
      return common::Fail(std::errc::invalid_argument, "nothing is known of @" + name + "@");
    }
    filled += value->second;
    text.remove_prefix(end + 1);
  }
  return filled;
}

}  // namespace demo
