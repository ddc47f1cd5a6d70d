#include <algorithm>
#include <string>
#include <utility>

#include "agent/interruption/json_answer.h"
#include "agent/interruption/protocol.h"
#include "agent/interruption/protocols.h"
#include "common/text.h"

namespace agent::interruption {
namespace {

using common::Result;
using common::http::Response;

constexpr const char* kIso = "%Y-%m-%dT%H:%M:%SZ";
constexpr const char* kTtlHeader = "x-aws-ec2-metadata-token-ttl-seconds";
constexpr const char* kTokenHeader = "x-aws-ec2-metadata-token";
constexpr std::uint64_t kTtlSeconds = 21'600;  // The longest that there is.
/// A token is renewed so long before its end, or at half of its time where that is later.
constexpr auto kRenewBefore = std::chrono::seconds(60);
constexpr std::size_t kLongestToken = 1024;
constexpr std::string_view kMetadata = "/latest/meta-data/";

Result<Sighting> Dated(std::string_view body, std::string_view what, const char* key, Kind kind) {
  return ParseJson(body, what).and_then([&](const boost::json::value& value) -> Result<Sighting> {
    const auto text = StringAt(value, key);
    const auto at = text ? ParseUtc(*text, kIso) : std::nullopt;
    if (!at) {
      return Unlike(what, std::string("has no time in '") + key + "'");
    }
    return Sighting{.kind = kind, .at = at};
  });
}

bool IsToken(const std::string& text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

class Aws final : public Protocol {
 public:
  Result<std::vector<Sighting>> Look(const Ask& ask, common::MonotonicTime now) override {
    std::vector<Sighting> seen;
    auto action = Get(ask, "spot/instance-action", now);
    if (!action) {
      return tl::make_unexpected(action.error());
    }
    if (*action) {
      const auto sighting = ParseAwsAction(**action);
      if (!sighting) {
        return tl::make_unexpected(sighting.error());
      }
      seen.push_back(*sighting);
    }
    return LookForRebalance(ask, now, seen).and_then([&] {
      return LookForMaintenance(ask, now, seen).map([&] { return std::move(seen); });
    });
  }

 private:
  Result<void> LookForRebalance(const Ask& ask, common::MonotonicTime now,
                                std::vector<Sighting>& seen) {
    return Get(ask, "events/recommendations/rebalance", now)
        .and_then([&](const std::optional<std::string>& body) -> Result<void> {
          if (!body) {
            return {};
          }
          return ParseAwsRebalance(*body).map(
              [&](const Sighting& sighting) { seen.push_back(sighting); });
        });
  }

  Result<void> LookForMaintenance(const Ask& ask, common::MonotonicTime now,
                                  std::vector<Sighting>& seen) {
    return Get(ask, "events/maintenance/scheduled", now)
        .and_then([&](const std::optional<std::string>& body) -> Result<void> {
          if (!body) {
            return {};
          }
          return ParseAwsMaintenance(*body).map([&](const std::vector<Sighting>& events) {
            seen.insert(seen.end(), events.begin(), events.end());
          });
        });
  }

  /// The body; nothing for 404, which is how AWS says that there is no notice.
  Result<std::optional<std::string>> Get(const Ask& ask, const char* path,
                                         common::MonotonicTime now) {
    const Request request{.target = std::string(kMetadata) + path};
    auto answer = GetWithToken(ask, request, now);
    if (answer && answer->status == 401) {
      // The service was restarted, or the token ended early: once more, with a new one.
      token_.clear();
      answer = GetWithToken(ask, request, now);
    }
    if (!answer) {
      return tl::make_unexpected(answer.error());
    }
    if (answer->status == 404) {
      return std::nullopt;
    }
    if (answer->status != 200) {
      return Unlike(request.target, "answers " + std::to_string(answer->status));
    }
    return std::optional<std::string>(std::move(answer->body));
  }

  Result<Response> GetWithToken(const Ask& ask, Request request, common::MonotonicTime now) {
    if (token_.empty() || now >= renew_at_) {
      if (const auto renewed = RenewToken(ask, now); !renewed) {
        return tl::make_unexpected(renewed.error());
      }
    }
    request.headers[kTokenHeader] = token_;
    return ask(request);
  }

  Result<void> RenewToken(const Ask& ask, common::MonotonicTime now) {
    token_.clear();
    const Request request{.method = "PUT",
                          .target = "/latest/api/token",
                          .headers = {{kTtlHeader, std::to_string(kTtlSeconds)}}};
    return ask(request).and_then([&](const Response& answer) -> Result<void> {
      if (answer.status != 200 || !IsToken(answer.body)) {
        return Unlike(request.target, "gives no token: answers " + std::to_string(answer.status));
      }
      const auto header = answer.headers.find(kTtlHeader);
      const auto said =
          header == answer.headers.end() ? std::nullopt : common::ParseUnsigned(header->second);
      const auto ttl = std::chrono::seconds(std::min(said.value_or(kTtlSeconds), kTtlSeconds));
      token_ = answer.body;
      renew_at_ = now + std::max<std::chrono::seconds>(ttl - kRenewBefore, ttl / 2);
      return {};
    });
  }

  std::string token_;
  common::MonotonicTime renew_at_;
};

}  // namespace

Result<Sighting> ParseAwsAction(std::string_view body) {
  return Dated(body, "spot/instance-action", "time", Kind::kSpot);
}

Result<Sighting> ParseAwsRebalance(std::string_view body) {
  return Dated(body, "events/recommendations/rebalance", "noticeTime", Kind::kRebalance);
}

Result<std::vector<Sighting>> ParseAwsMaintenance(std::string_view body) {
  constexpr std::string_view kWhat = "events/maintenance/scheduled";
  return ParseJson(body, kWhat)
      .and_then([&](const boost::json::value& value) -> Result<std::vector<Sighting>> {
        if (!value.is_array()) {
          return Unlike(kWhat, "is no list");
        }
        std::vector<Sighting> seen;
        for (const auto& event : value.get_array()) {
          const auto state = StringAt(event, "State");
          const auto text = StringAt(event, "NotBefore");
          const auto at = text ? ParseUtc(*text, "%d %b %Y %H:%M:%S GMT") : std::nullopt;
          if (!state || !at) {
            return Unlike(kWhat, "an event has no State or NotBefore");
          }
          if (*state == "active") {
            seen.push_back({.kind = Kind::kMaintenance, .at = at});
          }
        }
        return seen;
      });
}

std::unique_ptr<Protocol> MakeAws() { return std::make_unique<Aws>(); }

}  // namespace agent::interruption
