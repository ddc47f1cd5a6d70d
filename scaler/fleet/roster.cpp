#include "scaler/fleet/roster.h"

#include <algorithm>
#include <utility>

namespace scaler::fleet {

platform::ProviderView Roster::Take(platform::ProviderView view, common::MonotonicTime now,
                                    const std::function<bool(const std::string&)>& expected) {
  for (const auto& node : view.nodes) {
    entries_.insert_or_assign(node.name, Entry{node, now});
  }
  waits_ = false;
  const bool sure = view.problem.empty();
  for (auto at = entries_.begin(); at != entries_.end();) {
    auto& entry = at->second;
    if (entry.seen == now) {
      ++at;
      continue;
    }
    const bool going = entry.node.state == platform::ProvidedNode::State::kGoing;
    if (sure && (going || expected(at->first) || now - entry.seen >= kMissingFor)) {
      at = entries_.erase(at);
      continue;
    }
    waits_ = true;
    view.nodes.push_back(entry.node);
    ++at;
  }
  std::sort(view.nodes.begin(), view.nodes.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  view.nodes.erase(
      std::unique(view.nodes.begin(), view.nodes.end(),
                  [](const auto& left, const auto& right) { return left.name == right.name; }),
      view.nodes.end());
  return view;
}

}  // namespace scaler::fleet
