#include "tests/cluster/support/audit.h"

#include <boost/json.hpp>
#include <charconv>
#include <ctime>
#include <utility>

namespace cluster {
namespace {

namespace json = boost::json;

std::string Text(const json::object& object, const char* key) {
  const auto* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : "";
}

const json::object* Map(const json::object& object, const char* key) {
  const auto* const value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

std::optional<int> ReplicasOf(const json::object& event) {
  const auto* const body = Map(event, "requestObject");
  const auto* const spec = body == nullptr ? nullptr : Map(*body, "spec");
  const auto* const replicas = spec == nullptr ? nullptr : spec->if_contains("replicas");
  return replicas == nullptr ? std::nullopt : std::optional(replicas->to_number<int>());
}

/// "2026-01-31T01:02:03.123456Z"; the beginning of time where it is none.
Request::Time ReadTime(const std::string& text) {
  std::tm parts{};
  const char* const rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S.", &parts);
  int microseconds = 0;
  if (rest == nullptr ||
      std::from_chars(rest, text.c_str() + text.size(), microseconds).ec != std::errc()) {
    return {};
  }
  return Request::Time(std::chrono::seconds(::timegm(&parts)) +
                       std::chrono::microseconds(microseconds));
}

Request ReadRequest(const json::object& event) {
  Request request;
  request.verb = Text(event, "verb");
  if (const auto* const user = Map(event, "user")) {
    const auto name = Text(*user, "username");
    request.account = name.substr(name.rfind(':') + 1);
  }
  if (const auto* const object = Map(event, "objectRef")) {
    request.group = Text(*object, "apiGroup");
    request.resource = Text(*object, "resource");
    if (const auto subresource = Text(*object, "subresource"); !subresource.empty()) {
      request.resource += "/" + subresource;
    }
    request.name_space = Text(*object, "namespace");
    request.name = Text(*object, "name");
  }
  if (const auto* const status = Map(event, "responseStatus")) {
    if (const auto* const code = status->if_contains("code")) {
      request.code = code->to_number<int>();
    }
  }
  request.replicas = ReplicasOf(event);
  request.received = ReadTime(Text(event, "requestReceivedTimestamp"));
  request.answered = ReadTime(Text(event, "stageTimestamp"));
  return request;
}

}  // namespace

std::vector<Request> AuditReader::Next() {
  std::vector<Request> requests;
  if (!file_.is_open()) {
    file_.open(path_);
  }
  file_.clear();
  for (std::string part; std::getline(file_, part);) {
    begun_ += part;
    if (file_.eof()) {
      break;  // The end of the line is still to come.
    }
    boost::system::error_code error;
    const auto event = json::parse(std::exchange(begun_, {}), error);
    if (!error && event.is_object()) {
      requests.push_back(ReadRequest(event.as_object()));
    }
  }
  return requests;
}

std::vector<Request> Requests(const ControlPlane& plane) { return AuditReader(plane).Next(); }

std::vector<int> Written(const ControlPlane& plane, const std::string& name_space,
                         const std::string& name) {
  std::vector<int> numbers;
  for (const auto& request : Requests(plane)) {
    if (request.name_space == name_space && request.name == name && request.replicas &&
        request.code == 200 && request.account.starts_with("trimtab-")) {
      numbers.push_back(*request.replicas);
    }
  }
  return numbers;
}

}  // namespace cluster
