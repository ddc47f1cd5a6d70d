#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>

#include "common/clock.h"
#include "tests/demo/traffic/course.h"

namespace demo {

using common::MonotonicTime;

/// How a request ended, as the visitor sees it.
enum class Fate {
  kAnswered,  ///< 2xx.
  kWaking,    ///< 503 with X-Trimtab: waking, the page that refreshes itself.
  kStatus,    ///< Any other status.
  kRefused,   ///< No connection.
  kReset,     ///< The connection broke before the answer was whole.
  kTimedOut,
  kNotSent,  ///< The generator had no connection left: its own failure.
};

[[nodiscard]] std::string FateName(Fate fate);

/// Tenants are indices into Course::tenants.
struct Outcome {
  std::size_t tenant = 0;
  MonotonicTime sent;
  MonotonicTime ended;
  Fate fate = Fate::kAnswered;
  int status = 0;
  std::string replica;  ///< X-Replica, if it said so.
};

/// The first request of a tenfold step went out.
struct StepBegan {
  std::size_t tenant = 0;
  MonotonicTime at;
};

struct FaultInjected {
  std::size_t tenant = 0;
  MonotonicTime at;
  Fault fault = Fault::kLeak;
};

/// The replica that had failed runs again and all replicas that are wanted are ready.
struct Recovered {
  std::size_t tenant = 0;
  MonotonicTime at;
};

/// The scaler committed a new number of replicas to its ledger.
struct Scaled {
  std::size_t tenant = 0;
  MonotonicTime at;
  int from = 0;
  int to = 0;
};

/// A part of the platform itself was hurt on purpose.
struct PartHurt {
  std::size_t fault = 0;  ///< Counted from 0, in the order of the plan.
  MonotonicTime at;
  bool is_ingress = false;  ///< Every request goes through it: visitors will notice.
};

/// It works as before.
struct PartBack {
  std::size_t fault = 0;
  MonotonicTime at;
};

/// The provider took a node without a word, and with it what ran there.
struct NodeTaken {
  std::size_t reclaim = 0;  ///< Counted from 0.
  MonotonicTime at;
  MonotonicTime until;            ///< By then all on it was dead.
  std::set<std::string> tenants;  ///< Those that had replicas there.
};

using Event = std::variant<Outcome, StepBegan, FaultInjected, Recovered, Scaled, PartHurt, PartBack,
                           NodeTaken>;

/// When it happened (an outcome: when it ended).
[[nodiscard]] MonotonicTime TimeOf(const Event& event);

}  // namespace demo
