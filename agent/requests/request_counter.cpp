#include "agent/requests/request_counter.h"

#include <unordered_map>
#include <utility>

#include "agent/requests/host.h"

namespace agent::requests {
namespace {

constexpr std::size_t kServerError = 4;

/// One entry for each tenant of `registry`, then the two for requests without a tenant.
std::vector<TenantCounters> FromZero(const TenantRegistry& registry) {
  std::vector<TenantCounters> tenants;
  tenants.reserve(registry.Tenants().size() + 2);
  for (const auto& tenant : registry.Tenants()) {
    tenants.emplace_back().tenant = tenant.id;
  }
  tenants.emplace_back().tenant = kOtherTenant;
  tenants.emplace_back().tenant = kInvalidTenant;
  return tenants;
}

}  // namespace

RequestCounter::RequestCounter(LineFormat format, std::shared_ptr<const TenantRegistry> registry)
    : format_(format), registry_(std::move(registry)) {
  counters_.tenants = FromZero(*registry_);
  last_milliseconds_.resize(counters_.tenants.size());
}

void RequestCounter::Count(std::string_view line) {
  const auto parsed = ParseLine(format_, line);
  if (const auto* const request = std::get_if<Request>(&parsed)) {
    ++counters_.source.lines_total;
    CountRequest(*request);
  } else if (const auto* const lost = std::get_if<LostLines>(&parsed)) {
    counters_.source.lost_lines_total += lost->count;
  } else {
    Reject(std::get<Rejection>(parsed));
  }
}

void RequestCounter::Reject(Rejection why) {
  ++counters_.source.lines_total;
  ++counters_.source.rejected_lines_total[static_cast<std::size_t>(why)];
}

void RequestCounter::CountRequest(const Request& request) {
  const auto index = FindTenant(request.host);
  auto& tenant = counters_.tenants[index];
  const auto status_class = StatusClass(request.status);
  ++tenant.requests_total;
  ++tenant.responses_total[status_class];
  if (request.no_replica) {
    ++tenant.no_replica_total;
  } else if (status_class == kServerError) {
    ++tenant.errors_total;
  }
  if (request.duration_milliseconds) {
    tenant.latency.Observe(*request.duration_milliseconds);
  }
  tenant.sent_bytes_total += request.sent_bytes;
  tenant.received_bytes_total += request.received_bytes;
  Announce(index, request.time_milliseconds);
}

std::size_t RequestCounter::FindTenant(std::string_view host) const {
  const auto registered = registry_->Tenants().size();
  HostBuffer buffer;
  const auto name = NormalizeHost(host, buffer);
  if (!name) {
    return registered + 1;
  }
  return registry_->FindHost(*name).value_or(registered);
}

void RequestCounter::Announce(std::size_t tenant, std::int64_t time_milliseconds) {
  auto& last = last_milliseconds_[tenant];
  const bool first = !last || time_milliseconds - *last > quiet_.count();
  // Not the largest: a clock that was set back must not silence the tenant until it catches up.
  last = time_milliseconds;
  if (first && on_first_ && tenant < registry_->Tenants().size()) {
    on_first_(counters_.tenants[tenant].tenant);
  }
}

void RequestCounter::AnnounceFirst(OnFirst call, std::chrono::milliseconds quiet) {
  on_first_ = std::move(call);
  quiet_ = quiet;
}

void RequestCounter::UseRegistry(std::shared_ptr<const TenantRegistry> registry) {
  std::unordered_map<std::string_view, std::size_t> before;
  for (std::size_t index = 0; index < counters_.tenants.size(); ++index) {
    before.emplace(counters_.tenants[index].tenant, index);
  }
  auto tenants = FromZero(*registry);
  std::vector<std::optional<std::int64_t>> last(tenants.size());
  for (std::size_t index = 0; index < tenants.size(); ++index) {
    if (const auto found = before.find(tenants[index].tenant); found != before.end()) {
      // A copy: the keys of `before` point into the old names.
      tenants[index] = counters_.tenants[found->second];
      last[index] = last_milliseconds_[found->second];
    }
  }
  counters_.tenants = std::move(tenants);
  last_milliseconds_ = std::move(last);
  registry_ = std::move(registry);
}

void RequestCounter::Restore(const RequestCounters& counters) {
  counters_ = counters;
  last_milliseconds_.assign(counters_.tenants.size(), std::nullopt);
  UseRegistry(registry_);
}

}  // namespace agent::requests
