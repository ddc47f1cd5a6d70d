#pragma once

#include "scaler/codec/codec.h"

namespace bench {

inline constexpr scaler::engine::Time kStart{std::chrono::hours(24 * 365 * 50)};

/// As the demo's shops have it: both signals, windows, a limit, to zero when idle.
[[nodiscard]] scaler::engine::Policy ShopPolicy();

/// Demand that rises and falls once in ten minutes, and a CPU that follows.
/// With `pods`, each of them.
[[nodiscard]] scaler::engine::Observation Observe(scaler::engine::Time now, int replicas,
                                                  bool pods = true);

/// One decision as the ledger keeps it.
[[nodiscard]] scaler::codec::Line ExampleLine();

}  // namespace bench
