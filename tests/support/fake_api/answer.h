#pragma once

#include <fmt/format.h>

#include <string>

#include "common/text.h"
#include "support/fake_api/target.h"

namespace tests {

struct ApiAnswer {
  int status = 200;
  std::string body;
};

/// meta/v1 Status, as servers refuse.
[[nodiscard]] inline std::string RefusalBody(int code, const std::string& reason,
                                             const std::string& message,
                                             const std::string& details = "{}") {
  return fmt::format(
      R"({{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure","message":{},"reason":"{}","details":{},"code":{}}})",
      common::QuoteJson(message), reason, details, code);
}

[[nodiscard]] inline ApiAnswer Refuse(int code, const std::string& reason,
                                      const std::string& message,
                                      const std::string& details = "{}") {
  return {code, RefusalBody(code, reason, message, details)};
}

[[nodiscard]] inline ApiAnswer NotFound(const ApiTarget& target) {
  return Refuse(404, "NotFound",
                fmt::format(R"({} "{}" not found)", target.Qualified(), target.name));
}

[[nodiscard]] inline ApiAnswer BadRequest(const std::string& message) {
  return Refuse(400, "BadRequest", message);
}

[[nodiscard]] inline ApiAnswer Conflict(const ApiTarget& target, const std::string& why) {
  return Refuse(409, "Conflict",
                fmt::format(R"(Operation cannot be fulfilled on {} "{}": {})", target.Qualified(),
                            target.name, why));
}

[[nodiscard]] inline ApiAnswer Modified(const ApiTarget& target) {
  return Conflict(target,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

[[nodiscard]] inline ApiAnswer Invalid(const ApiTarget& target, const std::string& kind,
                                       const std::string& why) {
  return Refuse(422, "Invalid",
                fmt::format(R"({}{} "{}" is invalid: {})", kind,
                            target.group.empty() ? "" : "." + target.group, target.name, why));
}

}  // namespace tests
