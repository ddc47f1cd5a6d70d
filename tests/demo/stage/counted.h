#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/prometheus/client.h"

namespace demo {

/// Requests as the visitors have counted them, and as Prometheus has them.
struct Counted {
  std::uint64_t by_visitors = 0;          ///< Those with an answer of any status.
  std::optional<double> in_prometheus{};  ///< The last raw samples of all tenants, summed.
  std::optional<double> resets{};         ///< The most that any tenant's counter has had.
};

/// Asks Prometheus until it has as many as the visitors, at most `patience`: a scrape takes a
/// moment to come. What it says last is what is returned.
[[nodiscard]] Counted CountRequests(const common::prometheus::Client& prometheus,
                                    std::uint64_t by_visitors, std::chrono::milliseconds patience);

}  // namespace demo
