#include "scaler/signals/node_view.h"

#include <algorithm>
#include <chrono>

namespace scaler::signals {
namespace {

using common::signal::NoticeSignal;

/// No clock can hold the sum of all that a peer may say.
constexpr std::int64_t kMostMs =
    std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::hours(24 * 365)).count();

std::optional<NoticeView::Kind> KindOf(const std::string& word) {
  if (word == "spot") {
    return NoticeView::Kind::kSpot;
  }
  if (word == "rebalance") {
    return NoticeView::Kind::kRebalance;
  }
  if (word == "maintenance") {
    return NoticeView::Kind::kMaintenance;
  }
  return std::nullopt;
}

common::MonotonicTime TimeOf(const std::optional<NodeView>& before, NoticeView::Kind kind,
                             const NoticeSignal& told, common::MonotonicTime now) {
  if (before) {
    for (const auto& known : before->notices) {
      if (known.kind == kind && known.at_wall == told.at) {
        return known.at;
      }
    }
  }
  return now + std::chrono::milliseconds(std::clamp(told.left_ms, -kMostMs, kMostMs));
}

}  // namespace

NodeView Fold(const std::optional<NodeView>& before, const common::signal::NodeSignal& told,
              common::MonotonicTime now) {
  NodeView node{told.name, told.zone, told.pool, {}};
  for (const auto& notice : told.notices) {
    if (const auto kind = KindOf(notice.kind)) {
      node.notices.push_back({*kind, TimeOf(before, *kind, notice, now), notice.at});
    }
  }
  return node;
}

}  // namespace scaler::signals
