#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "tests/demo/stage/cloud.h"
#include "tests/demo/traffic/events.h"

namespace demo {

/// A node that the provider took in mid-run.
struct Reclaim {
  std::string node;
  std::string zone;
  double began_seconds = 0;                 ///< Since the traffic began.
  double notice_seconds = 0;                ///< 0: unannounced.
  std::vector<std::string> tenants{};       ///< Whose replicas were on it, by the kernel's cgroups.
  std::size_t replicas = 0;                 ///< As many were on it.
  std::optional<double> emptied_seconds{};  ///< Until none was; nothing: it went with some.
  std::optional<double> gone_seconds{};     ///< Until the cgroup was gone.
};

/// Spot is not to be had for a while.
struct StockOut {
  common::MonotonicTime began;
  common::MonotonicTime ended;
};

/// The tenants whose replicas run on a node, once for each replica; nothing: there is no such node.
using ReplicasOn = std::function<std::optional<std::vector<std::string>>(const std::string& node)>;

/// What the cgroups below `cgroup` say.
[[nodiscard]] ReplicasOn ReplicasByCgroup(std::string cgroup);

/// Lets the provider do in each minute of the traffic what providers do: be out of stock, take a
/// node without a word while it is, and another one with notice.
class NodeEvents {
 public:
  static constexpr auto kCycle = std::chrono::seconds(60);
  /// While more and more shops wake and a burst comes, so that nodes are wanted; see DemoCourse.
  static constexpr auto kStockOutAt = std::chrono::seconds(6);
  static constexpr auto kUnannouncedAt = std::chrono::seconds(16);
  static constexpr auto kStockOutEnds = std::chrono::seconds(24);
  static constexpr auto kNoticeAt = std::chrono::seconds(44);
  static constexpr auto kNotice = std::chrono::seconds(8);
  static constexpr std::size_t kMostRemembered = 1000;

  /// `tell` gets what visitors may notice.
  NodeEvents(const Cloud& cloud, ReplicasOn replicas_on, std::function<void(NodeTaken)> tell);

  /// The traffic begins.
  void Begin(common::MonotonicTime now);

  /// Does what is due and looks at the nodes that are going. Call it often.
  void Advance(common::MonotonicTime now);

  [[nodiscard]] const std::vector<Reclaim>& Reclaims() const { return reclaims_; }
  [[nodiscard]] const std::vector<StockOut>& StockOuts() const { return stock_outs_; }
  /// Why something could not be done; empty: all was.
  [[nodiscard]] const std::vector<std::string>& Problems() const { return problems_; }

 private:
  enum class Step { kStockOut, kUnannounced, kNoticed };
  struct Going {
    std::size_t reclaim;
    common::MonotonicTime began;
  };

  [[nodiscard]] common::MonotonicTime NextAt() const;
  void Take(std::chrono::milliseconds notice);
  [[nodiscard]] std::optional<CloudNode> ChooseNode() const;
  void Follow(common::MonotonicTime now);

  const Cloud& cloud_;
  ReplicasOn replicas_on_;
  std::function<void(NodeTaken)> tell_;
  common::MonotonicTime began_{};
  std::size_t steps_ = 0;  ///< Done so far; three a cycle.
  std::vector<Reclaim> reclaims_;
  std::vector<StockOut> stock_outs_;
  std::vector<Going> going_;
  std::vector<std::string> problems_;
};

}  // namespace demo
