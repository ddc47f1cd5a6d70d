#include "scaler/web/answers.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "common/json_writer.h"
#include "common/text.h"

namespace scaler::web {
namespace {

constexpr std::uint64_t kMostDecisions = 1000;

}  // namespace

using exporters::HttpResponse;

HttpResponse Text(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body) + "\n"};
}

HttpResponse Json(std::string body) { return {200, "application/json", std::move(body) + "\n"}; }

HttpResponse Problem(int status, const std::string& what) {
  common::JsonWriter json;
  json.BeginObject().Key("error").String(what).EndObject();
  return {status, "application/json", json.Take() + "\n"};
}

std::string Find(const std::map<std::string, std::string>& query, const char* key) {
  const auto found = query.find(key);
  return found == query.end() ? std::string() : found->second;
}

common::Result<ledger::Query> ParseQuery(const exporters::HttpRequest& request) {
  ledger::Query query;
  const auto name_space = Find(request.query, "namespace");
  const auto workload = Find(request.query, "workload");
  if (!workload.empty()) {
    query.workload = (name_space.empty() ? "local" : name_space) + "/" + workload;
  }
  for (const auto* key : {"limit", "after_id"}) {
    const auto text = Find(request.query, key);
    const auto number = common::ParseUnsigned(text);
    if (text.empty()) {
      continue;
    }
    if (!number || *number > std::uint64_t{1} << 62U) {
      return common::Fail(std::errc::invalid_argument, std::string(key) + " must be a number");
    }
    if (std::string_view(key) == "limit") {
      query.limit = std::min(*number, kMostDecisions);
    } else {
      query.after_id = static_cast<std::int64_t>(*number);
    }
  }
  return query;
}

}  // namespace scaler::web
