#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/signal/frame.h"
#include "exporters/server.h"

namespace cluster {

/// Speaks to scalers as an agent does, over HTTP on loopback, and says of tenants what a test
/// wants: a step in demand without a proxy and its visitors. Any number of scalers may listen. Safe
/// from any thread.
class SignalSource {
 public:
  /// On a free port of loopback, or as it is given. Throws std::runtime_error where it cannot
  /// listen.
  explicit SignalSource(const exporters::ListenAddress& address = {"127.0.0.1", 0},
                        const exporters::ServerSecurity& security = {});
  ~SignalSource();
  SignalSource(const SignalSource&) = delete;
  SignalSource& operator=(const SignalSource&) = delete;

  /// "127.0.0.1:12345", for the scaler's list of agents.
  [[nodiscard]] std::string Address() const;

  /// From now on so many requests of the tenant are being served; told at once.
  void SetInFlight(const std::string& tenant, std::uint64_t requests);

  /// From now on so many requests arrive in a second, too. Those who set none have none.
  void SetArrivals(const std::string& tenant, std::uint64_t per_second);

 private:
  struct Tenant {
    std::uint64_t in_flight = 0;
    std::uint64_t arrived = 0;  ///< Before `since`.
    std::uint64_t per_second = 0;
    std::chrono::steady_clock::time_point since;
    std::uint64_t changed = 0;  ///< The number of the last change.
  };

  [[nodiscard]] static std::uint64_t ArrivedBy(const Tenant& tenant,
                                               std::chrono::steady_clock::time_point now);
  void Serve(exporters::StreamSink& sink);
  /// Of what changed after the change of that number; the caller holds the lock.
  [[nodiscard]] common::signal::Frame MakeFrame(bool full, std::uint64_t told,
                                                std::uint64_t sequence) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t changes_ = 0;
  bool closing_ = false;
  std::map<std::string, Tenant> tenants_;
  std::uint64_t epoch_ = 1;
  std::atomic<std::uint64_t> sequence_ = 0;
  std::unique_ptr<exporters::Server> server_;
};

}  // namespace cluster
