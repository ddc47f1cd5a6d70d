#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/requests/line_format.h"
#include "agent/requests/log_file.h"
#include "agent/requests/registry.h"
#include "agent/requests/tenant_counters.h"

namespace agent::requests {

/// Lines in, counters by tenant out. No files, no clock: time is what the lines say.
class RequestCounter final : public LineSink {
 public:
  using OnFirst = std::function<void(const std::string& tenant)>;

  /// All counters begin at 0.
  RequestCounter(LineFormat format, std::shared_ptr<const TenantRegistry> registry);

  void Count(std::string_view line) override;
  void Reject(Rejection why) override;

  /// Says since when these counters count.
  void BeginEpoch(std::uint64_t epoch) { counters_.epoch = epoch; }

  /// From now on calls `call` for a registered tenant's first request, and for its first after
  /// `quiet` without any.
  void AnnounceFirst(OnFirst call, std::chrono::milliseconds quiet);

  /// Takes over the tenants of another registry; counters of tenants in both go on.
  void UseRegistry(std::shared_ptr<const TenantRegistry> registry);

  /// Goes on from `counters`; those of unknown tenants are dropped.
  void Restore(const RequestCounters& counters);

  [[nodiscard]] const RequestCounters& Counters() const { return counters_; }

 private:
  void CountRequest(const Request& request);
  [[nodiscard]] std::size_t FindTenant(std::string_view host) const;
  void Announce(std::size_t tenant, std::int64_t time_milliseconds);

  LineFormat format_;
  std::shared_ptr<const TenantRegistry> registry_;
  RequestCounters counters_;
  /// The time of each tenant's last line, in the order of the counters; unset before the first.
  std::vector<std::optional<std::int64_t>> last_milliseconds_;
  OnFirst on_first_;
  std::chrono::milliseconds quiet_{};
};

}  // namespace agent::requests
