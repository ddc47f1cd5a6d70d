#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "common/text.h"
#include "scaler/local/cloud/metadata.h"

namespace scaler::local::cloud {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;

constexpr std::string_view kRoot = "/computeMetadata/v1/instance/";
/// Of a wait that does not say how long it may last.
constexpr auto kUsualPatience = std::chrono::seconds(3600);

HttpResponse Respond(int status, std::string body) {
  HttpResponse response{
      .status = status, .content_type = "application/text", .body = std::move(body)};
  response.headers["Metadata-Flavor"] = "Google";
  return response;
}

std::optional<std::string> Find(const std::string& key, const Node& node) {
  const bool spot = node.type == CapacityType::kSpot;
  if (key == "preempted") {
    return node.reclaim ? "TRUE" : "FALSE";
  }
  if (key == "maintenance-event") {
    return node.maintenance ? "TERMINATE_ON_HOST_MAINTENANCE" : "NONE";
  }
  if (key == "name" || key == "hostname") {
    return node.name;
  }
  if (key == "zone") {
    return "projects/0/zones/" + node.zone;
  }
  if (key == "machine-type") {
    return "projects/0/machineTypes/" + node.instance_type;
  }
  if (key == "scheduling/preemptible") {
    return spot ? "TRUE" : "FALSE";
  }
  if (key == "scheduling/provisioning-model") {
    return spot ? "SPOT" : "STANDARD";
  }
  return std::nullopt;
}

std::string Parameter(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

}  // namespace

GcpAnswer AnswerAsGcp(const HttpRequest& request, const Node& node) {
  const auto flavor = request.headers.find("metadata-flavor");
  if (flavor == request.headers.end() || flavor->second != "Google" ||
      request.headers.contains("x-forwarded-for")) {
    return {Respond(403, "Missing Metadata-Flavor:Google header.\n")};
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return {Respond(405, "Method Not Allowed\n")};
  }
  const auto value = request.path.starts_with(kRoot) ? Find(request.path.substr(kRoot.size()), node)
                                                     : std::nullopt;
  if (!value) {
    return {Respond(404, "Not Found\n")};
  }
  GcpAnswer answer{Respond(200, *value)};
  const auto etag = fmt::format("{:016x}", std::hash<std::string>{}(request.path + *value));
  answer.response.headers["ETag"] = etag;
  const auto last = Parameter(request, "last_etag");
  answer.waits = Parameter(request, "wait_for_change") == "true" && (last.empty() || last == etag);
  const auto patience = common::ParseUnsigned(Parameter(request, "timeout_sec"));
  answer.patience =
      patience ? std::chrono::seconds(std::min<std::uint64_t>(*patience, 3600)) : kUsualPatience;
  return answer;
}

}  // namespace scaler::local::cloud
