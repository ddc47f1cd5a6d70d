#include "tests/cluster/support/signal_source.h"

#include <chrono>
#include <stdexcept>

namespace cluster {
namespace {

using common::signal::Frame;

/// As agents do where nothing changes.
constexpr auto kBeat = std::chrono::milliseconds(500);

}  // namespace

SignalSource::SignalSource() {
  exporters::Routes routes;
  routes.streams.emplace_back("/signals", [this](const exporters::HttpRequest&,
                                                 exporters::StreamSink& sink) { Serve(sink); });
  auto started = exporters::Server::Start({"127.0.0.1", 0}, std::move(routes));
  if (!started) {
    throw std::runtime_error(started.error().what);
  }
  server_ = std::move(*started);
}

SignalSource::~SignalSource() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  server_.reset();
}

std::string SignalSource::Address() const { return "127.0.0.1:" + std::to_string(server_->Port()); }

void SignalSource::SetInFlight(const std::string& tenant, std::uint64_t requests) {
  {
    const std::lock_guard lock(mutex_);
    in_flight_[tenant] = requests;
    ++changes_;
  }
  changed_.notify_all();
}

void SignalSource::Serve(exporters::StreamSink& sink) {
  bool full = true;
  std::uint64_t told = 0;
  std::uint64_t number = ++sequence_;
  std::unique_lock lock(mutex_);
  while (!closing_ && !sink.Stopping()) {
    told = changes_;
    const auto bytes = common::signal::Encode(MakeFrame(full, number));
    full = false;
    lock.unlock();
    if (!sink.Write(bytes)) {
      return;
    }
    // Of one connection the numbers follow each other; another begins above all of them.
    ++number;
    for (auto highest = sequence_.load();
         highest < number && !sequence_.compare_exchange_weak(highest, number);) {
    }
    lock.lock();
    changed_.wait_for(lock, kBeat, [&] { return closing_ || changes_ != told; });
  }
}

Frame SignalSource::MakeFrame(bool full, std::uint64_t sequence) const {
  Frame frame;
  frame.agent = "source";
  frame.epoch = epoch_;
  frame.sequence = sequence;
  frame.full = full;
  frame.sampled_at =
      std::chrono::time_point_cast<common::WallTime::duration>(std::chrono::system_clock::now());
  for (const auto& [tenant, requests] : in_flight_) {
    common::signal::TenantSignal signal;
    signal.tenant = tenant;
    signal.arrivals_total = 0;
    signal.in_flight = requests;
    signal.queued = 0;
    frame.tenants.push_back(std::move(signal));
  }
  return frame;
}

}  // namespace cluster
