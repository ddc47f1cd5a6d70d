#include "agent/exposition/pages.h"

#include <atomic>
#include <chrono>
#include <memory>

#include "agent/exposition/frame_builder.h"
#include "common/signal/frame.h"
#include "exporters/metrics_page.h"

namespace agent::exposition {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;

// A scrape would rather have values that are a second older than wait longer.
constexpr auto kScrapePatience = std::chrono::milliseconds(250);
// How soon a stream notices that its server wants to stop.
constexpr auto kStreamPatience = std::chrono::milliseconds(200);

HttpResponse NotReady(const collect::Snapshot& snapshot) {
  return {.status = 503, .body = "not ready: " + snapshot.not_ready + "\n"};
}

/// Gives every frame of an epoch its number. A connection counts on from the highest number that
/// any connection has had, so that a reader that comes back never sees one twice.
class Sequence {
 public:
  [[nodiscard]] std::uint64_t First() const { return highest_ + 1; }

  void Sent(std::uint64_t number) {
    auto highest = highest_.load();
    while (highest < number && !highest_.compare_exchange_weak(highest, number)) {
    }
  }

 private:
  std::atomic<std::uint64_t> highest_{0};
};

void StreamSignals(const collect::Collector& collector, FrameBuilder builder, Sequence& sequence,
                   exporters::StreamSink& sink) {
  auto snapshot = collector.Latest();
  auto number = sequence.First();
  std::uint64_t seen = 0;
  while (!sink.Stopping()) {
    if (snapshot) {
      seen = snapshot->signal_number;
      if (snapshot->not_ready.empty()) {
        sequence.Sent(number);
        if (!sink.Write(common::signal::Encode(builder.Next(*snapshot, number++)))) {
          return;
        }
      }
    }
    snapshot = collector.WaitForSignals(seen, kStreamPatience);
  }
}

}  // namespace

exporters::Routes MakeRoutes(collect::Collector& collector, const AgentInfo& info,
                             std::uint64_t epoch, const common::Clock& clock) {
  const auto metrics = [&collector, info, &clock](const HttpRequest&) {
    const auto snapshot = collector.ForScrape(kScrapePatience);
    return snapshot->not_ready.empty()
               ? exporters::RenderMetrics(ToFamilies(*snapshot, info, clock.Monotonic()))
               : NotReady(*snapshot);
  };
  const auto healthz = [](const HttpRequest&) { return HttpResponse{.body = "ok\n"}; };
  const auto readyz = [&collector](const HttpRequest&) {
    const auto snapshot = collector.Latest();
    return snapshot->not_ready.empty() ? HttpResponse{.body = "ready\n"} : NotReady(*snapshot);
  };
  const auto sequence = std::make_shared<Sequence>();
  const auto signals = [&collector, sequence, info, epoch](const HttpRequest&,
                                                           exporters::StreamSink& sink) {
    StreamSignals(collector, FrameBuilder(info, epoch), *sequence, sink);
  };
  return {.handlers = {{"/metrics", metrics}, {"/healthz", healthz}, {"/readyz", readyz}},
          .streams = {{"/signals", signals}}};
}

}  // namespace agent::exposition
