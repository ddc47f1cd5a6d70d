#include "simulation/fake_provider.h"

#include <algorithm>
#include <utility>

namespace simulation {

using scaler::platform::NodeOrder;
using scaler::platform::PlaceOffer;
using scaler::platform::ProviderView;
using scaler::platform::Refusal;

void FakeProvider::AddPool(const std::string& pool, Type type, double cores, double price) {
  for (const auto* zone : {"a", "b", "c"}) {
    PlaceOffer offer;
    offer.pool = pool;
    offer.zone = zone;
    offer.type = type;
    offer.kind.cpu_cores = cores;
    offer.kind.memory_bytes = 1e10;
    offer.kind.price_per_hour = price;
    offers_.push_back(std::move(offer));
  }
}

ProviderView FakeProvider::List() const {
  ProviderView view;
  for (const auto& [name, node] : nodes_) {
    if (!Happens(faults.forgets_node)) {
      view.nodes.push_back(node);
    }
  }
  view.offers = offers_;
  view.seen_at = executor_.Monotonic();
  return view;
}

void FakeProvider::Answer(const Done& done, std::optional<Refusal> refusal) {
  const auto tell = [this, done](const std::optional<Refusal>& what) {
    if (what && what->why == Refusal::Why::kStockOut && !first_refusal) {
      first_refusal = executor_.Monotonic();
    }
    done(what);
  };
  if (answers_at_once && !Happens(faults.slow_answer)) {
    tell(refusal);
    return;
  }
  const int longest = Happens(faults.slow_answer) ? 10'000 : 200;
  const std::chrono::milliseconds delay(std::uniform_int_distribution<int>(1, longest)(random_));
  timers_.push_back(
      executor_.After(delay, [tell, refusal = std::move(refusal)] { tell(refusal); }));
}

void FakeProvider::Add(const NodeOrder& order, Done done) {
  on_call("add");
  const auto offer = std::find_if(offers_.begin(), offers_.end(), [&](const auto& each) {
    return each.pool == order.pool && each.zone == order.zone;
  });
  const auto place = order.pool + "/" + order.zone;
  if (offer == offers_.end() || Happens(faults.lost_order)) {
    Answer(done, Refusal{Refusal::Why::kFailed, "the request was lost"});
    return;
  }
  if (!tokens_.contains(order.token)) {
    const auto limit = most.find(place);
    if (out_of_stock.contains(place) ||
        (limit != most.end() && Count(order.pool, order.zone) + order.nodes > limit->second)) {
      Answer(done, Refusal{Refusal::Why::kStockOut, "no capacity in " + place});
      return;
    }
    const int nodes = order.nodes - (Happens(faults.makes_fewer) ? 1 : 0);
    tokens_.emplace(order.token, nodes);
    for (int i = 0; i < nodes; ++i) {
      MakeOne(order, *offer);
    }
    Changed();
    on_call("add, done");
  }
  Answer(done, Happens(faults.lost_answer)
                   ? std::optional(Refusal{Refusal::Why::kFailed, "the answer was lost"})
                   : std::nullopt);
}

void FakeProvider::MakeOne(const NodeOrder& order, const PlaceOffer& offer) {
  Node node;
  node.name = order.pool + "-" + order.zone + "-" + std::to_string(made_++);
  node.pool = order.pool;
  node.zone = order.zone;
  node.type = offer.type;
  node.kind = offer.kind;
  node.order = order.token;
  node.ordered_at = executor_.Monotonic();
  const auto name = node.name;
  nodes_.emplace(name, std::move(node));
  if (!Happens(faults.never_boots)) {
    timers_.push_back(executor_.After(boot_, [this, name] {
      const auto at = nodes_.find(name);
      if (at != nodes_.end() && at->second.state == Node::State::kBooting) {
        at->second.state = Node::State::kRunning;
        at->second.running_at = executor_.Monotonic();
        changed_();
      }
    }));
  }
}

void FakeProvider::Remove(const std::string& node, Done done) {
  on_call("remove");
  if (Happens(faults.fails_remove)) {
    Answer(done, Refusal{Refusal::Why::kFailed, "not now"});
    return;
  }
  if (const auto at = nodes_.find(node); at != nodes_.end()) {
    on_remove(at->second);
  }
  removed_.insert(node);
  nodes_.erase(node);
  Changed();
  on_call("remove, done");
  Answer(done, std::nullopt);
}

void FakeProvider::Take(const std::string& node) {
  nodes_.at(node).state = Node::State::kGoing;
  changed_();
  timers_.push_back(executor_.After(std::chrono::seconds(5), [this, node] {
    nodes_.erase(node);
    changed_();
  }));
}

int FakeProvider::Count(const std::string& pool, const std::string& zone) const {
  return static_cast<int>(std::count_if(nodes_.begin(), nodes_.end(), [&](const auto& each) {
    return each.second.pool == pool && (zone.empty() || each.second.zone == zone);
  }));
}

void FakeProvider::Changed() {
  executor_.Post([this] { changed_(); });
}

}  // namespace simulation
