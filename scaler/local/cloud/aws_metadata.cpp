#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string_view>

#include "common/json_writer.h"
#include "common/text.h"
#include "scaler/local/cloud/metadata.h"
#include "scaler/local/cloud/time_text.h"

namespace scaler::local::cloud {
namespace {

using common::MonotonicTime;
using exporters::HttpRequest;
using exporters::HttpResponse;

constexpr const char* kTtlHeader = "x-aws-ec2-metadata-token-ttl-seconds";
constexpr const char* kTokenHeader = "x-aws-ec2-metadata-token";
constexpr std::uint64_t kLongestTtlSeconds = 21'600;
constexpr std::size_t kMostTokens = 1024;
constexpr std::string_view kRoot = "/latest/meta-data";

/// Errors are pages, as on EC2.
HttpResponse Page(int status, std::string_view title) {
  return {.status = status,
          .content_type = "text/html",
          .body = fmt::format(
              "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n"
              "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n\t"
              "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n"
              "<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n <head>\n"
              "  <title>{0} - {1}</title>\n </head>\n <body>\n  <h1>{0} - {1}</h1>\n </body>\n"
              "</html>\n",
              status, title)};
}

HttpResponse Text(std::string body) {
  return {.content_type = "text/plain", .body = std::move(body)};
}

std::string Iso(common::WallTime time) { return FormatUtc(time, "%Y-%m-%dT%H:%M:%SZ"); }

/// "i-" and 17 hexadecimal digits, of the name (FNV-1a).
std::string InstanceId(const Node& node) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char letter : node.name) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  }
  return fmt::format("i-0{:016x}", hash);
}

/// As AWS writes them: "1 Jan 2019 09:00:43 GMT", the day without a zero before it.
std::string EventTime(common::WallTime time) {
  auto text = FormatUtc(time, "%d %b %Y %H:%M:%S GMT");
  return text.starts_with('0') ? text.substr(1) : text;
}

std::string Maintenance(const Node& node) {
  common::JsonWriter out;
  out.BeginArray();
  if (node.maintenance) {
    out.BeginObject();
    out.Key("NotBefore").String(EventTime(node.maintenance->at_wall));
    out.Key("Code").String("instance-retirement");
    out.Key("Description").String("The instance is scheduled for retirement");
    out.Key("EventId").String(
        fmt::format("instance-event-{}{}", InstanceId(node).substr(2), node.notices));
    out.Key("NotAfter").String(EventTime(node.maintenance->at_wall + std::chrono::hours(1)));
    out.Key("State").String("active");
    out.EndObject();
  }
  out.EndArray();
  return out.Take();
}

std::string OneKey(const char* key, const std::string& value) {
  common::JsonWriter out;
  out.BeginObject().Key(key).String(value).EndObject();
  return out.Take();
}

/// Every path below meta-data/ that is there now, and what it holds.
std::map<std::string, std::string> Paths(const Node& node) {
  const bool spot = node.type == CapacityType::kSpot;
  std::map<std::string, std::string> paths = {{"/instance-id", InstanceId(node)},
                                              {"/instance-type", node.instance_type},
                                              {"/instance-life-cycle", spot ? "spot" : "on-demand"},
                                              {"/local-hostname", node.name},
                                              {"/placement/availability-zone", node.zone},
                                              {"/events/maintenance/scheduled", Maintenance(node)},
                                              {"/events/maintenance/history", "[]"}};
  if (node.reclaim) {
    const auto at = Iso(node.reclaim->at_wall);
    common::JsonWriter action;
    action.BeginObject().Key("action").String("terminate").Key("time").String(at).EndObject();
    paths["/spot/instance-action"] = action.Take();
    paths["/spot/termination-time"] = at;
  }
  if (node.rebalance) {
    paths["/events/recommendations/rebalance"] = OneKey("noticeTime", Iso(*node.rebalance));
  }
  return paths;
}

/// The names below a directory, as a listing: one a line, directories with a slash.
std::string ListBelow(const std::map<std::string, std::string>& paths,
                      const std::string& directory) {
  std::string listing;
  std::string last;
  for (const auto& [path, body] : paths) {
    if (!path.starts_with(directory + "/")) {
      continue;
    }
    const auto rest = path.substr(directory.size() + 1);
    const auto name = rest.substr(0, std::min(rest.find('/') + 1, rest.size()));
    const auto line = rest.find('/') == std::string::npos ? rest : name;
    if (line != last) {
      listing += (listing.empty() ? "" : "\n") + line;
      last = line;
    }
  }
  return listing;
}

HttpResponse Lookup(const std::string& path, const Node& node) {
  const auto paths = Paths(node);
  auto below = path.substr(kRoot.size());
  while (below.ends_with('/')) {
    below.pop_back();
  }
  if (const auto found = paths.find(below); found != paths.end()) {
    return Text(found->second);
  }
  auto listing = ListBelow(paths, below);
  return listing.empty() ? Page(404, "Not Found") : Text(std::move(listing));
}

std::string NewToken() {
  std::random_device random;
  std::string token = "AQAEA";
  for (int word = 0; word < 6; ++word) {
    token += fmt::format("{:08x}", random());
  }
  return token + "==";
}

}  // namespace

HttpResponse AwsMetadata::Answer(const HttpRequest& request, const Node& node, MonotonicTime now) {
  if (request.path == "/latest/api/token") {
    return request.method == "PUT" ? GiveToken(request, now) : Page(405, "Method Not Allowed");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return Page(405, "Method Not Allowed");
  }
  const auto left = TokenLeft(request, now);
  if (!left) {
    return Page(401, "Unauthorized");
  }
  const bool is_known = request.path == kRoot || request.path.starts_with(std::string(kRoot) + "/");
  auto response = is_known ? Lookup(request.path, node) : Page(404, "Not Found");
  response.headers["X-Aws-Ec2-Metadata-Token-Ttl-Seconds"] = std::to_string(left->count());
  return response;
}

HttpResponse AwsMetadata::GiveToken(const HttpRequest& request, MonotonicTime now) {
  // A proxy that would hand a token on to the world says that it is one.
  if (request.headers.contains("x-forwarded-for")) {
    return Page(403, "Forbidden");
  }
  const auto header = request.headers.find(kTtlHeader);
  const auto ttl =
      header == request.headers.end() ? std::nullopt : common::ParseUnsigned(header->second);
  if (!ttl || *ttl < 1 || *ttl > kLongestTtlSeconds) {
    return Page(400, "Bad Request");
  }
  std::erase_if(tokens_, [&](const auto& token) { return token.second <= now; });
  if (tokens_.size() >= kMostTokens) {
    tokens_.erase(tokens_.begin());
  }
  auto response = Text(NewToken());
  tokens_[response.body] = now + std::chrono::seconds(*ttl);
  response.headers["X-Aws-Ec2-Metadata-Token-Ttl-Seconds"] = std::to_string(*ttl);
  return response;
}

std::optional<std::chrono::seconds> AwsMetadata::TokenLeft(const HttpRequest& request,
                                                           MonotonicTime now) const {
  const auto header = request.headers.find(kTokenHeader);
  if (header == request.headers.end()) {
    return std::nullopt;
  }
  const auto token = tokens_.find(header->second);
  if (token == tokens_.end() || token->second <= now) {
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::seconds>(token->second - now);
}

}  // namespace scaler::local::cloud
