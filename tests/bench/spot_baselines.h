#pragma once

#include "bench/spot_campaign.h"

/// What others do with the same campaign.
namespace bench {

/// Cluster Autoscaler with the priority expander, spot first: on-demand when spot has not come for
/// `fallback` seconds, then spot again after a growing backoff; never back from on-demand. `spare`
/// more are kept, as the usual low-priority pods would.
[[nodiscard]] Score RunClusterAutoscaler(const Campaign& campaign, int wanted, int notice,
                                         int fallback, int spare);

/// SkyServe's SpotHedge: N + extra on spot, over zones that were not lost lately; on-demand for
/// what of that is not ready.
[[nodiscard]] Score RunSpotHedge(const Campaign& campaign, int wanted, int notice, int extra);

}  // namespace bench
