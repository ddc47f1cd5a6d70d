#pragma once

#include <filesystem>
#include <string>

#include "common/clock.h"
#include "exporters/server.h"
#include "scaler/loop/status.h"

namespace scaler::web {

/// The status page's JSON: workloads with their replicas and last decision, agents, problems.
[[nodiscard]] std::string StatusJson(const loop::Status& status);

/// What a scaler answers over HTTP: /healthz, /readyz, /metrics, /api/v1/status and
/// /api/v1/decisions?namespace=&workload=&limit=&after_id=.
///
/// Handlers run on the server's threads: they read `board` and open the ledger's file for
/// themselves. `board` and `clock` must outlive the server.
[[nodiscard]] exporters::Routes ScalerRoutes(const loop::StatusBoard& board,
                                             const common::Clock& clock,
                                             const std::filesystem::path& ledger_file);

}  // namespace scaler::web
