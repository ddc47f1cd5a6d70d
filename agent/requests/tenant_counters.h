#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agent::requests {

/// The names of `TenantCounters::responses_total`, in its order.
inline constexpr std::array<std::string_view, 6> kStatusClasses = {"1xx", "2xx", "3xx",
                                                                   "4xx", "5xx", "other"};

/// The index into kStatusClasses; anything outside 100..599 is "other".
[[nodiscard]] constexpr std::size_t StatusClass(int status) {
  return status >= 100 && status <= 599 ? static_cast<std::size_t>(status / 100 - 1) : 5;
}

/// How long requests took: a classic histogram that one tenant can afford.
///
/// The sum is kept in whole milliseconds, as the log has it, so that a checkpoint gives it back
/// exactly.
struct LatencyHistogram {
  static constexpr std::array<double, 8> kBoundsSeconds = {0.005, 0.025, 0.1, 0.25,
                                                           0.5,   1,     2.5, 10};

  /// Requests of each bucket alone, not cumulative; the last is above every bound.
  std::array<std::uint64_t, kBoundsSeconds.size() + 1> counts{};
  std::uint64_t sum_milliseconds = 0;

  void Observe(std::uint64_t milliseconds);
  [[nodiscard]] std::uint64_t Count() const;
  [[nodiscard]] double SumSeconds() const { return static_cast<double>(sum_milliseconds) / 1000; }

  friend bool operator==(const LatencyHistogram&, const LatencyHistogram&) = default;
};

/// Requests without a tenant are counted under these; no tenant's id may begin with '_'.
inline constexpr std::string_view kOtherTenant = "_other";      ///< A host that nobody registered.
inline constexpr std::string_view kInvalidTenant = "_invalid";  ///< No host, or not a host name.

/// What the access log said about one tenant since its counters began.
struct TenantCounters {
  std::string tenant;
  std::uint64_t requests_total = 0;
  /// Of these, answered with 5xx; but for those of `no_replica_total`.
  std::uint64_t errors_total = 0;
  /// Of these, answered with 503 because no replica was there: a tenant that sleeps wakes up by
  /// its first request, which so is no error.
  std::uint64_t no_replica_total = 0;
  std::array<std::uint64_t, kStatusClasses.size()> responses_total{};
  /// Requests whose duration is known: less than `requests_total` where clients gave up early.
  LatencyHistogram latency{};
  std::uint64_t sent_bytes_total = 0;      ///< To clients.
  std::uint64_t received_bytes_total = 0;  ///< From clients.

  friend bool operator==(const TenantCounters&, const TenantCounters&) = default;
};

/// Why a line was not counted for any tenant.
enum class Rejection { kMalformed, kTooLong, kBinary };

/// The names of Rejection, in its order.
inline constexpr std::array<std::string_view, 3> kRejections = {"malformed", "too_long", "binary"};

/// How well the access log itself is read.
struct SourceHealth {
  std::uint64_t lines_total = 0;  ///< Whole lines read, rejected ones too, `lost` notes not.
  std::array<std::uint64_t, kRejections.size()> rejected_lines_total{};
  std::uint64_t lost_lines_total = 0;  ///< What the log writer says that it had to drop.
  std::uint64_t lag_bytes = 0;         ///< Written, but not read yet.
  std::string problem{};               ///< Why the log cannot be read now; empty when it can.

  friend bool operator==(const SourceHealth&, const SourceHealth&) = default;
};

/// All counters of one access log at one instant. A value, with no tie to its reader.
struct RequestCounters {
  /// Wall clock in milliseconds when these counters began at 0. A restart that finds its
  /// checkpoint continues them, and keeps it.
  std::uint64_t epoch = 0;
  /// Every registered tenant in the registry's order, then `_other` and `_invalid`.
  std::vector<TenantCounters> tenants{};
  SourceHealth source{};

  friend bool operator==(const RequestCounters&, const RequestCounters&) = default;
};

}  // namespace agent::requests
