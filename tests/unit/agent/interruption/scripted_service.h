#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "agent/interruption/protocol.h"

namespace agent::interruption {

/// A metadata service that answers as a test says, and keeps what it was asked.
class ScriptedService {
 public:
  /// `target` is answered so from now on.
  void Say(const std::string& target, int status, const std::string& body,
           common::http::Headers headers = {}) {
    answers_[target] = {.status = status, .headers = std::move(headers), .body = body};
  }
  void BreakOff() { broken_ = true; }

  [[nodiscard]] Ask AskIt() {
    return [this](const Request& request) -> common::Result<common::http::Response> {
      asked.push_back(request);
      if (broken_) {
        return common::Fail(std::errc::timed_out, "no answer in time");
      }
      const auto found = answers_.find(request.target);
      return found == answers_.end()
                 ? common::http::Response{.status = 404, .headers = {}, .body = {}}
                 : found->second;
    };
  }

  [[nodiscard]] std::size_t Asked(const std::string& target) const {
    std::size_t times = 0;
    for (const auto& request : asked) {
      times += request.target == target ? 1 : 0;
    }
    return times;
  }

  std::vector<Request> asked;

 private:
  std::map<std::string, common::http::Response> answers_;
  bool broken_ = false;
};

}  // namespace agent::interruption
