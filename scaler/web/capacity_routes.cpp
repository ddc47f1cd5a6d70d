#include "scaler/web/capacity_routes.h"

#include "common/log.h"
#include "scaler/ledger/ledger.h"
#include "scaler/web/answers.h"
#include "scaler/web/capacity_json.h"

namespace scaler::web {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;

constexpr const char* kNoNodes =
    "this scaler has no nodes to decide about: its configuration names none";

/// Who follows neither looks at nodes nor does what it is asked, and the leader does not hear of
/// it.
std::string Follows(const std::string& leader) {
  return leader.empty() ? "nobody leads the scalers now: ask again in some seconds"
                        : "this scaler follows " + leader.substr(0, leader.find('_')) +
                              ", which alone acts: ask that one";
}

bool IsFollower(const loop::Status& status) {
  return status.leadership && !status.leadership->leads;
}

HttpResponse Capacity(const loop::Status& status) {
  if (IsFollower(status)) {
    return Problem(409, Follows(status.leadership->leader));
  }
  return status.fleet ? Json(CapacityJson(*status.fleet)) : Problem(404, kNoNodes);
}

HttpResponse CapacityDecisions(const HttpRequest& request,
                               const std::filesystem::path& ledger_file) {
  const auto query = ParseQuery(request);
  if (!query) {
    return Problem(400, query.error().what);
  }
  const auto entries = ledger::Ledger::OpenReadOnly(ledger_file).and_then([&](const auto& ledger) {
    return ledger->ReadCapacity(*query);
  });
  return entries ? Json(CapacityDecisionsJson(*entries)) : Problem(500, entries.error().what);
}

HttpResponse Drain(const HttpRequest& request, const Backend& backend) {
  const auto node = Find(request.query, "node");
  if (node.empty()) {
    return Problem(400, "node must be given");
  }
  if (!backend.want_empty) {
    return Problem(404, kNoNodes);
  }
  const auto status = backend.board.Get();
  if (IsFollower(*status)) {
    return Problem(409, Follows(status->leadership->leader));
  }
  const bool empty = request.method == "POST";
  if (const auto wanted = backend.want_empty(node, empty); !wanted) {
    const bool unknown = wanted.error().code == std::errc::invalid_argument;
    return Problem(unknown ? 404 : 503, wanted.error().what);
  }
  common::log::Info(empty ? "somebody wants a node emptied" : "a node may stay after all",
                    {{"node", node}});
  return Json("{}");
}

}  // namespace

void AddCapacityRoutes(const Backend& backend, exporters::Routes& routes) {
  routes.handlers.push_back({"/api/v1/capacity", [board = &backend.board](const HttpRequest&) {
                               return Capacity(*board->Get());
                             }});
  routes.handlers.push_back(
      {"/api/v1/capacity/decisions", [file = backend.ledger_file](const HttpRequest& request) {
         return CapacityDecisions(request, file);
       }});
  routes.handlers.push_back(
      {"/api/v1/capacity/drain",
       [backend](const HttpRequest& request) { return Drain(request, backend); },
       {"POST", "DELETE"}});
}

}  // namespace scaler::web
