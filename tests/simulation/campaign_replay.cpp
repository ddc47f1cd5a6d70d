#include "simulation/campaign_replay.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scaler/fleet/fleet.h"
#include "simulation/fake_hosts.h"
#include "support/simulated_executor.h"

namespace simulation {
namespace {

using scaler::backtest::spot::Market;
using scaler::engine::Duration;
using scaler::engine::capacity::CapacityPolicy;
using scaler::engine::capacity::CapacityType;
using scaler::platform::NodeNotice;
using scaler::platform::NodeOrder;
using scaler::platform::PlaceOffer;
using scaler::platform::ProvidedNode;
using scaler::platform::ProviderView;
using scaler::platform::Refusal;

constexpr scaler::engine::Time kBegin{std::chrono::seconds(1'600'000'000)};
constexpr const char* kReplica = "replica";

/// How often a provider that refuses is asked for something else within a step, as in the backtest.
constexpr int kMostRounds = 12;

/// A market as a provider of nodes. Of a zone that has fewer, the youngest nodes go first.
class MarketProvider final : public scaler::platform::NodeProvider {
 public:
  MarketProvider(common::Executor& executor, const Market& market, const CapacityPolicy& policy)
      : executor_(executor), market_(market) {
    for (const auto& pool : policy.pools) {
      for (const auto& zone : market.Zones()) {
        PlaceOffer offer;
        offer.pool = pool.name;
        offer.zone = zone.name;
        offer.type = pool.type;
        offer.kind.cpu_cores = 1;
        offer.kind.memory_bytes = 1e9;
        offer.kind.price_per_hour =
            pool.type == CapacityType::kSpot ? market.TheWorld().spot_price : 1.0;
        offers_.push_back(std::move(offer));
      }
    }
  }

  void Advance(Duration at) {
    at_ = at;
    std::erase_if(nodes_, [](const auto& node) { return node.state == State::kGoing; });
    for (std::size_t zone = 0; zone < market_.Zones().size(); ++zone) {
      Lose(zone);
    }
    const auto now = executor_.Monotonic();
    for (auto& node : nodes_) {
      if (node.state == State::kBooting && now - node.ordered_at >= market_.TheWorld().node_start) {
        node.state = State::kRunning;
        node.running_at = now;
      }
    }
    std::erase_if(notices_, [&](const NodeNotice& notice) { return !Has(notice.node); });
    changed_();
  }

  [[nodiscard]] ProviderView List() const override {
    ProviderView view;
    view.nodes = nodes_;
    std::sort(view.nodes.begin(), view.nodes.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    view.offers = offers_;
    return view;
  }

  void Add(const NodeOrder& order, Done done) override {
    for (int made = 0; made < order.nodes; ++made) {
      const auto offer = std::find_if(offers_.begin(), offers_.end(), [&](const auto& each) {
        return each.pool == order.pool && each.zone == order.zone;
      });
      if (offer->type == CapacityType::kSpot && !HasRoom(order.zone)) {
        refused_ = true;
        changed_();
        done(Refusal{Refusal::Why::kStockOut, "none in " + order.zone});
        return;
      }
      ProvidedNode node;
      node.name = order.pool + "-" + std::to_string(made_++);
      node.pool = order.pool;
      node.zone = order.zone;
      node.type = offer->type;
      node.kind = offer->kind;
      node.order = order.token;
      node.ordered_at = executor_.Monotonic();
      nodes_.push_back(std::move(node));
    }
    changed_();
    done(std::nullopt);
  }

  void Remove(const std::string& name, Done done) override {
    std::erase_if(nodes_, [&](const auto& node) { return node.name == name; });
    changed_();
    done(std::nullopt);
  }

  void OnChange(std::function<void()> changed) override { changed_ = std::move(changed); }

  /// Since the last question.
  [[nodiscard]] bool Refused() { return std::exchange(refused_, false); }

  [[nodiscard]] const std::vector<NodeNotice>& Notices() const { return notices_; }

  [[nodiscard]] int Count(CapacityType type) const {
    return static_cast<int>(std::count_if(nodes_.begin(), nodes_.end(), [&](const auto& node) {
      return node.type == type && node.state != State::kGoing;
    }));
  }

 private:
  using State = ProvidedNode::State;

  [[nodiscard]] bool Has(const std::string& name) const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
      return node.name == name && node.state != State::kGoing;
    });
  }

  /// In the order in which they were made.
  [[nodiscard]] std::vector<ProvidedNode*> SpotOf(const std::string& zone) {
    std::vector<ProvidedNode*> there;
    for (auto& node : nodes_) {
      if (node.type == CapacityType::kSpot && node.zone == zone) {
        there.push_back(&node);
      }
    }
    return there;
  }

  void Lose(std::size_t zone) {
    const auto there = SpotOf(market_.Zones()[zone].name);
    const auto have = static_cast<int>(there.size());
    const int stay = std::min(have, market_.At(zone, at_));
    const int last = std::min(have, market_.Lasting(zone, at_));
    for (int i = last; i < have; ++i) {
      auto& node = *there[static_cast<std::size_t>(i)];
      const bool told = std::any_of(notices_.begin(), notices_.end(),
                                    [&](const auto& notice) { return notice.node == node.name; });
      const auto notice = market_.TheWorld().notice;
      if (!told && notice > Duration{}) {
        notices_.push_back(
            {node.name, NodeNotice::Kind::kTermination, executor_.Monotonic() + notice});
      }
      if (i >= stay) {
        node.state = State::kGoing;
      }
    }
  }

  [[nodiscard]] bool HasRoom(const std::string& zone) {
    const auto& zones = market_.Zones();
    const auto at = std::find_if(zones.begin(), zones.end(),
                                 [&](const auto& each) { return each.name == zone; });
    return static_cast<int>(SpotOf(zone).size()) <
           market_.Lasting(static_cast<std::size_t>(at - zones.begin()), at_);
  }

  common::Executor& executor_;
  const Market& market_;
  std::vector<PlaceOffer> offers_;
  std::vector<ProvidedNode> nodes_;  ///< In the order in which they were made.
  std::vector<NodeNotice> notices_;
  std::function<void()> changed_ = [] {};
  Duration at_{};
  int made_ = 0;
  bool refused_ = false;
};

}  // namespace

scaler::backtest::spot::Score ReplayCampaign(const Market& market, const CapacityPolicy& policy) {
  const auto& world = market.TheWorld();
  tests::SimulatedExecutor executor((common::WallTime(kBegin.time_since_epoch())));
  FakeHosts hosts(executor, std::chrono::milliseconds(0), std::chrono::milliseconds(0));
  hosts.AddWorkload(kReplica, 1, world.replicas);
  hosts.OnChange([] {});
  MarketProvider provider(executor, market, policy);
  scaler::fleet::Fleet fleet(executor, hosts, provider);
  fleet.SetNotices([&] { return provider.Notices(); });
  fleet.SetPolicy(std::make_shared<const CapacityPolicy>(policy));
  fleet.Start(std::nullopt, [] {});
  const std::vector<scaler::fleet::Asked> asked = {{{"local", kReplica}, world.replicas, {}}};
  scaler::backtest::spot::Account account(world);
  for (Duration at{}; at < market.Length(); at += world.step) {
    provider.Advance(at);
    executor.RunFor(std::chrono::nanoseconds(0));
    bool refused = true;
    for (int round = 0; round < kMostRounds && refused; ++round) {
      scaler::ledger::Batch batch;
      fleet.Touch();
      // Both clocks go on by a round, or a node would seem to be ordered later than it was.
      fleet.Decide(asked, false,
                   {kBegin + at + Duration(round), executor.Monotonic() + Duration(round)}, "",
                   batch);
      fleet.Act();
      executor.RunFor(std::chrono::nanoseconds(0));
      refused = provider.Refused();
    }
    account.Pass(provider.Count(CapacityType::kSpot), provider.Count(CapacityType::kOnDemand),
                 hosts.AllServe());
    executor.RunFor(world.step);
  }
  return account.Sum();
}

}  // namespace simulation
