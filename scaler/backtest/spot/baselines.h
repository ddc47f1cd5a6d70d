#pragma once

#include "scaler/backtest/spot/market.h"

/// What others do with the same market.
namespace scaler::backtest::spot {

/// Kubernetes' Cluster Autoscaler with the priority expander, spot first: on-demand when spot has
/// not come for `fallback`, then spot again after a back-off that grows from 5 to 30 min; never
/// back from on-demand. `spare` more nodes are kept, as the usual low-priority pods would.
[[nodiscard]] Score RunClusterAutoscaler(const Market& market, Duration fallback, int spare);

/// SkyServe's SpotHedge (EuroSys 2025): replicas + extra on spot, over zones that were not lost
/// lately; on-demand for what of that is not ready.
[[nodiscard]] Score RunSpotHedge(const Market& market, int extra);

/// So many on-demand nodes all the time, and spot for the rest and `extra` more, wherever there is
/// some.
[[nodiscard]] Score RunStaticMix(const Market& market, int dedicated, int extra);

}  // namespace scaler::backtest::spot
