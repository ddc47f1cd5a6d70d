#include "agent/interruption/json_answer.h"

#include <ctime>

namespace agent::interruption {

tl::unexpected<common::Error> Unlike(std::string_view what, std::string_view why) {
  return common::Fail(std::errc::bad_message, std::string(what) + ": " + std::string(why));
}

common::Result<boost::json::value> ParseJson(std::string_view body, std::string_view what) {
  boost::json::error_code problem;
  auto value = boost::json::parse(body, problem);
  if (problem) {
    return Unlike(what, "not JSON: " + problem.message());
  }
  return value;
}

std::optional<std::string> StringAt(const boost::json::value& value, std::string_view key) {
  const auto* const object = value.if_object();
  const auto* const found = object == nullptr ? nullptr : object->if_contains(key);
  if (found == nullptr || !found->is_string()) {
    return std::nullopt;
  }
  return std::string(found->get_string());
}

std::optional<common::WallTime> ParseUtc(const std::string& text, const char* format) {
  std::tm parts{};
  const char* const end = ::strptime(text.c_str(), format, &parts);
  if (end == nullptr || *end != '\0') {
    return std::nullopt;
  }
  return common::WallTime(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace agent::interruption
