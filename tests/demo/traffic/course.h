#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace demo {

/// Time since the traffic began.
using Offset = std::chrono::nanoseconds;

/// From `begin` of each cycle on, `rate` requests a second arrive.
struct Phase {
  Offset begin{};
  double rate = 0;
  bool is_step = false;  ///< The load rises tenfold here: time until it is served counts.
};

enum class Fault { kLeak, kCrash, kHang };

/// A request that makes the replica which it meets fail.
struct Injection {
  Offset at{};
  Fault fault = Fault::kLeak;
};

/// One shop: who visits it, and when. Times are within a cycle.
struct Tenant {
  std::string name;              ///< "shop-01"; also its backend and workload.
  std::string host;              ///< "shop-01.example.test".
  std::vector<Phase> phases{};   ///< Sorted; none means nobody but the visits.
  std::vector<Offset> visits{};  ///< Single requests. Sorted.
  std::optional<Injection> injection{};
};

/// All tenants; repeats after `cycle`.
struct Course {
  Offset cycle{};
  std::vector<Tenant> tenants;
};

/// What the demo shows in a minute: 40 shops, of which 3 are busy, 2 have a tenfold burst, 3 fail
/// (one in each way), and the others sleep but for two visits.
[[nodiscard]] Course DemoCourse();

/// "/fault/leak", "/fault/crash" or "/fault/hang".
[[nodiscard]] std::string FaultPath(Fault fault);

/// One request to send.
struct Arrival {
  enum class Kind { kPage, kFault };

  Offset at{};
  Kind kind = Kind::kPage;
  bool opens_step = false;  ///< The first of a tenfold step.
};

/// The arrivals of one tenant in order: Poisson in each phase, and the visits. Endless, unless
/// the tenant has neither. The same seed gives the same arrivals.
class ArrivalStream {
 public:
  ArrivalStream(const Tenant& tenant, Offset cycle, std::uint64_t seed);

  /// nullopt: nobody ever comes.
  [[nodiscard]] std::optional<Arrival> Next();

 private:
  [[nodiscard]] std::optional<Arrival> NextVisit() const;
  [[nodiscard]] std::optional<Arrival> NextOfPhases();
  [[nodiscard]] std::optional<Arrival> NextInjection() const;
  [[nodiscard]] Offset Gap(double rate);

  Tenant tenant_;
  Offset cycle_;
  std::mt19937_64 random_;
  std::optional<Arrival> phase_arrival_;  ///< Drawn, not yet handed out.
  std::size_t visits_done_ = 0;
  std::size_t injections_done_ = 0;
  std::size_t phase_ = 0;  ///< Counted over all cycles.
  Offset drawn_until_{};
  bool step_pending_ = false;
};

}  // namespace demo
