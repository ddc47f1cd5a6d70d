#include <limits>

#include "agent/exposition/families.h"

namespace agent::exposition {
namespace {

using collect::TenantSnapshot;
using requests::LatencyHistogram;

Labels LabelOf(const TenantSnapshot& tenant) { return {{"tenant", tenant.counters.tenant}}; }

prometheus::ClientMetric::Histogram ToHistogram(const LatencyHistogram& latency) {
  prometheus::ClientMetric::Histogram histogram;
  histogram.sample_count = latency.Count();
  histogram.sample_sum = latency.SumSeconds();
  std::uint64_t cumulative = 0;
  for (std::size_t index = 0; index < latency.counts.size(); ++index) {
    cumulative += latency.counts.at(index);
    const double bound = index < LatencyHistogram::kBoundsSeconds.size()
                             ? LatencyHistogram::kBoundsSeconds.at(index)
                             : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({.cumulative_count = cumulative, .upper_bound = bound});
  }
  return histogram;
}

/// There from 0 for every tenant, so that the first request is an increase.
void AppendTotals(const std::vector<TenantSnapshot>& tenants, FamilyList& families) {
  auto requests = Counter("trimtab_tenant_requests_total", "Requests in the access log.");
  auto errors = Counter("trimtab_tenant_errors_total",
                        "Of these, answered with 5xx; without those that found no replica.");
  auto no_replica = Counter("trimtab_tenant_no_replica_total",
                            "Of these, answered with 503 because no replica was there, as while a "
                            "tenant wakes up.");
  for (const auto& tenant : tenants) {
    requests.Add(LabelOf(tenant), tenant.counters.requests_total);
    errors.Add(LabelOf(tenant), tenant.counters.errors_total);
    no_replica.Add(LabelOf(tenant), tenant.counters.no_replica_total);
  }
  std::move(requests).AppendTo(families);
  std::move(errors).AppendTo(families);
  std::move(no_replica).AppendTo(families);
}

/// From the first request on: thousands of idle tenants would be most of the page.
void AppendDetails(const std::vector<TenantSnapshot>& tenants, FamilyList& families) {
  auto responses = Counter("trimtab_tenant_responses_total", "Requests by class of the answer.");
  auto bytes = Counter("trimtab_tenant_bytes_total", "Bytes to clients (sent) and from them.");
  Family duration(prometheus::MetricType::Histogram, "trimtab_tenant_request_duration_seconds",
                  "How long requests took, where the client waited for the end.");
  for (const auto& tenant : tenants) {
    const auto& counters = tenant.counters;
    if (counters.requests_total == 0) {
      continue;
    }
    for (std::size_t index = 0; index < requests::kStatusClasses.size(); ++index) {
      responses.Add({{"tenant", counters.tenant},
                     {"code_class", std::string(requests::kStatusClasses.at(index))}},
                    counters.responses_total.at(index));
    }
    bytes.Add({{"tenant", counters.tenant}, {"direction", "sent"}}, counters.sent_bytes_total);
    bytes.Add({{"tenant", counters.tenant}, {"direction", "received"}},
              counters.received_bytes_total);
    duration.AddHistogram(LabelOf(tenant), ToHistogram(counters.latency));
  }
  std::move(responses).AppendTo(families);
  std::move(bytes).AppendTo(families);
  std::move(duration).AppendTo(families);
}

void AppendProxy(const std::vector<TenantSnapshot>& tenants, FamilyList& families) {
  auto arrivals = Counter("trimtab_tenant_arrivals_total",
                          "Requests that reached the ingress, whether or not they were served.");
  auto in_flight = Gauge("trimtab_tenant_in_flight", "Requests that are being served now.");
  auto queued = Gauge("trimtab_tenant_queued", "Requests that wait for a replica now.");
  for (const auto& tenant : tenants) {
    if (!tenant.proxy) {
      continue;
    }
    arrivals.Add(LabelOf(tenant), tenant.proxy->arrivals_total);
    if (tenant.proxy->in_flight) {
      in_flight.Add(LabelOf(tenant), *tenant.proxy->in_flight);
    }
    if (tenant.proxy->queued) {
      queued.Add(LabelOf(tenant), *tenant.proxy->queued);
    }
  }
  std::move(arrivals).AppendTo(families);
  std::move(in_flight).AppendTo(families);
  std::move(queued).AppendTo(families);
}

}  // namespace

void AppendTenants(const collect::Snapshot& snapshot, FamilyList& families) {
  AppendTotals(snapshot.tenants, families);
  AppendDetails(snapshot.tenants, families);
  AppendProxy(snapshot.tenants, families);
}

}  // namespace agent::exposition
