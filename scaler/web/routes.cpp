#include <simdjson.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/json_writer.h"
#include "common/log.h"
#include "common/text.h"
#include "exporters/metrics_page.h"
#include "scaler/codec/codec.h"
#include "scaler/ledger/ledger.h"
#include "scaler/web/answers.h"
#include "scaler/web/api.h"
#include "scaler/web/capacity_routes.h"
#include "scaler/web/metrics.h"

namespace scaler::web {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;

/// A loop that has not come round for so long is stuck.
constexpr auto kStuckAfter = std::chrono::seconds(10);

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

HttpResponse ShowFreeze(const std::optional<loop::Freeze>& freeze) {
  common::JsonWriter json;
  json.BeginObject().Key("frozen").Bool(freeze.has_value());
  if (freeze) {
    json.Key("reason").String(freeze->reason);
    json.Key("since").String(common::FormatRfc3339(freeze->since));
  }
  json.EndObject();
  return Json(json.Take());
}

common::Result<std::string> ReasonIn(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  std::string_view reason;
  if (parser.parse(body).get(element) != simdjson::SUCCESS ||
      element["reason"].get(reason) != simdjson::SUCCESS || reason.empty()) {
    return common::Fail(std::errc::invalid_argument, R"(expected {"reason": "..."})");
  }
  return std::string(reason);
}

common::Result<void> Share(const Backend& backend, const std::optional<loop::Freeze>& freeze) {
  return backend.share_freeze ? backend.share_freeze(freeze) : common::Result<void>();
}

/// This one first: an API server that is away must not keep anybody from stopping us.
HttpResponse Freeze(const Backend& backend, const loop::Freeze& freeze) {
  const auto set = backend.freeze.Set(freeze);
  common::log::Warning("frozen: nothing is written any more", {{"reason", freeze.reason}});
  backend.wake();
  if (const auto shared = Share(backend, freeze); !shared) {
    return Problem(503, "frozen, but this scaler only: " + shared.error().what);
  }
  // Where there are others, the cluster keeps it over a restart.
  if (!set && !backend.share_freeze) {
    return Problem(500, "frozen, but not over a restart: " + set.error().what);
  }
  return ShowFreeze(backend.freeze.Get());
}

HttpResponse Thaw(const Backend& backend) {
  const auto thawed = Share(backend, std::nullopt).and_then([&] { return backend.freeze.Clear(); });
  if (!thawed) {
    return Problem(backend.share_freeze ? 503 : 500, "still frozen: " + thawed.error().what);
  }
  common::log::Warning("unfrozen: decisions are acted on again");
  backend.wake();
  return ShowFreeze(backend.freeze.Get());
}

HttpResponse ChangeFreeze(const HttpRequest& request, const Backend& backend) {
  if (request.method == "POST") {
    const auto reason = ReasonIn(request.body);
    return reason ? Freeze(backend, {*reason, backend.clock.Wall()})
                  : Problem(400, reason.error().what);
  }
  return request.method == "DELETE" ? Thaw(backend) : ShowFreeze(backend.freeze.Get());
}

}  // namespace

exporters::Routes ScalerRoutes(const Backend& backend) {
  const auto* const board = &backend.board;
  const auto* const clock = &backend.clock;
  exporters::Routes routes;
  routes.handlers = {
      {"/healthz", [board, clock](const HttpRequest&) { return Health(*board->Get(), *clock); }},
      {"/readyz", [board](const HttpRequest&) { return Readiness(*board->Get()); }},
      {"/metrics", exporters::StreamedMetricsPage([board, clock, lost = backend.lost_with_node](
                                                      const exporters::FamilySink& sink) {
         const auto status = board->Get();
         const auto families = [&](const exporters::FamilySink& to) {
           TellFamilies(*status, clock->Monotonic(), to);
         };
         if (lost) {
           TellNodeLost(*status, lost(), families, sink);
         } else {
           families(sink);
         }
       })},
      {"/api/v1/status", [board](const HttpRequest&) { return Json(StatusJson(*board->Get())); }},
      {"/api/v1/decisions", [file = backend.ledger_file](
                                const HttpRequest& request) { return Decisions(request, file); }},
      {"/api/v1/freeze",
       [backend](const HttpRequest& request) { return ChangeFreeze(request, backend); },
       {"GET", "POST", "DELETE"}},
  };
  AddCapacityRoutes(backend, routes);
  return routes;
}

}  // namespace scaler::web
