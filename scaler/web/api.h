#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/result.h"
#include "exporters/server.h"
#include "scaler/loop/freeze_switch.h"
#include "scaler/loop/status.h"
#include "scaler/web/node_lost.h"

namespace scaler::web {

/// The status page's JSON: workloads with their replicas and last decision, agents, problems.
[[nodiscard]] std::string StatusJson(const loop::Status& status);

/// What the handlers work on. They run on the server's threads; all of it must outlive the server.
struct Backend {
  const loop::StatusBoard& board;
  const common::Clock& clock;
  std::filesystem::path ledger_file;  ///< Opened anew for each question.
  loop::FreezeSwitch& freeze;
  std::function<void()> wake;  ///< Makes the loop look at the switch now. Thread-safe.
  /// Freezes (empty: thaws) the other scalers of the cluster as well. Thread-safe; may block.
  /// Empty: there are no others.
  std::function<common::Result<void>(const std::optional<loop::Freeze>&)> share_freeze = {};
  /// Has a node emptied (or, false, not any more), as Fleet::Want. Thread-safe; may block. Empty:
  /// there are no nodes.
  std::function<common::Result<void>(const std::string& node, bool empty)> want_empty = {};
  /// What was lost with its node, where the platform itself says so. Thread-safe. Empty: what the
  /// fleet makes of it is told, if there is one.
  std::function<LostReplicas()> lost_with_node = {};
};

/// What a scaler answers over HTTP: /healthz, /readyz, /metrics, /api/v1/status,
/// /api/v1/decisions?namespace=&workload=&limit=&after_id=, and /api/v1/freeze, where POST
/// {"reason": "..."} turns the stop switch on and DELETE turns it off. Of nodes: /api/v1/capacity,
/// /api/v1/capacity/decisions?limit=&after_id=, and /api/v1/capacity/drain?node=, where POST has
/// the node emptied and DELETE takes that back.
[[nodiscard]] exporters::Routes ScalerRoutes(const Backend& backend);

}  // namespace scaler::web
