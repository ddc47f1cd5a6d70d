#include <fmt/format.h>

#include <boost/json.hpp>
#include <string_view>

#include "common/json_writer.h"
#include "scaler/local/cloud/metadata.h"
#include "scaler/local/cloud/time_text.h"

namespace scaler::local::cloud {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;

HttpResponse Json(int status, std::string body) {
  return {
      .status = status, .content_type = "application/json; charset=utf-8", .body = std::move(body)};
}

HttpResponse BadRequest(const std::string& why) {
  common::JsonWriter out;
  out.BeginObject().Key("error").String(why).EndObject();
  return Json(400, out.Take());
}

/// One of a kind at a time; a new notice is another event.
std::string EventId(const Node& node, std::string_view type) {
  return fmt::format("{}-{}-{}", node.name, type, node.notices);
}

void WriteEvent(common::JsonWriter& out, const Node& node, const char* type, const Notice& notice,
                const char* description) {
  out.BeginObject();
  out.Key("EventId").String(EventId(node, type));
  out.Key("EventStatus").String("Scheduled");
  out.Key("EventType").String(type);
  out.Key("ResourceType").String("VirtualMachine");
  out.Key("Resources").BeginArray().String(node.name).EndArray();
  out.Key("NotBefore").String(FormatUtc(notice.at_wall, "%a, %d %b %Y %H:%M:%S GMT"));
  out.Key("Description").String(description);
  out.Key("EventSource").String("Platform");
  out.Key("DurationInSeconds").Integer(-1);
  out.EndObject();
}

HttpResponse Events(const Node& node) {
  common::JsonWriter out;
  out.BeginObject();
  out.Key("DocumentIncarnation").Integer(node.notices);
  out.Key("Events").BeginArray();
  if (node.reclaim) {
    WriteEvent(out, node, "Preempt", *node.reclaim, "The Spot Virtual Machine is being evicted");
  }
  if (node.maintenance) {
    WriteEvent(out, node, "Redeploy", *node.maintenance, "The host is going for maintenance");
  }
  out.EndArray().EndObject();
  return Json(200, out.Take());
}

/// {"StartRequests": [{"EventId": "..."}]}, of events that are there.
AzureAnswer Start(const HttpRequest& request, const Node& node) {
  boost::json::error_code problem;
  const auto document = boost::json::parse(request.body, problem);
  const auto* const object = problem ? nullptr : document.if_object();
  const auto* const list = object == nullptr ? nullptr : object->if_contains("StartRequests");
  if (list == nullptr || !list->is_array() || list->get_array().empty()) {
    return {BadRequest("StartRequests is missing")};
  }
  for (const auto& item : list->get_array()) {
    const auto* const start = item.if_object();
    const auto* const id = start == nullptr ? nullptr : start->if_contains("EventId");
    const auto name =
        id != nullptr && id->is_string() ? std::string_view(id->get_string()) : std::string_view();
    const bool is_known = (node.reclaim && name == EventId(node, "Preempt")) ||
                          (node.maintenance && name == EventId(node, "Redeploy"));
    if (!is_known) {
      return {BadRequest("there is no such event")};
    }
  }
  return {Json(200, ""), true};
}

}  // namespace

AzureAnswer AnswerAsAzure(const HttpRequest& request, const Node& node) {
  const auto header = request.headers.find("metadata");
  if (header == request.headers.end() || header->second != "true" ||
      request.headers.contains("x-forwarded-for")) {
    return {BadRequest("Bad request. Required metadata header not specified")};
  }
  if (request.path == "/metadata/instance/compute/name" && request.method == "GET") {
    return {{.body = node.name}};
  }
  if (request.path != "/metadata/scheduledevents") {
    return {Json(404, R"({"error":"Not found"})")};
  }
  const auto version = request.query.find("api-version");
  if (version == request.query.end() || version->second < "2020-07-01") {
    return {BadRequest("Bad request. api-version is invalid or was not specified in the request.")};
  }
  if (request.method == "POST") {
    return Start(request, node);
  }
  if (request.method != "GET") {
    return {Json(405, R"({"error":"Method not allowed"})")};
  }
  return {Events(node)};
}

}  // namespace scaler::local::cloud
