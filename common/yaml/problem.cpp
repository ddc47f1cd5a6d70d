#include "common/yaml/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/text.h"

namespace common::yaml {
namespace {

constexpr std::size_t kMostProblems = 100;

/// Control characters would break the line, or a terminal.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    line +=
        byte < 0x20 || byte == 0x7F ? fmt::format("\\x{:02x}", unsigned{byte}) : std::string(1, c);
  }
  return line;
}

}  // namespace

std::string ToString(const Problem& problem) {
  std::string text = problem.file;
  if (problem.at.line > 0) {
    text += fmt::format(":{}:{}", problem.at.line, problem.at.column);
  }
  if (!problem.path.empty()) {
    text += ": " + problem.path;
  }
  text += ": " + problem.what;
  if (!problem.suggestion.empty()) {
    text += fmt::format("; did you mean '{}'?", problem.suggestion);
  }
  return OneLine(text);
}

std::string ToString(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) {
    text += (text.empty() ? "" : "\n") + ToString(problem);
  }
  return text;
}

std::string JoinPath(const std::string& path, std::string_view key) {
  constexpr std::size_t kLongestKey = 64;
  const bool word = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (!word) {
    return fmt::format("{}[{}]", path, QuoteJson(key.substr(0, kLongestKey)));
  }
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

Problems::Problems(std::string file) : file_(std::move(file)) {}

void Problems::Add(Position at, std::string_view path, std::string what, std::string suggestion) {
  if (problems_.size() == kMostProblems) {
    ++left_out_;
    return;
  }
  problems_.push_back({.file = file_,
                       .at = at,
                       .path = std::string(path),
                       .what = std::move(what),
                       .suggestion = std::move(suggestion)});
}

std::vector<Problem> Problems::Sorted() const {
  auto sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& left, const Problem& right) { return left.at < right.at; });
  if (left_out_ > 0) {
    sorted.push_back({.file = file_,
                      .at = {},
                      .path = {},
                      .what = fmt::format("and {} more problems", left_out_),
                      .suggestion = {}});
  }
  return sorted;
}

Error Problems::AsError() const {
  return {std::make_error_code(std::errc::invalid_argument), ToString(Sorted())};
}

}  // namespace common::yaml
