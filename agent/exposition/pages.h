#pragma once

#include <cstdint>

#include "agent/collect/collector.h"
#include "agent/exposition/metrics.h"
#include "common/clock.h"
#include "exporters/server.h"

namespace agent::exposition {

/// What the agent's server answers: /metrics, /healthz, /readyz, and /signals, a stream of
/// common::signal frames. All of it must outlive the server.
///
/// /metrics and /readyz answer 503 with the reason while counters are not whole; a stream of
/// signals keeps silent as long.
[[nodiscard]] exporters::Routes MakeRoutes(collect::Collector& collector, const AgentInfo& info,
                                           std::uint64_t epoch, const common::Clock& clock);

}  // namespace agent::exposition
