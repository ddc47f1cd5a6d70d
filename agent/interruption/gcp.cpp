#include <string>
#include <utility>

#include "agent/interruption/json_answer.h"
#include "agent/interruption/protocol.h"
#include "agent/interruption/protocols.h"

namespace agent::interruption {
namespace {

using common::Result;
using common::http::Response;

/// Of a preemption, by Google's documentation.
constexpr auto kPreemption = std::chrono::seconds(30);
/// Of maintenance: the value changes so long before it.
constexpr auto kMaintenance = std::chrono::seconds(60);

class Gcp final : public Protocol {
 public:
  Result<std::vector<Sighting>> Look(const Ask& ask, common::MonotonicTime /*now*/) override {
    return Get(ask, "preempted").and_then(ParseGcpPreempted).and_then([&](auto seen) {
      return Get(ask, "maintenance-event")
          .and_then(ParseGcpMaintenance)
          .map([&](const std::vector<Sighting>& more) {
            seen.insert(seen.end(), more.begin(), more.end());
            return std::move(seen);
          });
    });
  }

 private:
  static Result<std::string> Get(const Ask& ask, const std::string& key) {
    const Request request{.target = "/computeMetadata/v1/instance/" + key,
                          .headers = {{"Metadata-Flavor", "Google"}}};
    return ask(request).and_then([&](const Response& answer) -> Result<std::string> {
      if (answer.status != 200) {
        return Unlike(request.target, "answers " + std::to_string(answer.status));
      }
      // By this one knows that it is Google's service and not somebody else's page.
      const auto flavor = answer.headers.find("metadata-flavor");
      if (flavor == answer.headers.end() || flavor->second != "Google") {
        return Unlike(request.target, "the answer has no Metadata-Flavor: Google");
      }
      return answer.body;
    });
  }
};

}  // namespace

Result<std::vector<Sighting>> ParseGcpPreempted(std::string_view body) {
  if (body == "TRUE") {
    return std::vector<Sighting>{{.kind = Kind::kSpot, .usual_notice = kPreemption}};
  }
  if (body == "FALSE") {
    return std::vector<Sighting>{};
  }
  return Unlike("instance/preempted", "is neither TRUE nor FALSE");
}

Result<std::vector<Sighting>> ParseGcpMaintenance(std::string_view body) {
  if (body == "TERMINATE_ON_HOST_MAINTENANCE") {
    return std::vector<Sighting>{{.kind = Kind::kMaintenance, .usual_notice = kMaintenance}};
  }
  if (body == "NONE" || body == "MIGRATE_ON_HOST_MAINTENANCE") {
    return std::vector<Sighting>{};
  }
  return Unlike("instance/maintenance-event", "is no known word");
}

std::unique_ptr<Protocol> MakeGcp() { return std::make_unique<Gcp>(); }

}  // namespace agent::interruption
