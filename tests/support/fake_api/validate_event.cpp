// Events as kube-apiserver 1.36 takes them (pkg/apis/core/validation/events.go).
#include <fmt/format.h>

#include <array>

#include "support/fake_api/validate.h"

namespace tests {
namespace {

constexpr std::size_t kMostWord = 128;
constexpr std::size_t kMostNote = 1024;

std::optional<std::string> WordProblem(const json::Object& event, const char* field) {
  const auto text = json::TextAt(event, field);
  if (text.empty()) {
    return fmt::format("{}: Required value", field);
  }
  return text.size() > kMostWord ? std::optional(fmt::format(
                                       "{}: Invalid value: can have at most 128 characters", field))
                                 : std::nullopt;
}

std::optional<std::string> SeriesProblem(const json::Object& event) {
  constexpr int kFewest = 2;
  const auto* const series = json::At(event, "series");
  if (series == nullptr || series->is_null()) {
    return std::nullopt;
  }
  if (json::At(event, "series.count") == nullptr) {
    return "series.count: Invalid value: should be at least 2";
  }
  if (auto problem = NumberProblem(event, "series.count", kFewest)) {
    return problem;
  }
  return IsMicroTime(json::TextAt(event, "series.lastObservedTime"))
             ? std::nullopt
             : std::optional<std::string>("series.lastObservedTime: Required value");
}

}  // namespace

std::optional<std::string> EventProblem(const json::Object& event) {
  for (const auto* const word : {"reportingController", "reportingInstance", "action", "reason"}) {
    if (auto problem = WordProblem(event, word)) {
      return problem;
    }
  }
  if (!IsMicroTime(json::TextAt(event, "eventTime"))) {
    return "eventTime: Required value";
  }
  if (json::TextAt(event, "note").size() > kMostNote) {
    return "message: Invalid value: can have at most 1024 characters";
  }
  if (const auto type = json::TextAt(event, "type"); type != "Normal" && type != "Warning") {
    return "type: Invalid value: has invalid value: " + type;
  }
  for (const auto* const old : {"deprecatedFirstTimestamp", "deprecatedLastTimestamp",
                                "deprecatedCount", "deprecatedSource"}) {
    if (event.if_contains(old) != nullptr) {
      return fmt::format("{}: Invalid value: needs to be unset", old);
    }
  }
  const auto place = json::TextAt(event, "metadata.namespace");
  const auto of = json::TextAt(event, "regarding.namespace");
  if (of.empty() ? place != "default" && place != "kube-system" : place != of) {
    return fmt::format(
        R"(involvedObject.namespace: Invalid value: "{}": does not match event.namespace)", of);
  }
  return SeriesProblem(event);
}

std::optional<std::string> EventChangeProblem(const json::Object& before,
                                              const json::Object& after) {
  constexpr std::array kFixed = {
      "regarding",           "related",          "reason", "note", "type", "action", "eventTime",
      "reportingController", "reportingInstance"};
  for (const auto* const field : kFixed) {
    const auto* const was = before.if_contains(field);
    const auto* const is = after.if_contains(field);
    if ((was == nullptr) != (is == nullptr) || (was != nullptr && *was != *is)) {
      return fmt::format("{}: Invalid value: field is immutable", field);
    }
  }
  return std::nullopt;
}

}  // namespace tests
