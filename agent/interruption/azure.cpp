#include <algorithm>
#include <string>
#include <utility>

#include "agent/interruption/json_answer.h"
#include "agent/interruption/protocol.h"
#include "agent/interruption/protocols.h"

namespace agent::interruption {
namespace {

using common::Result;
using common::http::Response;

constexpr std::string_view kWhat = "scheduled events";
constexpr std::size_t kLongestName = 256;

/// What an event means for its machines; nothing where they stay.
std::optional<Kind> KindOf(const std::string& type) {
  if (type == "Preempt") {
    return Kind::kSpot;
  }
  if (type == "Reboot" || type == "Redeploy" || type == "Terminate") {
    return Kind::kMaintenance;
  }
  return std::nullopt;
}

bool Concerns(const boost::json::value& event, const std::string& name) {
  const auto* const resources = event.get_object().if_contains("Resources");
  return name.empty() || resources == nullptr || !resources->is_array() ||
         std::any_of(resources->get_array().begin(), resources->get_array().end(),
                     [&](const boost::json::value& resource) {
                       return resource.is_string() &&
                              std::string_view(resource.get_string()) == name;
                     });
}

Result<std::optional<Sighting>> ParseEvent(const boost::json::value& event,
                                           const std::string& name) {
  const auto type = StringAt(event, "EventType");
  if (!type) {
    return Unlike(kWhat, "an event has no EventType");
  }
  const auto kind = KindOf(*type);
  if (!kind || !Concerns(event, name)) {
    return std::nullopt;
  }
  // Empty once it has begun.
  const auto not_before = StringAt(event, "NotBefore").value_or("");
  if (not_before.empty()) {
    return Sighting{.kind = *kind};
  }
  const auto at = ParseUtc(not_before, "%a, %d %b %Y %H:%M:%S GMT");
  if (!at) {
    return Unlike(kWhat, "an event's NotBefore is no time");
  }
  return Sighting{.kind = *kind, .at = at};
}

class Azure final : public Protocol {
 public:
  Result<std::vector<Sighting>> Look(const Ask& ask, common::MonotonicTime /*now*/) override {
    return LearnName(ask)
        .and_then([&] { return Get(ask, "/metadata/scheduledevents?api-version=2020-07-01"); })
        .and_then([&](const std::string& body) { return ParseAzureEvents(body, name_); });
  }

 private:
  /// The events of all machines of a scale set are told to each of them.
  Result<void> LearnName(const Ask& ask) {
    if (!name_.empty()) {
      return {};
    }
    return Get(ask, "/metadata/instance/compute/name?api-version=2021-02-01&format=text")
        .and_then([&](const std::string& name) -> Result<void> {
          if (name.empty() || name.size() > kLongestName) {
            return Unlike("instance/compute/name", "is no name");
          }
          name_ = name;
          return {};
        });
  }

  static Result<std::string> Get(const Ask& ask, const std::string& target) {
    const Request request{.target = target, .headers = {{"Metadata", "true"}}};
    return ask(request).and_then([&](const Response& answer) -> Result<std::string> {
      if (answer.status != 200) {
        return Unlike(target, "answers " + std::to_string(answer.status));
      }
      return answer.body;
    });
  }

  std::string name_;
};

}  // namespace

Result<std::vector<Sighting>> ParseAzureEvents(std::string_view body, const std::string& name) {
  return ParseJson(body, kWhat)
      .and_then([&](const boost::json::value& value) -> Result<std::vector<Sighting>> {
        const auto* const object = value.if_object();
        const auto* const events = object == nullptr ? nullptr : object->if_contains("Events");
        if (events == nullptr || !events->is_array()) {
          return Unlike(kWhat, "has no list of Events");
        }
        std::vector<Sighting> seen;
        for (const auto& event : events->get_array()) {
          const auto sighting = ParseEvent(event, name);
          if (!sighting) {
            return tl::make_unexpected(sighting.error());
          }
          if (*sighting) {
            seen.push_back(**sighting);
          }
        }
        return seen;
      });
}

std::unique_ptr<Protocol> MakeAzure() { return std::make_unique<Azure>(); }

std::unique_ptr<Protocol> MakeProtocol(Provider provider) {
  switch (provider) {
    case Provider::kAws:
      return MakeAws();
    case Provider::kGcp:
      return MakeGcp();
    case Provider::kAzure:
      break;
  }
  return MakeAzure();
}

}  // namespace agent::interruption
