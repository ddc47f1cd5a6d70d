#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "common/json_writer.h"
#include "common/text.h"
#include "exporters/metrics_page.h"
#include "scaler/codec/codec.h"
#include "scaler/ledger/ledger.h"
#include "scaler/web/api.h"
#include "scaler/web/metrics.h"

namespace scaler::web {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;

/// A loop that has not come round for so long is stuck.
constexpr auto kStuckAfter = std::chrono::seconds(10);
constexpr std::uint64_t kMostDecisions = 1000;

HttpResponse Text(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body) + "\n"};
}

HttpResponse Json(std::string body) { return {200, "application/json", std::move(body) + "\n"}; }

HttpResponse Problem(int status, const std::string& what) {
  common::JsonWriter json;
  json.BeginObject().Key("error").String(what).EndObject();
  return {status, "application/json", json.Take() + "\n"};
}

bool Begun(const loop::Status& status) { return status.wall != common::WallTime{}; }

HttpResponse Health(const loop::Status& status, const common::Clock& clock) {
  if (Begun(status) && clock.Monotonic() - status.monotonic > kStuckAfter) {
    return Text(503, "the loop has made no decision for more than 10 s");
  }
  return Text(200, "ok");
}

HttpResponse Readiness(const loop::Status& status) {
  return Begun(status) ? Text(200, "ready") : Text(503, "no decision has been made yet");
}

std::string Find(const std::map<std::string, std::string>& query, const char* key) {
  const auto found = query.find(key);
  return found == query.end() ? std::string() : found->second;
}

common::Result<ledger::Query> ParseQuery(const HttpRequest& request) {
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

void WriteEntry(common::JsonWriter& json, const ledger::Entry& entry) {
  const auto slash = entry.workload.find('/');
  json.BeginObject();
  json.Key("id").Integer(entry.id);
  json.Key("namespace").String(entry.workload.substr(0, slash));
  json.Key("workload").String(entry.workload.substr(slash + 1));
  json.Key("time").String(common::FormatRfc3339(entry.committed_at));
  json.Key("time_ms").Integer(entry.committed_at.time_since_epoch().count());
  json.Key("committed_monotonic_ns").Integer(entry.committed_monotonic.time_since_epoch().count());
  json.Key("outcome").String(engine::OutcomeName(entry.line.decision.outcome));
  json.Key("from").Integer(entry.line.decision.current);
  json.Key("to").Integer(entry.line.decision.desired);
  json.Key("line").Raw(codec::EncodeLine(entry.line));
  json.EndObject();
}

HttpResponse Decisions(const HttpRequest& request, const std::filesystem::path& ledger_file) {
  const auto query = ParseQuery(request);
  if (!query) {
    return Problem(400, query.error().what);
  }
  const auto entries = ledger::Ledger::OpenReadOnly(ledger_file).and_then([&](const auto& ledger) {
    return ledger->Read(*query);
  });
  if (!entries) {
    return Problem(500, entries.error().what);
  }
  common::JsonWriter json;
  json.BeginObject().Key("decisions").BeginArray();
  for (const auto& entry : *entries) {
    WriteEntry(json, entry);
  }
  json.EndArray().EndObject();
  return Json(json.Take());
}

}  // namespace

exporters::Routes ScalerRoutes(const loop::StatusBoard& board, const common::Clock& clock,
                               const std::filesystem::path& ledger_file) {
  exporters::Routes routes;
  routes.handlers = {
      {"/healthz", [&](const HttpRequest&) { return Health(*board.Get(), clock); }},
      {"/readyz", [&](const HttpRequest&) { return Readiness(*board.Get()); }},
      {"/metrics",
       exporters::MetricsPage([&] { return ScalerFamilies(*board.Get(), clock.Monotonic()); })},
      {"/api/v1/status", [&](const HttpRequest&) { return Json(StatusJson(*board.Get())); }},
      {"/api/v1/decisions",
       [ledger_file](const HttpRequest& request) { return Decisions(request, ledger_file); }},
  };
  return routes;
}

}  // namespace scaler::web
