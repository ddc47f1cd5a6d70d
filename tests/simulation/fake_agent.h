#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/signal/frame.h"
#include "scaler/signals/transport.h"

namespace simulation {

/// One agent and the network to it, as a transport: tells the arrivals of each tenant twice a
/// second over a stream that may drop, repeat itself, and cut its bytes anywhere.
class FakeAgent final : public scaler::signals::StreamTransport {
 public:
  struct Faults {
    double drop = 0;    ///< Chance that a frame ends the stream.
    double repeat = 0;  ///< Chance that a frame is sent twice.
  };

  FakeAgent(common::Executor& executor, std::uint32_t seed, Faults faults);

  /// From now on the tenant's requests come at `per_second`, evenly.
  void SetRate(const std::string& tenant, double per_second);

  /// From now on each of the tenant's requests takes so long.
  void SetLatency(const std::string& tenant, double seconds) { tenants_[tenant].seconds = seconds; }

  /// No stream can be opened and none lives while the agent is down.
  void SetDown(bool down);

  /// The process is a new one: its counters begin anew in another epoch.
  void Restart();

  [[nodiscard]] int Dials() const { return dials_; }

  [[nodiscard]] std::unique_ptr<scaler::signals::Stream> Open(
      const std::string& address, std::function<void(std::string_view)> on_bytes,
      std::function<void(const common::Error&)> on_end) override;

 private:
  struct Connection {
    std::function<void(std::string_view)> on_bytes;
    std::function<void(const common::Error&)> on_end;
    bool greeted = false;  ///< The full frame has been sent.
  };
  class Handle;
  struct Tenant {
    double per_second = 0;
    double arrived = 0;
    std::optional<double> seconds;  ///< That a request takes; empty: nobody logs it.
    common::signal::LatencyCounts latency{};
    std::uint64_t told = 0;
    bool known = false;  ///< It has been told of.
  };

  void Advance();
  void Beat();
  void SendFrame(bool full);
  void SendBytes(const std::string& bytes);
  void End(const char* why);
  [[nodiscard]] bool Chance(double probability);

  common::Executor& executor_;
  std::mt19937 random_;
  Faults faults_;
  std::map<std::string, Tenant> tenants_;
  std::shared_ptr<Connection> connection_;
  common::MonotonicTime advanced_at_;
  std::unique_ptr<common::Timer> beat_;
  std::unique_ptr<common::Timer> greet_;
  std::uint64_t epoch_ = 1;
  std::uint64_t sequence_ = 0;
  bool down_ = false;
  int dials_ = 0;
};

}  // namespace simulation
