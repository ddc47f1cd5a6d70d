#include "integration/rules/selectors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace tests {
namespace {

/// Words before a list of labels.
constexpr std::array<std::string_view, 6> kBeforeLabels = {"by",       "without",    "on",
                                                           "ignoring", "group_left", "group_right"};
constexpr std::array<std::string_view, 8> kWords = {"and",    "or",    "unless", "bool",
                                                    "offset", "atan2", "inf",    "nan"};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::set<std::string> Selectors() {
    std::set<std::string> selectors;
    while (at_ < text_.size()) {
      const char next = text_[at_];
      if (next == '"' || next == '\'' || next == '`') {
        SkipString();
      } else if (next == '[') {
        SkipTo(']');
      } else if (std::isdigit(static_cast<unsigned char>(next)) != 0) {
        (void)Word();  // A number or a duration.
      } else if (IsWord(next)) {
        TakeWord(selectors);
      } else {
        ++at_;
      }
    }
    return selectors;
  }

 private:
  static bool IsWord(char byte) {
    return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' || byte == ':';
  }

  template <typename Words>
  static bool IsOneOf(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  std::string_view Word() {
    const auto begin = at_;
    while (at_ < text_.size() && IsWord(text_[at_])) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  void TakeWord(std::set<std::string>& selectors) {
    const auto word = Word();
    const auto begin = at_ - word.size();
    SkipBlanks();
    const char next = at_ < text_.size() ? text_[at_] : '\0';
    if (IsOneOf(kBeforeLabels, word)) {
      if (next == '(') {
        SkipTo(')');
      }
      return;
    }
    if (next == '(' || IsOneOf(kWords, word) || AggregatesHere()) {
      return;
    }
    if (next == '{') {
      SkipTo('}');
    }
    auto selector = text_.substr(begin, at_ - begin);
    while (selector.ends_with(' ') || selector.ends_with('\n')) {
      selector.remove_suffix(1);
    }
    selectors.emplace(selector);
  }

  /// "sum by (tenant) (...)": the word before is an operator.
  [[nodiscard]] bool AggregatesHere() const {
    auto rest = *this;
    const auto word = rest.Word();
    return word == "by" || word == "without";
  }

  void SkipBlanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      ++at_;
    }
  }

  void SkipString() {
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      at_ += text_[at_] == '\\' && quote != '`' ? 2 : 1;
    }
    ++at_;
  }

  /// Behind the next `end` that is not in quotes.
  void SkipTo(char end) {
    while (at_ < text_.size() && text_[at_] != end) {
      if (text_[at_] == '"' || text_[at_] == '\'') {
        SkipString();
      } else {
        ++at_;
      }
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::set<std::string> SelectorsOf(std::string_view expression) {
  return Reader(expression).Selectors();
}

}  // namespace tests
