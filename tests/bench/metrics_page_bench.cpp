// The agent's page from a snapshot to text, against what prometheus-cpp's Exposer does for the same
// series: collect a registry, write it as text.

#include <benchmark/benchmark.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cmath>

#include "agent/exposition/metrics.h"
#include "exporters/metrics_page.h"

namespace {

using agent::exposition::ToFamilies;

/// A node with 40 tenants and 60 containers.
agent::collect::Snapshot Node() {
  agent::collect::Snapshot snapshot;
  snapshot.node.cpu.emplace();
  snapshot.node.memory.emplace();
  snapshot.node.load.emplace();
  for (int i = 0; i < 40; ++i) {
    const auto name = "shop-" + std::to_string(i);
    const agent::runtime::WorkloadKey key{"local", name, "shop"};
    snapshot.workloads.push_back({key});
    agent::collect::TenantSnapshot tenant;
    tenant.counters.tenant = name;
    tenant.counters.requests_total = static_cast<std::uint64_t>(i) * 1234;
    tenant.proxy.emplace();
    snapshot.tenants.push_back(tenant);
    for (int replica = 0; replica <= i % 2; ++replica) {
      agent::collect::ContainerSnapshot container;
      container.container.workload = key;
      container.container.id.replica = name + "-" + std::to_string(replica);
      container.sample.cpu_seconds = 1.25;
      container.sample.memory.emplace();
      snapshot.containers.push_back(container);
    }
  }
  return snapshot;
}

std::size_t Series(const agent::exposition::FamilyList& families) {
  std::size_t count = 0;
  for (const auto& family : families) {
    count += family.metric.size();
  }
  return count;
}

void RenderPage(benchmark::State& state) {
  const auto snapshot = Node();
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto page = exporters::RenderMetrics(ToFamilies(snapshot, {.node = "n"}, {}));
    bytes = page.body.size();
    benchmark::DoNotOptimize(page.body.data());
  }
  state.counters["series"] = static_cast<double>(Series(ToFamilies(snapshot, {.node = "n"}, {})));
  state.counters["page_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(RenderPage)->Unit(benchmark::kMicrosecond);

/// The same series in a registry. A histogram has as many lines as its buckets and two.
void RenderRegistry(benchmark::State& state) {
  prometheus::Registry registry;
  for (const auto& family : ToFamilies(Node(), {.node = "n"}, {})) {
    for (const auto& metric : family.metric) {
      prometheus::Labels labels;
      for (const auto& label : metric.label) {
        labels[label.name] = label.value;
      }
      switch (family.type) {
        case prometheus::MetricType::Histogram: {
          prometheus::Histogram::BucketBoundaries bounds;
          for (const auto& bucket : metric.histogram.bucket) {
            if (std::isfinite(bucket.upper_bound)) {
              bounds.push_back(bucket.upper_bound);
            }
          }
          prometheus::BuildHistogram()
              .Name(family.name)
              .Help(family.help)
              .Register(registry)
              .Add(labels, bounds);
          break;
        }
        case prometheus::MetricType::Counter:
          prometheus::BuildCounter()
              .Name(family.name)
              .Help(family.help)
              .Register(registry)
              .Add(labels);
          break;
        default:
          prometheus::BuildGauge()
              .Name(family.name)
              .Help(family.help)
              .Register(registry)
              .Add(labels);
      }
    }
  }
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto text = prometheus::TextSerializer().Serialize(registry.Collect());
    bytes = text.size();
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["page_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(RenderRegistry)->Unit(benchmark::kMicrosecond);

}  // namespace
