#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/policy.h"

namespace scaler::platform {

/// A node as the one who makes it has it.
struct ProvidedNode {
  enum class State {
    kBooting,  ///< Asked for; it runs nothing yet.
    kRunning,  ///< It may join and run replicas.
    kGoing,    ///< Being removed or taken; what was on it is gone or about to be.
  };

  std::string name;  ///< Never given twice.
  std::string pool;
  std::string zone;
  engine::capacity::CapacityType type = engine::capacity::CapacityType::kOnDemand;
  engine::capacity::NodeKind kind;
  State state = State::kBooting;
  std::string order;  ///< The token of the order that it was made for; empty: not ours.
  common::MonotonicTime ordered_at;
  std::optional<common::MonotonicTime> running_at;  ///< Empty: it has not run yet.
  std::string agent;  ///< Where its agent listens, "127.0.0.1:20311"; empty: nowhere known.
};

/// What the provider makes in one zone for one pool.
struct PlaceOffer {
  std::string pool;
  std::string zone;
  engine::capacity::CapacityType type = engine::capacity::CapacityType::kOnDemand;
  engine::capacity::NodeKind kind;
};

/// Nodes wanted. The token makes it safe to ask again after an answer was lost: a provider makes
/// the nodes of one token once.
struct NodeOrder {
  std::string token;
  std::string pool;
  std::string zone;
  int nodes = 1;
};

/// Why a provider does not do what it was asked.
struct Refusal {
  enum class Why {
    kStockOut,  ///< It has none there now.
    kQuota,     ///< It may not give us more.
    kFailed,    ///< Anything else; whether something was done is not known.
  };

  Why why = Why::kFailed;
  std::string what;  ///< For people.
};

/// Everything that the provider says at one instant.
struct ProviderView {
  std::vector<ProvidedNode> nodes;  ///< By name.
  std::vector<PlaceOffer> offers;   ///< By pool, then zone.
  /// Why the view may be out of date, in a sentence; empty: it is of now.
  std::string problem;
  common::MonotonicTime seen_at;  ///< When the provider last answered.
};

/// Who makes and removes nodes: a cloud, the emulated one of this machine, a simulation.
///
/// Its word on what exists may come late, and its answers may get lost: who uses it goes by what it
/// sees, never by what it asked for. Belongs to the loop's thread; every call returns at once.
class NodeProvider {
 public:
  using Done = std::function<void(std::optional<Refusal>)>;

  NodeProvider() = default;
  NodeProvider(const NodeProvider&) = delete;
  NodeProvider& operator=(const NodeProvider&) = delete;
  virtual ~NodeProvider() = default;

  [[nodiscard]] virtual ProviderView List() const = 0;

  /// Asks for nodes. `done` says whether the order was taken (not that the nodes are there) and
  /// runs once, on the loop's thread, possibly before Add returns.
  virtual void Add(const NodeOrder& order, Done done) = 0;

  /// Removes the node of that name and no other; one that is gone is removed already.
  virtual void Remove(const std::string& node, Done done) = 0;

  /// `changed` is called when List would say something new. One listener.
  virtual void OnChange(std::function<void()> changed) = 0;
};

}  // namespace scaler::platform
