#include "simulation/fake_agent.h"

#include <algorithm>
#include <utility>

namespace simulation {

using common::signal::Frame;
using common::signal::TenantSignal;

/// Lets the agent know that the reader has gone.
class FakeAgent::Handle final : public scaler::signals::Stream {
 public:
  Handle(FakeAgent& agent, std::shared_ptr<Connection> connection)
      : agent_(agent), connection_(std::move(connection)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() override {
    if (agent_.connection_ == connection_) {
      agent_.connection_.reset();
    }
  }

 private:
  FakeAgent& agent_;
  std::shared_ptr<Connection> connection_;
};

FakeAgent::FakeAgent(common::Executor& executor, std::uint32_t seed, Faults faults)
    : executor_(executor), random_(seed), faults_(faults), advanced_at_(executor.Monotonic()) {
  Beat();
}

void FakeAgent::SetRate(const std::string& tenant, double per_second) {
  Advance();
  tenants_[tenant].per_second = per_second;
}

void FakeAgent::SetDown(bool down) {
  down_ = down;
  if (down) {
    End("the agent is down");
  }
}

void FakeAgent::Restart() {
  End("the agent restarts");
  ++epoch_;
  sequence_ = 0;
  for (auto& [name, tenant] : tenants_) {
    tenant.arrived = 0;
    tenant.told = 0;
    tenant.latency = {};
  }
}

std::unique_ptr<scaler::signals::Stream> FakeAgent::Open(
    const std::string& /*address*/, std::function<void(std::string_view)> on_bytes,
    std::function<void(const common::Error&)> on_end) {
  ++dials_;
  connection_ =
      std::make_shared<Connection>(Connection{std::move(on_bytes), std::move(on_end), false});
  greet_ = executor_.After(std::chrono::milliseconds(1), [this] {
    if (down_) {
      End("connection refused");
    } else if (connection_) {
      Advance();
      connection_->greeted = true;
      SendFrame(true);
    }
  });
  return std::make_unique<Handle>(*this, connection_);
}

void FakeAgent::Advance() {
  const std::chrono::duration<double> elapsed = executor_.Monotonic() - advanced_at_;
  advanced_at_ = executor_.Monotonic();
  for (auto& [name, tenant] : tenants_) {
    tenant.arrived += tenant.per_second * elapsed.count();
  }
}

void FakeAgent::Beat() {
  beat_ = executor_.After(std::chrono::milliseconds(500), [this] { Beat(); });
  Advance();
  if (connection_ && connection_->greeted) {
    if (Chance(faults_.drop)) {
      End("the network broke");
    } else {
      SendFrame(false);
    }
  }
}

void FakeAgent::SendFrame(bool full) {
  Frame frame;
  frame.agent = "node-1";
  frame.epoch = epoch_;
  frame.sequence = ++sequence_;
  frame.full = full;
  frame.sampled_at = executor_.Wall();
  for (auto& [name, tenant] : tenants_) {
    const auto arrived = static_cast<std::uint64_t>(tenant.arrived);
    if (full || !tenant.known || arrived != tenant.told) {
      TenantSignal signal;
      signal.tenant = name;
      signal.arrivals_total = arrived;
      signal.in_flight = 0;
      signal.queued = 0;
      if (tenant.seconds) {
        const auto& bounds = common::signal::kLatencyBoundsSeconds;
        const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), *tenant.seconds);
        tenant.latency[static_cast<std::size_t>(bucket - bounds.begin())] += arrived - tenant.told;
        signal.latency = tenant.latency;
      }
      frame.tenants.push_back(signal);
      tenant.told = arrived;
      tenant.known = true;
    }
  }
  const auto bytes = common::signal::Encode(frame);
  SendBytes(bytes);
  if (Chance(faults_.repeat)) {
    SendBytes(bytes);
  }
}

void FakeAgent::SendBytes(const std::string& bytes) {
  // The reader may go at the first piece; what is left then goes nowhere.
  const auto connection = connection_;
  const auto cut = std::uniform_int_distribution<std::size_t>(0, bytes.size())(random_);
  if (connection && connection == connection_) {
    connection->on_bytes(std::string_view(bytes).substr(0, cut));
  }
  if (connection && connection == connection_) {
    connection->on_bytes(std::string_view(bytes).substr(cut));
  }
}

void FakeAgent::End(const char* why) {
  if (const auto connection = std::exchange(connection_, nullptr)) {
    connection->on_end({std::make_error_code(std::errc::connection_reset), why});
  }
}

bool FakeAgent::Chance(double probability) {
  return std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

}  // namespace simulation
