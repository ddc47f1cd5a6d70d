#pragma once

#include <chrono>
#include <string>

#include "scaler/local/cloud/cloud.h"

namespace scaler::local::cloud {

/// A pool of each kind, and a clock that a test moves.
struct SmallCloud {
  static Spec MakeSpec() {
    Spec spec;
    spec.ports = {30'000, 30'099};
    PoolSpec spot;
    spot.name = "spot";
    spot.type = CapacityType::kSpot;
    spot.zones = {"a", "b"};
    spot.kind.cpu_cores = 2;
    spot.kind.memory_bytes = 1e9;
    spot.kind.price_per_hour = 0.36;
    spot.boot_time = std::chrono::seconds(20);
    spot.quota = 4;
    PoolSpec dedicated = spot;
    dedicated.name = "dedicated";
    dedicated.type = CapacityType::kOnDemand;
    dedicated.kind.price_per_hour = 3.6;
    spec.pools = {dedicated, spot};
    return spec;
  }

  /// Orders nodes under a new token.
  std::optional<platform::Refusal> Order(const std::string& pool, const std::string& zone,
                                         int nodes = 1) {
    return cloud.Add({"token-" + std::to_string(++orders), pool, zone, nodes}, now);
  }

  void Pass(std::chrono::milliseconds time) {
    now.monotonic += time;
    now.wall += time;
    cloud.Advance(now);
  }

  /// Makes a node that runs.
  std::string Running(const std::string& pool, const std::string& zone) {
    (void)Order(pool, zone);
    const auto name = cloud.Latest().nodes.back().name;
    Pass(std::chrono::seconds(20));
    return name;
  }

  [[nodiscard]] common::Result<void> Do(const Mischief& mischief) {
    return cloud.Do(mischief, now);
  }

  [[nodiscard]] const Node& Last() const { return cloud.Latest().nodes.back(); }

  const Spec spec = MakeSpec();
  Cloud cloud{spec, State{}};
  Now now{common::MonotonicTime(std::chrono::seconds(1000)),
          common::WallTime(std::chrono::milliseconds(1'700'000'000'000))};
  int orders = 0;
};

}  // namespace scaler::local::cloud
