#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/signal/frame.h"

namespace scaler::signals {

/// That a node will go, or may.
struct NoticeView {
  enum class Kind {
    kSpot,         ///< It is taken back.
    kRebalance,    ///< It may be soon.
    kMaintenance,  ///< It stops for maintenance, or is retired.
  };

  Kind kind = Kind::kSpot;
  /// When it goes; of a rebalance, when that was advised. By our own clock, and the same for as
  /// long as the notice is: the agent told how long there was left.
  common::MonotonicTime at;
  common::WallTime at_wall;  ///< The same by the agent's clock, for people.

  friend bool operator==(const NoticeView&, const NoticeView&) = default;
};

/// The node that an agent is on, as it told last.
struct NodeView {
  std::string name;
  std::string zone;
  std::string pool;
  std::vector<NoticeView> notices;

  friend bool operator==(const NodeView&, const NodeView&) = default;
};

/// A notice of some node.
struct NodeNotice {
  std::string node;
  std::string zone;
  std::string pool;
  NoticeView notice;

  friend bool operator==(const NodeNotice&, const NodeNotice&) = default;
};

/// The node after a frame that came at `now`; `before` is what was known. Pure.
[[nodiscard]] NodeView Fold(const std::optional<NodeView>& before,
                            const common::signal::NodeSignal& told, common::MonotonicTime now);

}  // namespace scaler::signals
