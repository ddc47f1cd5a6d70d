#include "tests/cluster/support/signal_source.h"

#include <chrono>
#include <stdexcept>

namespace cluster {
namespace {

using common::signal::Frame;

/// As agents do where nothing changes.
constexpr auto kBeat = std::chrono::milliseconds(500);

}  // namespace

SignalSource::SignalSource(const exporters::ListenAddress& address,
                           const exporters::ServerSecurity& security) {
  exporters::Routes routes;
  routes.streams.emplace_back("/signals", [this](const exporters::HttpRequest&,
                                                 exporters::StreamSink& sink) { Serve(sink); });
  auto started = exporters::Server::Start(address, std::move(routes), security);
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
    auto& one = tenants_[tenant];
    one.in_flight = requests;
    one.changed = ++changes_;
  }
  changed_.notify_all();
}

void SignalSource::SetArrivals(const std::string& tenant, std::uint64_t per_second) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    auto& one = tenants_[tenant];
    one.arrived = ArrivedBy(one, now);
    one.per_second = per_second;
    one.since = now;
    one.changed = ++changes_;
  }
  changed_.notify_all();
}

std::uint64_t SignalSource::ArrivedBy(const Tenant& tenant,
                                      std::chrono::steady_clock::time_point now) {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - tenant.since);
  return tenant.arrived +
         (tenant.per_second == 0
              ? 0
              : tenant.per_second * static_cast<std::uint64_t>(passed.count()) / 1000);
}

void SignalSource::Serve(exporters::StreamSink& sink) {
  bool full = true;
  std::uint64_t told = 0;
  std::uint64_t number = ++sequence_;
  std::unique_lock lock(mutex_);
  while (!closing_ && !sink.Stopping()) {
    const auto bytes = common::signal::Encode(MakeFrame(full, told, number));
    told = changes_;
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

Frame SignalSource::MakeFrame(bool full, std::uint64_t told, std::uint64_t sequence) const {
  Frame frame;
  frame.agent = "source";
  frame.epoch = epoch_;
  frame.sequence = sequence;
  frame.full = full;
  frame.sampled_at =
      std::chrono::time_point_cast<common::WallTime::duration>(std::chrono::system_clock::now());
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [name, tenant] : tenants_) {
    if (!full && tenant.changed <= told && tenant.per_second == 0) {
      continue;
    }
    common::signal::TenantSignal signal;
    signal.tenant = name;
    signal.arrivals_total = ArrivedBy(tenant, now);
    signal.in_flight = tenant.in_flight;
    signal.queued = 0;
    frame.tenants.push_back(std::move(signal));
  }
  return frame;
}

}  // namespace cluster
