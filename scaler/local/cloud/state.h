#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/local/cloud/spec.h"

namespace scaler::local::cloud {

/// One instant on both clocks.
struct Now {
  common::MonotonicTime monotonic;
  common::WallTime wall;
};

/// When a node will be taken.
struct Notice {
  common::MonotonicTime at;
  common::WallTime at_wall;  ///< The same for people and for metadata services.
};

struct Node {
  std::string name;
  std::string pool;
  std::string zone;
  CapacityType type = CapacityType::kOnDemand;
  NodeKind kind;
  std::string instance_type;
  Protocol metadata = Protocol::kNone;
  std::string order;
  int slot = 0;  ///< Which of the ports are its; no two nodes have the same at a time.
  common::MonotonicTime ordered_at;
  common::MonotonicTime boots_until;
  bool stillborn = false;  ///< Its boot will come to nothing.
  std::optional<common::MonotonicTime> running_at;
  bool going = false;
  std::optional<Notice> reclaim;
  std::optional<Notice> maintenance;
  std::optional<common::WallTime> rebalance;  ///< When it was recommended.
  int notices = 0;  ///< Given and withdrawn so far; Azure's DocumentIncarnation.
};

/// Something that an operator has made go wrong for a time.
struct Trouble {
  enum class Kind {
    kStockOut,        ///< Orders are refused.
    kLaunchFailures,  ///< `share` of the boots come to nothing.
    kSlowBoots,       ///< Boots take `by` longer.
    kSlowAnswers,     ///< The API answers `by` later.
    kStaleList,       ///< The API lists what was when the trouble began.
  };

  Kind kind = Kind::kStockOut;
  std::string pool;  ///< Empty: every pool.
  std::string zone;  ///< Empty: every zone.
  common::MonotonicTime until;
  double share = 1;
  std::chrono::milliseconds by{0};
};

/// What an operator's quota for a pool replaces.
struct Quota {
  std::string pool;
  int nodes = 0;
};

/// What the nodes of a pool have cost since the first start, from when each ran to its end.
struct Account {
  std::string pool;
  double node_seconds = 0;
  double cost = 0;
};

/// An order that was taken. Its token makes no more nodes.
struct TakenOrder {
  std::string token;
  int nodes = 0;
};

/// Everything that survives the end of the program.
struct State {
  static constexpr int kVersion = 1;

  int version = kVersion;
  std::string boot_id;             ///< Of the machine: its nodes do not outlive its boot.
  std::int64_t revision = 1;       ///< Grows with each change that a list shows.
  std::int64_t launches = 0;       ///< Names and random numbers are made of it.
  std::vector<Node> nodes;         ///< By age.
  std::vector<TakenOrder> orders;  ///< By age, the latest few thousand.
  std::vector<Trouble> troubles;
  std::vector<Quota> quotas;
  std::vector<Account> accounts;  ///< Of nodes that are gone.
};

[[nodiscard]] std::string Encode(const State& state);

/// bad_message where the text is no state; not_supported where another version wrote it.
[[nodiscard]] common::Result<State> DecodeState(const std::string& text);

}  // namespace scaler::local::cloud
