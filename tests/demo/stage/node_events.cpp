#include "tests/demo/stage/node_events.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "tests/demo/stage/leftovers.h"

namespace demo {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A replica that is being killed may still take a connection.
constexpr auto kDying = milliseconds(250);

double SecondsBetween(common::MonotonicTime from, common::MonotonicTime to) {
  return std::chrono::duration<double>(to - from).count();
}

/// "shop-04" of the cgroup "shop-04-17.0".
std::string TenantOf(const std::string& replica) { return replica.substr(0, replica.rfind('-')); }

}  // namespace

ReplicasOn ReplicasByCgroup(std::string cgroup) {
  return [cgroup = std::move(cgroup)](
             const std::string& node) -> std::optional<std::vector<std::string>> {
    bool found = false;
    std::set<std::string> replicas;
    for (const auto& parent : FindCgroups(cgroup)) {
      std::error_code error;
      for (fs::directory_iterator entry(parent / node, error), end; !error && entry != end;
           entry.increment(error)) {
        found = true;
        const auto name = entry->path().filename().string();
        if (entry->is_directory() && name.starts_with("shop-")) {
          replicas.insert(name);
        }
      }
    }
    if (!found) {
      return std::nullopt;
    }
    std::vector<std::string> tenants;
    std::ranges::transform(replicas, std::back_inserter(tenants), TenantOf);
    return tenants;
  };
}

NodeEvents::NodeEvents(const Cloud& cloud, ReplicasOn replicas_on,
                       std::function<void(NodeTaken)> tell)
    : cloud_(cloud), replicas_on_(std::move(replicas_on)), tell_(std::move(tell)) {}

void NodeEvents::Begin(common::MonotonicTime now) { began_ = now; }

common::MonotonicTime NodeEvents::NextAt() const {
  constexpr std::array<std::chrono::seconds, 3> kTimes = {kStockOutAt, kUnannouncedAt, kNoticeAt};
  return began_ + kCycle * (steps_ / kTimes.size()) + kTimes[steps_ % kTimes.size()];
}

void NodeEvents::Advance(common::MonotonicTime now) {
  Follow(now);
  if (now < NextAt()) {
    return;
  }
  switch (static_cast<Step>(steps_++ % 3)) {
    case Step::kStockOut:
      if (const auto done = cloud_.StockOut("spot", kStockOutEnds - kStockOutAt); !done) {
        problems_.push_back(done.error().what);
      } else if (stock_outs_.size() < kMostRemembered) {
        const auto began = steady_clock::now();
        stock_outs_.push_back({began, began + (kStockOutEnds - kStockOutAt)});
      }
      break;
    case Step::kUnannounced:
      Take(milliseconds(0));
      break;
    case Step::kNoticed:
      Take(kNotice);
      break;
  }
}

/// The spot node with the most replicas: taking an empty one would show nothing.
std::optional<CloudNode> NodeEvents::ChooseNode() const {
  const auto view = cloud_.List();
  std::optional<CloudNode> chosen;
  std::size_t most = 0;
  for (const auto& node : view ? view->nodes : std::vector<CloudNode>()) {
    const auto replicas = node.spot && node.running ? replicas_on_(node.name) : std::nullopt;
    if (replicas && (!chosen || replicas->size() > most)) {
      chosen = node;
      most = replicas->size();
    }
  }
  return chosen;
}

void NodeEvents::Take(milliseconds notice) {
  const auto node = ChooseNode();
  if (!node || reclaims_.size() == kMostRemembered) {
    problems_.emplace_back("there was no spot node to be taken");
    return;
  }
  const auto tenants = replicas_on_(node->name).value_or(std::vector<std::string>());
  const auto at = steady_clock::now();
  if (const auto done = cloud_.Reclaim(node->name, notice); !done) {
    problems_.push_back(done.error().what);
    return;
  }
  if (notice == milliseconds(0)) {
    tell_({.reclaim = reclaims_.size(),
           .at = at,
           .until = steady_clock::now() + kDying,
           .tenants = {tenants.begin(), tenants.end()}});
  }
  going_.push_back({reclaims_.size(), at});
  reclaims_.push_back({.node = node->name,
                       .zone = node->zone,
                       .began_seconds = SecondsBetween(began_, at),
                       .notice_seconds = std::chrono::duration<double>(notice).count(),
                       .tenants = tenants,
                       .replicas = tenants.size()});
}

void NodeEvents::Follow(common::MonotonicTime now) {
  std::erase_if(going_, [&](const Going& going) {
    auto& reclaim = reclaims_[going.reclaim];
    const auto left = replicas_on_(reclaim.node);
    const bool announced = reclaim.notice_seconds > 0;
    const double seconds = SecondsBetween(going.began, now);
    // What is gone before its time was removed because it was empty.
    const bool empty = left ? left->empty() : seconds < reclaim.notice_seconds;
    if (empty && announced && !reclaim.emptied_seconds) {
      reclaim.emptied_seconds = seconds;
    }
    if (!left) {
      reclaim.gone_seconds = seconds;
    }
    return !left;
  });
}

}  // namespace demo
