#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace tests {

/// Asks a fake API server by hand.
class Asking : public testing::Test {
 protected:
  struct Answered {
    int status = 0;
    std::string body = {};

    [[nodiscard]] bool Says(std::string_view text) const {
      return body.find(text) != std::string::npos;
    }
  };

  static constexpr const char* kJson = "application/json";
  static constexpr const char* kMerge = "application/merge-patch+json";

  Answered Ask(const std::string& method, const std::string& target, const std::string& body = "",
               const std::string& type = "") {
    common::kubernetes::WireRequest request{method, target, {{"User-Agent", "test"}}, body};
    if (!body.empty()) {
      request.headers["Content-Type"] = !type.empty() ? type : method == "PATCH" ? kMerge : kJson;
    }
    Answered answered;
    common::kubernetes::WireEvents events;
    events.on_head = [&](int status, const auto&) { answered.status = status; };
    events.on_bytes = [&](std::string_view bytes) { answered.body += bytes; };
    events.on_end = [](const auto&) {};
    const auto call = api_.Start(std::move(request), std::move(events));
    executor_.RunFor(std::chrono::milliseconds(1));
    return answered;
  }

  /// The text of `"key":"..."`, at its first place.
  static std::string TextOf(const std::string& body, const std::string& key) {
    const auto at = body.find("\"" + key + "\":\"");
    if (at == std::string::npos) {
      return "";
    }
    const auto from = at + key.size() + 4;
    return body.substr(from, body.find('"', from) - from);
  }

  SimulatedExecutor executor_{common::WallTime(std::chrono::hours(24))};
  FakeApi api_{executor_};
};

}  // namespace tests
