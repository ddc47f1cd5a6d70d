#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/platform/node_platform.h"
#include "scaler/platform/node_provider.h"

namespace simulation {

/// A cloud that can refuse, delay, forget and take.
class FakeProvider final : public scaler::platform::NodeProvider {
 public:
  using Node = scaler::platform::ProvidedNode;
  using Type = scaler::engine::capacity::CapacityType;

  /// Chances of a single call or answer.
  struct Faults {
    double lost_answer = 0;   ///< The order is taken and its answer says "failed".
    double lost_order = 0;    ///< "failed", and nothing was done.
    double slow_answer = 0;   ///< Up to ten seconds late.
    double forgets_node = 0;  ///< A list lacks a node that is there.
    double never_boots = 0;   ///< A node hangs.
    double makes_fewer = 0;   ///< One node less than was ordered, with a yes.
    double fails_remove = 0;
  };

  FakeProvider(common::Executor& executor, std::uint32_t seed, std::chrono::milliseconds boot)
      : executor_(executor), random_(seed), boot_(boot) {}

  /// Places in zones a, b and c for a pool of that name.
  void AddPool(const std::string& pool, Type type, double cores, double price);

  [[nodiscard]] scaler::platform::ProviderView List() const override;
  void Add(const scaler::platform::NodeOrder& order, Done done) override;
  void Remove(const std::string& node, Done done) override;
  void OnChange(std::function<void()> changed) override { changed_ = std::move(changed); }

  /// Takes the node now, as a cloud does that has given no notice, or whose notice is over.
  void Take(const std::string& node);

  [[nodiscard]] const std::map<std::string, Node>& Nodes() const { return nodes_; }
  [[nodiscard]] int Count(const std::string& pool, const std::string& zone = {}) const;
  [[nodiscard]] const std::set<std::string>& RemovedByUs() const { return removed_; }

  Faults faults;
  std::set<std::string> out_of_stock;  ///< "pool/zone".
  std::map<std::string, int> most;     ///< By "pool/zone": nodes that can be had.
  bool answers_at_once = true;         ///< Within the call.
  /// Called before each call is looked at; the simulation cuts here.
  std::function<void(const std::string& what)> on_call = [](const std::string&) {};
  /// Called with every node that is removed because we asked for it, while it is there.
  std::function<void(const Node&)> on_remove = [](const Node&) {};
  /// When somebody was first told of a stock-out; may be reset.
  std::optional<common::MonotonicTime> first_refusal;

 private:
  [[nodiscard]] bool Happens(double chance) const {
    return chance > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < chance;
  }
  void Answer(const Done& done, std::optional<scaler::platform::Refusal> refusal);
  void MakeOne(const scaler::platform::NodeOrder& order, const scaler::platform::PlaceOffer& offer);
  void Changed();

  common::Executor& executor_;
  mutable std::mt19937 random_;
  std::chrono::milliseconds boot_;
  std::vector<scaler::platform::PlaceOffer> offers_;
  std::map<std::string, Node> nodes_;
  std::map<std::string, int> tokens_;  ///< Orders that were taken.
  std::set<std::string> removed_;
  std::vector<std::unique_ptr<common::Timer>> timers_;
  std::function<void()> changed_ = [] {};
  int made_ = 0;
};

}  // namespace simulation
